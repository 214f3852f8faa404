"""The words of the pages for what went wrong. Each says what happened and what to do now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

__all__ = ["PROBLEMS", "Problem"]


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One page. ``action`` is the label of its button, if the view has an address for it."""

    title: _StrOrPromise
    text: _StrOrPromise
    status: int = 400
    action: _StrOrPromise = ""


_GO_BACK = _("Go back to the site or app you came from and start again there.")

PROBLEMS = {
    "missing": Problem(
        title=_("Nothing to do here"),
        text=_("Other sites and apps open this page when you sign in or out. Go to yours and start again."),
    ),
    "expired": Problem(title=_("This took too long"), text=_GO_BACK, status=410),
    "unknown": Problem(title=_("This link no longer works"), text=_GO_BACK, status=404),
    "foreign": Problem(
        title=_("We cannot take you back"),
        text=_(
            "This site and its sign-in service disagree about addresses. Whoever runs this site can fix it."
        ),
        status=502,
    ),
    "sign_in": Problem(
        title=_("Sign in to continue"),
        text=_("You have not signed in yet, or your browser does not keep our cookies."),
        status=403,
        action=_("Sign in"),
    ),
    "sign_in_again": Problem(
        title=_("Sign in once more"),
        text=_("For your safety, the site or app you came from wants you to sign in again."),
        status=403,
        action=_("Sign in again"),
    ),
    "signed_out": Problem(
        title=_("You are signed out"),
        text=_("There is nothing left to do. You can close this page."),
        status=200,
    ),
    "refused": Problem(title=_("That did not work"), text=_GO_BACK),
}
