"""The views of the device flow (RFC 8628): the code of a device, and the page at the end.

The code is entered before the login, so the browser may be signed out. Hydra does not limit the attempts.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _

from django_ory.client import OryBadRequest, OryConflict, OryError, OryNotFound, OryUsageError, RouteNotFound
from django_ory.conf import PerAlias, get_settings
from django_ory.http.addresses import get_address_key
from django_ory.http.redirects import get_query_parameter
from django_ory.provider.audit import record_event
from django_ory.provider.client_profile import ClientProfile
from django_ory.provider.device_grant import (
    MAX_TYPED_LENGTH,
    build_verification_url,
    has_device_page,
    normalize_user_code,
)
from django_ory.provider.error_pages import ERROR_PAGES
from django_ory.resilience.attempt_throttle import AttemptThrottle
from django_ory.resilience.fail_safe_cache import FailSafeCache
from django_ory.resilience.log_throttle import throttled_log

from .page import ProviderView, logger

CODE_WINDOW_SECONDS = 300
#: Of one user. An office or a school may share an address.
MAX_CODES_PER_USER = 10
MAX_CODES_PER_ADDRESS = 30
MAX_CLIENT_ID_LENGTH = 255
CODE_FIELD_ID = "ory-user-code"


@PerAlias
def get_throttles(alias: str) -> tuple[AttemptThrottle, AttemptThrottle]:
    """Return the throttles of the codes that one user and one address may try."""
    cache = FailSafeCache(get_settings(alias).session_cache_alias)
    by_user = AttemptThrottle(
        cache, name="device code, user", limit=MAX_CODES_PER_USER, seconds=CODE_WINDOW_SECONDS
    )
    by_address = AttemptThrottle(
        cache, name="device code, address", limit=MAX_CODES_PER_ADDRESS, seconds=CODE_WINDOW_SECONDS
    )
    return by_user, by_address


class DeviceView(ProviderView):
    """The view for ``urls.device.verification``. A code in the URL is only sent by the user's click."""

    http_method_names = ["get", "post"]  # noqa: RUF012 (as Django declares it)
    parameter = "device_challenge"
    kept_fields = ("user_code",)

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the form, with the code of ``verification_uri_complete`` if there is one."""
        return self._render_form(request.GET.get("user_code", "")[:MAX_TYPED_LENGTH])

    def post(self, request: HttpRequest) -> HttpResponse:
        """Send the code to Hydra, which continues with the login."""
        typed = request.POST.get("user_code", "")
        if not typed.strip():
            return self._render_form("", error=_("Enter the code that your device shows."))
        shown = typed[:MAX_TYPED_LENGTH]
        if not self._take_attempt():
            record_event("throttle.exceeded", alias=self.alias, request=request, reason="device_code")
            text = _("Too many attempts. Wait a few minutes, then try again.")
            response = self._render_form(shown, error=text, status=HTTPStatus.TOO_MANY_REQUESTS)
            response["Retry-After"] = str(CODE_WINDOW_SECONDS)
            return response
        code = normalize_user_code(typed, case=self.settings.oauth2_device_code_case)
        try:
            redirect_to = self._accept(code) if code else None
        except RouteNotFound as error:
            return self._render_unavailable(error)
        if redirect_to is None:
            record_event("device.rejected", alias=self.alias, request=request, reason="invalid_code")
            text = _("This code is wrong or has expired. Check the code on your device.")
            return self._render_form(shown, error=text)
        client_id = get_query_parameter(redirect_to, "client_id")
        record_event("device.accepted", alias=self.alias, request=request, client_id=client_id)
        return self.redirect_to_hydra(redirect_to)

    def respond_without_challenge(self) -> HttpResponse:
        """Let Hydra begin, for a user who typed the address of this page."""
        try:
            is_available = has_device_page(self.client)
        except (OryNotFound, RouteNotFound) as error:
            return self._render_unavailable(error)
        except OryError as error:
            return self.render_failure(error)
        if not is_available:
            return self._render_unavailable("urls.device.verification is not set")
        return HttpResponseRedirect(build_verification_url(self.settings))

    def build_restart_url(self) -> str:
        """Return Hydra's URL for a new challenge, with the typed code if there is one."""
        data = self.request.POST if self.request.method == "POST" else self.request.GET
        code = normalize_user_code(data.get("user_code", ""), case=self.settings.oauth2_device_code_case)
        return build_verification_url(self.settings, user_code=code)

    def _render_unavailable(self, reason: OryError | str) -> HttpResponse:
        message = "Hydra cannot connect devices (project %s): %s. %s"
        key = ("device flow", self.alias)
        throttled_log.warn(logger, key, message, self.alias, reason, ERROR_PAGES["device_unavailable"].hint)
        return self.render_error("device_unavailable")

    def _take_attempt(self) -> bool:
        """Count an attempt of the address, and of the user if one is signed in. Both must be allowed."""
        by_user, by_address = get_throttles(self.alias)
        is_allowed = by_address.take(self.alias, get_address_key(self.request))
        session = self.get_session()
        if session is not None:
            is_allowed = by_user.take(self.alias, session.subject) and is_allowed
        return is_allowed

    def _accept(self, code: str) -> str | None:
        """Return the URL of Hydra that continues; None for a wrong, used or expired code."""
        try:
            completed = self.client.accept_user_code_request(
                device_challenge=self.challenge, body={"user_code": code}
            )
        except (OryBadRequest, OryConflict):
            return None
        return completed.redirect_to

    def _render_form(
        self, code: str, *, error: str = "", status: int = HTTPStatus.BAD_REQUEST
    ) -> HttpResponse:
        case = self.settings.oauth2_device_code_case
        attrs = {
            "autocomplete": "off",
            "autocapitalize": "characters" if case == "upper" else "none",
            "autocorrect": "off",
            "spellcheck": "false",
            "required": True,
            "maxlength": str(MAX_TYPED_LENGTH),
            "dir": "ltr",
        }
        context: dict[str, Any] = {
            "challenge": self.challenge,
            "user_code": code,
            "attrs": attrs,
            "is_prefilled": bool(code) and self.request.method == "GET",
            "errors": [{"text": error, "target": CODE_FIELD_ID}] if error else [],
            "code_messages": [{"level": "error", "text": error}] if error else [],
            "code_field_id": CODE_FIELD_ID,
        }
        return render(
            self.request, "ory/provider/device.html", context, status=status if error else HTTPStatus.OK
        )


class DeviceDoneView(ProviderView):
    """The view for ``urls.device.success``: the user can go back to the device."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the page, with the name of a client that staff know. Any site can link here."""
        name = self._find_client_name(request.GET.get("client_id", ""))
        return render(request, "ory/provider/device_done.html", {"client_name": name})

    def _find_client_name(self, client_id: str) -> str:
        if not client_id.isprintable() or not 0 < len(client_id) <= MAX_CLIENT_ID_LENGTH:
            return ""
        try:
            client = self.client.admin_get_o_auth2_client(client_id)
        except (OryError, OryUsageError):  # the device is connected in any case
            return ""
        profile = ClientProfile.from_client(client, adapter=self.adapter)
        # Another client could be named like a message of this site.
        return profile.name if profile.is_verified else ""
