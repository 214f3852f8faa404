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
    """The texts of an error page. ``action``: the label of its button, which needs a URL."""

    title: _StrOrPromise
    text: _StrOrPromise
    status: int = 400
    action: _StrOrPromise = ""


_GO_BACK = _("Go back to the app and start again.")

ERROR_PAGES = {
    "no_challenge": ErrorPage(
        title=_("This page cannot be opened directly"),
        text=_("It is only used while signing in or out with another app. Go to the app and start there."),
    ),
    "expired": ErrorPage(title=_("This page has expired"), text=_GO_BACK, status=410),
    "unknown": ErrorPage(title=_("This link no longer works"), text=_GO_BACK, status=404),
    "client_removed": ErrorPage(
        title=_("This app is no longer available"), text=_("You can close this page."), status=410
    ),
    "untrusted_redirect": ErrorPage(
        title=_("Cannot continue"),
        text=_("The sign-in service is not set up correctly. Contact support."),
        status=502,
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
    ),
    "device_rejected": ErrorPage(
        title=_("The device was not connected"),
        text=_("It got no access to your account. You can close this page."),
        status=200,
    ),
    "signed_out": ErrorPage(title=_("You are signed out"), text=_("You can close this page."), status=200),
    "client_document": ErrorPage(
        title=_("This app cannot be used here"),
        text=_("Its description could not be loaded, or is not valid. Contact the developer of the app."),
    ),
    "too_many_requests": ErrorPage(
        title=_("Too many requests"), text=_("Wait a few minutes, then try again."), status=429
    ),
    "request_failed": ErrorPage(title=_("Something went wrong"), text=_GO_BACK),
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
    return "unknown" if isinstance(error, (OryNotFound, OryBadRequest, OryConflict, OryGone)) else None
