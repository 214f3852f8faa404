"""The texts of the error pages. Each says what happened and what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

__all__ = ["PROBLEMS", "Problem"]


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
