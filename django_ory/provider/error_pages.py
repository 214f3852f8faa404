"""The error pages: their texts, and the errors of Ory that lead to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from django_ory.client import (
    OryBadRequest,
    OryConflict,
    OryGone,
    OryNotFound,
    OryUnauthorized,
)
from django_ory.http.developer_hints import get_service_name

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

    from django_ory.client import OryError


@dataclass(frozen=True, kw_only=True)
class ErrorPage:
    """The texts of an error page.

    ``action``: the label of its button, which is shown if there is a URL. ``hint``: for developers.
    """

    title: _StrOrPromise
    text: _StrOrPromise
    status: int = 400
    action: _StrOrPromise = ""
    hint: str = ""


_GO_BACK = _("Go back to the app and start again.")
_START_AGAIN = _("Start again")

ERROR_PAGES = {
    "no_challenge": ErrorPage(
        title=_("This page cannot be opened directly"),
        text=_("It is only used while signing in or out with another app. Go to the app and start there."),
    ),
    "expired": ErrorPage(
        title=_("This page has expired"),
        text=_("It was open for too long, so nothing was changed. You can start again in the app."),
        status=410,
        action=_START_AGAIN,
        hint="The limit is ttl.login_consent_request of Hydra (30m by default).",
    ),
    "used": ErrorPage(
        title=_("You have already answered"),
        text=_("This page works only once. If the app does not continue, start again in the app."),
        status=410,
        action=_START_AGAIN,
    ),
    "unknown": ErrorPage(
        title=_("This link no longer works"),
        text=_("It may be incomplete. Start again in the app."),
        status=404,
        action=_START_AGAIN,
        hint=(
            "Hydra does not know the challenge. Is the challenge of another Hydra than that of "
            "HYDRA_ADMIN_URL, or was secrets.system of Hydra replaced? Proxies may cut long URLs."
        ),
    ),
    "client_removed": ErrorPage(
        title=_("This app is no longer available"), text=_("You can close this page."), status=410
    ),
    "untrusted_redirect": ErrorPage(
        title=_("Cannot continue"),
        text=_("The sign-in service is not set up correctly. Contact support."),
        status=503,  # not 502: proxies replace its page by their own
        hint=(
            "Hydra returned a URL of another server: urls.self.public or urls.self.issuer of Hydra is not "
            "HYDRA_BROWSER_URL."
        ),
    ),
    "login_required": ErrorPage(
        title=_("Sign in to continue"),
        text=_("You are not signed in. If you just signed in, allow cookies for this site and try again."),
        status=403,
        action=_("Sign in"),
    ),
    "fresh_login_required": ErrorPage(
        title=_("Sign in again to continue"),
        text=_("For your security, the app asks you to sign in again."),
        status=403,
        action=_("Sign in again"),
    ),
    "device_unavailable": ErrorPage(
        title=_("Devices cannot be connected"),
        text=_("This site does not offer it at the moment. Sign in on the device in another way."),
        status=404,
        hint=(
            "It needs Hydra v25.4 or later, with urls.device.verification set to this page. For the "
            "configuration: python manage.py ory_config hydra --server-version v25.4"
        ),
    ),
    "device_rejected": ErrorPage(
        title=_("The device was not connected"),
        text=_("It got no access to your account. You can close this page."),
        status=200,
    ),
    "signed_out": ErrorPage(title=_("You are signed out"), text=_("You can close this page."), status=200),
    "client_document": ErrorPage(
        title=_("This app cannot be used here"),
        text=_(
            "Its description could not be loaded, or is not valid. Try again later, or contact the developer "
            "of the app."
        ),
    ),
    "too_many_requests": ErrorPage(
        title=_("Too many requests"), text=_("Wait a few minutes, then try again."), status=429
    ),
    "request_failed": ErrorPage(title=_("Something went wrong"), text=_GO_BACK),
    "app_misconfigured": ErrorPage(
        title=_("This app cannot sign you in"),
        text=_("The app is not set up correctly. Contact the people who run it."),
        hint="Compare client_id, redirect_uri, scope and grant type of the request with the client at Hydra.",
    ),
    "cookies_missing": ErrorPage(
        title=_("Cookies are required to sign in"),
        text=_("Allow cookies for this site, then start again in the app. Use one tab only."),
        status=403,
        hint=(
            "Hydra's cookie of the first step is missing: the browser blocked the cookie, opened another "
            "name of the host (localhost and 127.0.0.1 are different), or used http instead of https."
        ),
    ),
    "temporarily_unavailable": ErrorPage(
        title=_("We can't sign you in right now"),
        text=_("Our sign-in service is temporarily unavailable. Try again in the app in a moment."),
        status=503,
    ),
}

#: Error codes of Hydra -> key of the page. Other codes: ``request_failed``.
HYDRA_ERROR_PAGES = {
    "invalid_client": "app_misconfigured",
    "unauthorized_client": "app_misconfigured",
    "unsupported_response_type": "app_misconfigured",
    "unsupported_response_mode": "app_misconfigured",
    "invalid_scope": "app_misconfigured",
    "invalid_request_object": "app_misconfigured",
    "invalid_request_uri": "app_misconfigured",
    "request_forbidden": "cookies_missing",
    "server_error": "temporarily_unavailable",
    "temporarily_unavailable": "temporarily_unavailable",
}


def find_error_page(error: OryError) -> str | None:
    """Return the key of the error page for a failed call; None for an outage.

    Only Hydra has challenges. An error of Kratos, or of another server (RouteNotFound), is an outage.
    """
    if get_service_name(error) == "Kratos":
        return None
    if isinstance(error, OryUnauthorized) and error.id in ("", "request_unauthorized"):
        # The error for a wrong API key is nested. Hydra's own errors are flat.
        is_nested = isinstance(error.body, dict) and isinstance(error.body.get("error"), dict)
        return None if is_nested else "expired"
    if isinstance(error, (OryConflict, OryGone)):
        return "used"
    return "unknown" if isinstance(error, (OryNotFound, OryBadRequest)) else None
