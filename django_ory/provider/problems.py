"""The error pages: their texts, and which errors of Ory lead to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from django.utils.translation import gettext_lazy as _

from django_ory.client import (
    ChallengeGone,
    OryBadRequest,
    OryConflict,
    OryGone,
    OryNotFound,
    OryUnauthorized,
    RouteNotFound,
)
from django_ory.http.developer_hints import get_service_name

from .decisions import Redirect

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

    from django_ory.client import OryError

__all__ = ["PROBLEMS", "Problem", "explain"]


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One error page. ``action`` is the label of its button, if the view has a URL for it."""

    title: _StrOrPromise
    text: _StrOrPromise
    status: int = 400
    action: _StrOrPromise = ""


_GO_BACK = _("Go back to the app you came from and start again.")

PROBLEMS = {
    "missing": Problem(
        title=_("Nothing to do here"),
        text=_(
            "This page is only used while you sign in or out with another app. Go back to that app and "
            "start again."
        ),
    ),
    "expired": Problem(title=_("This page has expired"), text=_GO_BACK, status=410),
    "unknown": Problem(title=_("This link no longer works"), text=_GO_BACK, status=404),
    "foreign": Problem(
        title=_("Cannot continue"),
        text=_(
            "This site and its sign-in service are configured with different addresses. Please contact "
            "support."
        ),
        status=502,
    ),
    "sign_in": Problem(
        title=_("Sign in to continue"),
        text=_("You are not signed in yet, or your browser does not accept our cookies."),
        status=403,
        action=_("Sign in"),
    ),
    "sign_in_again": Problem(
        title=_("Please sign in again"),
        text=_("For your security, the app you came from requires a new sign-in."),
        status=403,
        action=_("Sign in again"),
    ),
    "signed_out": Problem(
        title=_("You are signed out"),
        text=_("You can close this page."),
        status=200,
    ),
    "refused": Problem(title=_("Something went wrong"), text=_GO_BACK),
}


def explain(error: OryError) -> Redirect | Literal["expired", "unknown"] | None:
    """The answer to a user who opened a link and met this error: a key of ``PROBLEMS``; None for an outage.

    Only Hydra has challenges. An error of Kratos, or of another server at Hydra's URL, is an outage.
    """
    if get_service_name(error) == "Kratos" or isinstance(error, RouteNotFound):
        return None
    if isinstance(error, ChallengeGone) and error.redirect_to:
        return Redirect(url=error.redirect_to)
    if isinstance(error, OryUnauthorized) and error.id in ("", "request_unauthorized"):
        return None if _is_nested(error.body) else "expired"
    return "unknown" if isinstance(error, (OryNotFound, OryBadRequest, OryConflict, OryGone)) else None


def _is_nested(body: object) -> bool:
    """Whether the error is nested, as for a wrong API key. Hydra's own errors are flat."""
    return isinstance(body, dict) and isinstance(body.get("error"), dict)
