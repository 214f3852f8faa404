"""The consents of a user that Hydra stores: which of them count, and what the user granted.

Hydra remembers the consents of users and the automatic grants of first-party clients alike. The ``context``
of an automatic grant states that the user was not asked. Such a grant no longer counts when the client stops
being first-party.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from django_ory.client import models as ory

#: The ``context`` of a grant for which the user was not asked. Consents of users do not have this key.
AUTOMATIC_GRANT = {"asked": False}

_UNKNOWN_TIME = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class EarlierConsent:
    """The latest consent of a user to a client.

    ``granted``: the scopes that the user granted. ``requested``: all scopes that the user was asked for.
    """

    granted: frozenset[str]
    requested: frozenset[str]


def find_earlier_consent(
    stored: Iterable[ory.OAuth2ConsentSession], *, client_id: str | None
) -> EarlierConsent | None:
    """Return the latest consent of the user to the client, remembered or not; None if there is none."""
    latest = _find_latest(_list_given_by_user(stored, client_id=client_id))
    if latest is None or latest.consent_request is None:
        return None
    granted = frozenset(latest.grant_scope)
    return EarlierConsent(granted=granted, requested=granted | {*latest.consent_request.requested_scope})


def find_remembered_scope(
    stored: Iterable[ory.OAuth2ConsentSession], *, client_id: str | None, now: datetime
) -> frozenset[str] | None:
    """Return the scope of the user's latest remembered consent for the client; None if there is none.

    Only the latest counts, as in Hydra: the user may have granted less than before.
    """
    given = _list_given_by_user(stored, client_id=client_id)
    latest = _find_latest(each for each in given if _is_remembered(each, now=now))
    return None if latest is None else frozenset(latest.grant_scope)


def get_stored_audience(
    stored: Iterable[ory.OAuth2ConsentSession], *, client_id: str | None
) -> frozenset[str]:
    """Return every audience for which the user consented to the client."""
    given = _list_given_by_user(stored, client_id=client_id)
    return frozenset(name for each in given for name in each.grant_access_token_audience)


def _is_remembered(consent: ory.OAuth2ConsentSession, *, now: datetime) -> bool:
    if consent.remember is False:
        return False
    if not consent.remember_for or consent.handled_at is None:  # no end, or an unknown one
        return True
    return (now - consent.handled_at).total_seconds() < consent.remember_for


def _find_latest(consents: Iterable[ory.OAuth2ConsentSession]) -> ory.OAuth2ConsentSession | None:
    return max(consents, key=lambda each: each.handled_at or _UNKNOWN_TIME, default=None)


def _list_given_by_user(
    stored: Iterable[ory.OAuth2ConsentSession], *, client_id: str | None
) -> list[ory.OAuth2ConsentSession]:
    return [
        each
        for each in stored
        if each.consent_request is not None
        and each.consent_request.client.client_id == client_id
        and not (isinstance(each.context, dict) and each.context.get("asked") is False)
    ]
