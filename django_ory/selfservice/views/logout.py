"""The page that signs out."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from django.conf import settings as django_settings
from django.shortcuts import render, resolve_url
from django.template.loader import render_to_string
from django.urls import get_script_prefix

from django_ory.authentication.logout import end_session
from django_ory.authentication.request import get_ory
from django_ory.client import OryBadRequest, OryError
from django_ory.http.redirects import TrustedOrigins, safe_return_to
from django_ory.http.responses import outage_response
from django_ory.http.views import PageView

from .error import render_explanation
from .flows import HttpResponseSeeOther

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

__all__ = ["SelfServiceLogoutView"]

logger = logging.getLogger("django_ory.selfservice")


class SelfServiceLogoutView(PageView):
    """GET asks for a confirmation. POST signs out and redirects to Kratos, which ends its session."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return render(request, "ory/selfservice/logout.html", {"return_to": self._get_return_to()})

    def post(self, request: HttpRequest) -> HttpResponse:
        alias = get_ory(request).alias
        return_to = self._get_return_to()
        target = return_to or self._get_default_return_to()
        try:
            url = self._end_session(target)
        except OryError as error:
            return self._render_failure(outage_response(request, error, alias=alias), return_to)
        if url and not TrustedOrigins.from_request(request, alias=alias).allows_form_action(url):
            logger.error(
                "Sign-out not completed: Kratos' logout_url is on another origin than KRATOS_BROWSER_URL."
            )
            return self._render_failure(render_explanation(request, "untrusted_response"), return_to)
        return HttpResponseSeeOther(url or target or get_script_prefix())

    def _get_return_to(self) -> str | None:
        values = self.request.POST if self.request.method == "POST" else self.request.GET
        candidate = values.get("return_to") or values.get("next")
        return safe_return_to(self.request, candidate, alias=get_ory(self.request).alias)

    def _get_default_return_to(self) -> str | None:
        """``LOGOUT_REDIRECT_URL``. None if the project has not set it: Kratos decides."""
        target = django_settings.LOGOUT_REDIRECT_URL
        alias = get_ory(self.request).alias
        return safe_return_to(self.request, resolve_url(target), alias=alias) if target else None

    def _end_session(self, return_to: str | None) -> str | None:
        try:
            return end_session(self.request, return_to=return_to)
        except OryBadRequest:
            if return_to is None:
                raise
            logger.warning(
                "Kratos rejected the return_to of the sign-out page. "
                "Check selfservice.allowed_return_urls of Kratos."
            )
            return end_session(self.request)

    def _render_failure(self, response: HttpResponse, return_to: str | None) -> HttpResponse:
        """Explain that Kratos' session has not ended. Status, headers and JSON are those of ``response``."""
        if response.headers["Content-Type"].startswith("text/html"):
            template = "ory/selfservice/not_signed_out.html"
            response.content = render_to_string(template, {"return_to": return_to}, self.request)
        return response
