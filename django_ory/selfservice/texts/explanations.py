"""Pages that say why it does not go on: texts and HTTP statuses by reason and by Kratos' error id."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["EXPLANATIONS", "Explanation"]


@dataclass(frozen=True)
class Explanation:
    """``steps`` can be tried; ``way_out`` names the links: again, sign_in, home, sign_out."""

    status: int
    title: Any
    text: Any
    steps: tuple[Any, ...] = ()
    way_out: tuple[str, ...] = ("again", "home")


EXPLANATIONS: Mapping[str, Explanation] = {
    "cookies": Explanation(
        403,
        _("Cookies are required to sign in"),
        _("Your browser did not send the cookies of this site. Try one of these:"),
        (
            _("Allow cookies for this site in the settings of your browser."),
            _("Open the page in the browser that you started in."),
            _("Delete the cookies of this site, then start again."),
        ),
    ),
    "redirect_loop": Explanation(
        403,
        _("We could not sign you in"),
        _("This site and its sign-in service kept redirecting you to each other. Try one of these:"),
        (
            _("Allow cookies for this site in the settings of your browser."),
            _("Delete the cookies of this site, then start again."),
            _("If it happens again, contact support."),
        ),
    ),
    "other_host": Explanation(  # development only
        400,
        _("Open this site at another address"),
        _("You cannot sign in at this address."),
        way_out=("again",),
    ),
    "too_many_restarts": Explanation(
        400,
        _("This page cannot be opened"),
        _("We tried more than once. Please wait a minute, then start again."),
    ),
    "untrusted_response": Explanation(
        502,
        _("This page cannot be shown"),
        _("The response of the sign-in service could not be trusted. If it happens again, contact support."),
    ),
    "disabled": Explanation(
        403,
        _("Not available"),
        _("This feature is disabled on this site."),
        way_out=("sign_in", "home"),
    ),
    "access_denied": Explanation(
        403,
        _("You don't have access to this page"),
        _("You are signed in, but this account has no access. You can sign out and use another account."),
        way_out=("sign_out", "home"),
    ),
    # Error page.
    "error": Explanation(
        400,
        _("Something went wrong"),
        _("The sign-in service could not complete your request. Please start again."),
        way_out=("sign_in", "home"),
    ),
    "server": Explanation(
        503,
        _("We can't sign you in right now"),
        _("Our sign-in service is temporarily unavailable. Your data is safe. Try again in a few minutes."),
        way_out=("sign_in", "home"),
    ),
    "return_to": Explanation(
        400,
        _("Cannot continue"),
        _("The return address is not allowed."),
        way_out=("sign_in", "home"),
    ),
    "aal1": Explanation(
        401,
        _("Please sign in first"),
        _("Two-factor authentication is only available after you sign in."),
        way_out=("sign_in", "home"),
    ),
    "expired": Explanation(
        410,
        _("This page has expired"),
        _("For your security, it is only available for a limited time. Please start again."),
        way_out=("sign_in", "home"),
    ),
    "account_disabled": Explanation(
        401,
        _("This account has been disabled"),
        _("Please contact support."),
        way_out=("home",),
    ),
}
