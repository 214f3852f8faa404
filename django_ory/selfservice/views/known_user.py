"""The user of a flow, in a cookie that the start of the flow sets, so that its page is one call to Kratos.

The cookie is signed, belongs to one credential, and lives for a quarter of an hour. It only says what a page
shows, and that a credential was not valid; nothing else depends on it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django_ory.authentication.results import SessionState
from django_ory.http.signed_cookies import SignedCookie
from django_ory.selfservice.pages.flow_user import UNKNOWN_USER, Contact, FlowUser

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from django_ory.authentication.request import OryRequest

__all__ = ["KnownUser", "forget_user", "read_user", "save_user"]

USER_COOKIE = SignedCookie("ory_user", "django_ory.selfservice.user", seconds=15 * 60)


class KnownUser(NamedTuple):
    """``signed_in``: whether whoami returned a session. ``user``: empty without one."""

    signed_in: bool
    user: FlowUser


def save_user(request: HttpRequest, response: HttpResponse, ory: OryRequest) -> None:
    """Set the cookie for the pages of the flow that starts. A request without a credential needs none."""
    if ory.credential is None or ory.unavailable:
        USER_COOKIE.delete(request, response)
        return
    whoami = ory.whoami
    user = FlowUser.from_identity(whoami.session.identity if whoami.session else None)
    signed_in = whoami.state is SessionState.SIGNED_IN
    USER_COOKIE.save(request, response, [ory.credential.fingerprint(ory.alias), signed_in, *user])


def read_user(request: HttpRequest, ory: OryRequest) -> KnownUser | None:
    """What the start of the flow has learned; None without a cookie for the credential of this request."""
    if ory.credential is None:
        return KnownUser(signed_in=False, user=UNKNOWN_USER)
    match USER_COOKIE.read(request):
        case [fingerprint, bool(signed_in), str(account), list(contacts)] if (
            fingerprint == ory.credential.fingerprint(ory.alias)
        ):
            return KnownUser(signed_in, FlowUser(account, tuple(Contact(*each) for each in contacts)))
    return None


def forget_user(request: HttpRequest, response: HttpResponse) -> None:
    """Delete the cookie if the browser has one."""
    USER_COOKIE.delete(request, response)
