"""Texts and HTTP statuses of the pages that explain why a request failed, by reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["EXPLANATIONS", "Explanation"]


@dataclass(frozen=True)
class Explanation:
    """``steps``: the things that the user can try. ``can_retry``: starting again can succeed."""

    status: int
    title: Any
    text: Any
    steps: tuple[Any, ...] = ()
    can_retry: bool = True


EXPLANATIONS: Mapping[str, Explanation] = {
    "cookies": Explanation(
        403,
        _("Cookies are required to sign in"),
        _("Your browser did not send this site's cookies. Try one of these:"),
        (
            _("Allow cookies for this site in your browser settings."),
            _("Open this page in the browser that you started in."),
            _("Delete this site's cookies, then start again."),
        ),
    ),
    "redirect_loop": Explanation(
        403,
        _("We could not sign you in"),
        _("Your browser was redirected too many times. Try one of these:"),
        (
            _("Allow cookies for this site in your browser settings."),
            _("Delete this site's cookies, then start again."),
            _("If it happens again, contact support."),
        ),
    ),
    "other_host": Explanation(  # development only
        400, _("Open this site at another address"), _("You cannot sign in at this address.")
    ),
    "too_many_restarts": Explanation(
        400,
        _("Something went wrong"),
        _("This page could not be opened. Wait a minute, then start again."),
    ),
    "untrusted_response": Explanation(
        502,
        _("Something went wrong"),
        _("The sign-in service sent an invalid response. If it happens again, contact support."),
    ),
    "disabled": Explanation(
        403, _("Not available"), _("This feature is disabled on this site."), can_retry=False
    ),
    # Errors that Kratos stored.
    "error": Explanation(
        400, _("Something went wrong"), _("We could not complete your request. Please start again.")
    ),
    "server": Explanation(
        503,
        _("We can't sign you in right now"),
        _("Our sign-in service is temporarily unavailable. Your account is safe. Try again in a moment."),
    ),
    "return_to": Explanation(400, _("Cannot continue"), _("The return address is not allowed.")),
    "aal1": Explanation(
        401,
        _("Sign in first"),
        _("Sign in with your password or another method, then confirm with your second factor."),
    ),
    "expired": Explanation(
        410,
        _("This page has expired"),
        _("For your security, this page is only available for a limited time. Please start again."),
    ),
    "account_disabled": Explanation(
        401, _("This account has been disabled"), _("Contact support."), can_retry=False
    ),
    # Sign-up is closed, and there is no open invitation.
    "invitation_missing": Explanation(
        403,
        _("You need an invitation"),
        _("New accounts are only for invited people. Open the link in your invitation to sign up."),
        can_retry=False,
    ),
    "invitation_invalid": Explanation(
        404,
        _("This invitation is not valid"),
        _("Open the link in your invitation again, and make sure that it is complete. Or ask for a new one."),
        can_retry=False,
    ),
    "invitation_expired": Explanation(
        410,
        _("This invitation has expired"),
        _("Ask the person who invited you for a new one."),
        can_retry=False,
    ),
    "invitation_revoked": Explanation(
        410,
        _("This invitation has been withdrawn"),
        _("Ask the person who invited you for a new one."),
        can_retry=False,
    ),
    "invitation_used": Explanation(
        410,
        _("This invitation has already been used"),
        _("If it was you, sign in to your account. If not, ask the person who invited you for a new one."),
        can_retry=False,
    ),
}
