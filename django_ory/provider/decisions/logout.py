"""The decision on Hydra's logout request: accept, ask or reject."""

from __future__ import annotations

from django_ory.client import models as ory

from .outcomes import Accept, Reject, ShowLogout


def decide_logout(
    logout: ory.OAuth2LogoutRequest,
    *,
    skip_logout_consent: bool,
    accepted: bool | None,
    aal2_required: bool = False,
) -> Accept | Reject | ShowLogout:
    """Decide on a logout request. Only a client with the user's ID token as proof can skip the question.

    Args:
        logout: Hydra's logout request.
        skip_logout_consent: The client, read again, may skip the question.
        accepted: The answer of the user; None before there is one.
        aal2_required: Kratos does not return the owner of the session. The user is asked, because the ID
            token may be another user's.
    """
    if accepted is None:
        skips = logout.rp_initiated and skip_logout_consent and not aal2_required
        return Accept(body={}) if skips else ShowLogout()
    if accepted:
        return Accept(body={})
    return Reject(error="access_denied", description="The user stays signed in.")
