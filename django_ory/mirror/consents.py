"""Revoking all consents for one client. Hydra revokes consents by subject, so every identity is visited."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass

from django_ory.adapter import get_adapter
from django_ory.client import OryNotFound
from django_ory.clients import get_client

__all__ = ["RevocationReport", "revoke_client_consents"]


@dataclass(frozen=True, kw_only=True)
class RevocationReport:
    """``users``: the number of identities visited. ``complete``: all were visited before the time ran out."""

    alias: str
    client_id: str
    users: int
    complete: bool


def revoke_client_consents(
    alias: str, client_id: str, *, stop_after: float | None = None, page_size: int = 250
) -> RevocationReport:
    """Revoke the consents of every identity for a client, and the tokens issued from them.

    Args:
        alias: The key in ``settings.ORY``.
        client_id: The id of the client.
        stop_after: Seconds after which no further identity is visited; None for no limit.
        page_size: The number of identities per request to Kratos.

    Returns:
        A report. Users without a consent are counted, too: Hydra does not return the difference.

    Raises:
        OryError: Kratos or Hydra failed. The consents that were revoked before stay revoked.
    """
    client, adapter = get_client(alias), get_adapter(alias)
    end = None if stop_after is None else time.monotonic() + stop_after
    users = 0
    for identity in client.iterate(client.admin_list_identities, page_size=page_size):
        if end is not None and time.monotonic() > end:
            return RevocationReport(alias=alias, client_id=client_id, users=users, complete=False)
        if not identity.id:  # unreadable
            continue
        subject = adapter.get_subject(identity.id)
        with suppress(OryNotFound):  # no consent
            client.admin_revoke_o_auth2_consent_sessions(subject=subject, client=client_id)
        users += 1
    return RevocationReport(alias=alias, client_id=client_id, users=users, complete=True)
