"""The consents that Hydra remembers of a user, and which of them the user gave.

Hydra also remembers automatic grants of clients with ``skip_consent``. The ``context`` of such a grant states
that the user was not asked. It no longer counts when the client loses ``skip_consent``.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django_ory.client.models import OAuth2ConsentSession

__all__ = ["AUTOMATIC", "get_stored_audience", "is_covered"]

#: The ``context`` of a grant for which the user was not asked. Grants of users have none.
AUTOMATIC = {"asked": False}


def is_covered(
    scope: Iterable[str], stored: Iterable[OAuth2ConsentSession], *, client_id: str | None
) -> bool:
    """Return whether the user's latest remembered consent for the client includes all of ``scope``.

    Only the latest counts, as in Hydra: the user may have granted less than before.
    """
    given = [
        session for session in _given_by_user(stored, client_id=client_id) if session.remember is not False
    ]
    latest = max(given, key=lambda session: session.handled_at or _UNKNOWN, default=None)
    return latest is not None and set(scope) <= set(latest.grant_scope)


def get_stored_audience(stored: Iterable[OAuth2ConsentSession], *, client_id: str | None) -> frozenset[str]:
    """Return every audience for which the user consented to the client."""
    return frozenset(
        name
        for session in _given_by_user(stored, client_id=client_id)
        for name in session.grant_access_token_audience
    )


def _given_by_user(
    stored: Iterable[OAuth2ConsentSession], *, client_id: str | None
) -> list[OAuth2ConsentSession]:
    return [
        session
        for session in stored
        if session.consent_request is not None
        and session.consent_request.client.client_id == client_id
        and not _is_automatic(session.context)
    ]


def _is_automatic(context: object) -> bool:
    return isinstance(context, dict) and context.get("asked") is False


_UNKNOWN = datetime.min.replace(tzinfo=UTC)
