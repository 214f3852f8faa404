"""The decorators of the app's own views."""

from __future__ import annotations

import secrets
import sys
from typing import TYPE_CHECKING, Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpResponse
from django.test import RequestFactory
from django.views.debug import ExceptionReporter

from django_ory.http.views import PageView, PrivateView
from django_ory.selfservice.views.flows import FlowView

if TYPE_CHECKING:
    from django.http import HttpRequest

SECRET = secrets.token_hex(16)  # not in the lines of this file, which are in the report


class BrokenPrivateView(PrivateView):
    def post(self, request: HttpRequest) -> HttpResponse:
        password = request.POST["password"]
        raise ImproperlyConfigured(f"a password of {len(password)} characters")


class BrokenPageView(BrokenPrivateView, PageView):
    pass


class BrokenFlowView(BrokenPrivateView, FlowView):
    pass


@pytest.mark.parametrize("view_class", [BrokenPrivateView, BrokenPageView, BrokenFlowView])
def test_report_of_an_error_shows_no_parameters_and_no_variables(view_class: Any, settings: Any) -> None:
    settings.DEBUG = False
    request = RequestFactory().post("/", {"password": SECRET})
    request._dont_enforce_csrf_checks = True  # type: ignore[attr-defined]
    try:
        view_class.as_view()(request)
    except ImproperlyConfigured:
        report = ExceptionReporter(request, *sys.exc_info())
    html, text = report.get_traceback_html(), report.get_traceback_text()
    assert "a password of 32 characters" in text
    [frame] = [each for each in report.get_traceback_frames() if each["function"] == "post"]
    assert dict(frame["vars"])["password"] == report.filter.cleansed_substitute
    assert SECRET not in html
    assert SECRET not in text


@pytest.mark.parametrize("view_class", [BrokenPrivateView, BrokenPageView, BrokenFlowView])
def test_view_is_open_to_anonymous_users(view_class: Any) -> None:
    assert view_class.as_view().login_required is False


@pytest.mark.parametrize(
    ("view_class", "is_exempt"),
    [(BrokenPrivateView, False), (BrokenPageView, False), (BrokenFlowView, True)],
)
def test_only_flows_are_exempt_from_the_csrf_middleware(view_class: Any, is_exempt: bool) -> None:
    assert getattr(view_class.as_view(), "csrf_exempt", False) is is_exempt


def test_page_view_checks_the_token_without_the_middleware() -> None:
    request = RequestFactory(enforce_csrf_checks=True).post("/", {"password": SECRET})
    assert BrokenPageView.as_view()(request).status_code == 403
