"""Pages that say why it does not go on: texts and HTTP statuses by reason and by Kratos' error id."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["EXPLANATIONS", "Explanation", "reason_of_error"]


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
        _("Your browser did not keep our cookies"),
        _("Signing in needs them. Usually one of these helps:"),
        (
            _("Allow cookies for this site in the settings of your browser."),
            _("Open the page in the browser in which you started."),
            _("Delete the cookies of this site, then start again."),
        ),
    ),
    "circles": Explanation(
        403,
        _("Signing in goes round in circles"),
        _("This site and its sign-in service kept sending you back and forth. This may help:"),
        (
            _("Allow cookies for this site in the settings of your browser."),
            _("Delete the cookies of this site, then start again."),
            _("If it happens again, please tell the people who run this site."),
        ),
    ),
    "other_host": Explanation(  # development only
        400,
        _("Open this site at another address"),
        _("You cannot sign in at this address."),
        way_out=("again",),
    ),
    "stuck": Explanation(
        400,
        _("This page does not open"),
        _("We have tried more than once. Please wait a minute and start again."),
    ),
    "broken": Explanation(
        502,
        _("This page cannot be shown"),
        _(
            "The sign-in service answered with something that we do not trust. "
            "Please tell the people who run this site."
        ),
    ),
    "disabled": Explanation(
        403,
        _("This is turned off"),
        _("The people who run this site do not offer it."),
        way_out=("sign_in", "home"),
    ),
    "not_for_you": Explanation(
        403,
        _("That page is not open to your account"),
        _("You are signed in, but this account may not open it. You can sign out and use another one."),
        way_out=("sign_out", "home"),
    ),
    # Error page.
    "error": Explanation(
        400,
        _("That did not work"),
        _("The sign-in service could not finish what you asked for. Please start again."),
        way_out=("sign_in", "home"),
    ),
    "server": Explanation(
        503,
        _("The sign-in service has a problem"),
        _("It is not your fault. Please try again in a few minutes."),
        way_out=("sign_in", "home"),
    ),
    "return_to": Explanation(
        400,
        _("That address is not allowed"),
        _(
            "After signing in you were to be sent to a place that this site "
            "does not know, so nothing was done."
        ),
        way_out=("sign_in", "home"),
    ),
    "aal1": Explanation(
        401,
        _("Please sign in first"),
        _("The second step comes after the first one."),
        way_out=("sign_in", "home"),
    ),
    "gone": Explanation(
        410,
        _("That page has expired"),
        _("For your safety, it is only open for a while. Please start again."),
        way_out=("sign_in", "home"),
    ),
    "account_disabled": Explanation(
        401,
        _("This account is turned off"),
        _("Please ask the people who run this site."),
        way_out=("home",),
    ),
}

BY_ERROR_ID: Mapping[str, str] = {
    "security_csrf_violation": "cookies",
    "self_service_flow_return_to_forbidden": "return_to",
    "self_service_flow_disabled": "disabled",
    "self_service_flow_expired": "gone",
    "session_aal1_required": "aal1",
    "identity_disabled": "account_disabled",
}


def reason_of_error(error: Mapping[str, Any]) -> str:
    """What fits a stored error of Kratos (``id``, ``code``, ``reason``): a key of ``EXPLANATIONS``."""
    known = BY_ERROR_ID.get(str(error.get("id") or ""))
    if known is not None:
        return known
    if "account was disabled" in str(error.get("reason") or ""):
        return "account_disabled"  # Kratos up to v26.2.0 gives this error no id
    code = error.get("code")
    return "server" if isinstance(code, int) and code >= 500 else "gone" if code == 404 else "error"
