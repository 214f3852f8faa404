"""Revokes the consents of all users for an OAuth2 client, and with them their tokens."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass

from django.utils.translation import gettext as _

from django_ory.adapter import get_adapter
from django_ory.client import OryNotFound
from django_ory.clients import get_client
from django_ory.tokens.introspection_cache import invalidate_tokens

from .errors import ORY_ERRORS, error_text

MAX_REVOCATION_SECONDS = 15.0  # less than the request timeout of web servers


@dataclass(frozen=True, kw_only=True)
class RevocationReport:
    """``users``: the number of identities visited. ``complete``: all were visited before the time ran out."""

    users: int
    complete: bool


def revoke_client_consents(
    alias: str, client_id: str, *, stop_after: float | None = None, page_size: int = 250
) -> RevocationReport:
    """Revoke the consents of all users for a client, and the tokens issued from them.

    Hydra revokes consents by subject, so every identity is visited.

    Args:
        alias: The key in ``settings.ORY``.
        client_id: The id of the client.
        stop_after: Seconds after which no further identity is visited.
        page_size: The number of identities per request to Kratos.

    Raises:
        OryError: Kratos or Hydra failed. The consents that were revoked before stay revoked.
    """
    client, adapter = get_client(alias), get_adapter(alias)
    end = None if stop_after is None else time.monotonic() + stop_after
    users = 0
    try:
        for identity in client.iterate(client.admin_list_identities, page_size=page_size):
            if end is not None and time.monotonic() > end:
                return RevocationReport(users=users, complete=False)
            if identity.id:  # an unreadable identity may have none
                subject = adapter.get_subject(identity.id)
                with suppress(OryNotFound):  # no consent
                    client.admin_revoke_o_auth2_consent_sessions(subject=subject, client=client_id)
                users += 1
    finally:
        invalidate_tokens(alias=alias, client_id=client_id)
    return RevocationReport(users=users, complete=True)


def revoke_lost_consents(alias: str, client_id: str) -> tuple[str, ...]:
    """Revoke the consents for a client that is not trusted any more. Returns a sentence for a failure."""
    try:
        if revoke_client_consents(alias, client_id, stop_after=MAX_REVOCATION_SECONDS).complete:
            return ()
        why = _("The time ran out.")
    except ORY_ERRORS as error:
        why = error_text(error)
    text = _(
        "Not all consents for this client were revoked. %(why)s Its tokens may stay valid. Run manage.py "
        "ory_revoke_consents %(client_id)s --alias %(alias)s for the rest."
    )
    return (text % {"why": why, "client_id": client_id, "alias": alias},)
