"""htmx: a denied control redirects to the sign-in page, and then back to the page with the control."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.decorators import login_not_required, login_required
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path

from django_ory.decorators import ory_session_required
from django_ory.testing import FakeOry

PAGE = "http://testserver/shop/?page=2"

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


# Exempt from LoginRequiredMiddleware, which redirects to the sign-in page before a decorator runs.
@login_not_required
@ory_session_required
def ours(request: HttpRequest) -> HttpResponse:
    return HttpResponse("fragment")


@login_not_required
@ory_session_required(aal="aal2")
def two_factors(request: HttpRequest) -> HttpResponse:
    return HttpResponse("fragment")


@login_required
def djangos(request: HttpRequest) -> HttpResponse:
    return HttpResponse("fragment")


urlpatterns = [
    path("auth/", include("django_ory.urls")),
    path("ours/", ours),
    path("two-factors/", two_factors),
    path("djangos/", djangos),
]


def call(client: Client, url: str, *, method: str = "get", page: str = PAGE, **options: Any) -> Any:
    headers = {"hx-request": "true", "hx-current-url": page, "sec-fetch-dest": "empty"}
    return getattr(client, method)(url, headers=headers, **options)


def get_return_to(url: str) -> str | None:
    query = parse_qs(urlsplit(url).query)
    found = query.get("return_to") or query.get("next")
    return found[0] if found else None


@pytest.mark.parametrize("method", ["get", "post"])
def test_denied_control_leads_to_the_sign_in_page_and_back_to_its_page(
    client: Client, ory: FakeOry, method: str
) -> None:
    response = call(client, "/ours/", method=method)
    assert response.status_code == 401
    assert response["HX-Redirect"].startswith("/auth/login/")
    assert get_return_to(response["HX-Redirect"]) == PAGE
    assert response.content == b""


def test_missing_second_factor_leads_to_the_step_up(client: Client, ory: FakeOry) -> None:
    ory.login(client)
    response = call(client, "/two-factors/")
    assert response.status_code == 403
    assert "aal=aal2" in response["HX-Redirect"]


def test_login_required_of_django_redirects_like_the_app(client: Client, ory: FakeOry) -> None:
    response = call(client, "/djangos/")
    assert response.status_code == 302
    response = call(client, response["Location"])
    assert response.status_code == 200
    assert response["HX-Redirect"].startswith("/auth/login/?")
    assert get_return_to(response["HX-Redirect"]) == PAGE


@pytest.mark.parametrize("page", ["https://evil.example/", "javascript:alert(1)", "", "//evil.example"])
def test_foreign_page_is_not_returned_to(client: Client, ory: FakeOry, page: str) -> None:
    assert "evil" not in call(client, "/ours/", page=page)["HX-Redirect"]
    assert "evil" not in call(client, "/auth/login/?next=/djangos/", page=page)["HX-Redirect"]


def test_signed_in_user_gets_the_fragment(client: Client, ory: FakeOry) -> None:
    ory.login(client)
    response = call(client, "/ours/")
    assert (response.status_code, response.content) == (200, b"fragment")
    assert "HX-Redirect" not in response


def test_other_scripts_get_json(client: Client, ory: FakeOry) -> None:
    response = client.get("/ours/", headers={"sec-fetch-dest": "empty"})
    assert (response.status_code, response["Content-Type"]) == (401, "application/json")
