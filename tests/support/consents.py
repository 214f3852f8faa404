"""Consents of users at the fake Hydra, without the pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django_ory.clients import get_client

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django_ory.testing import FakeOry

__all__ = ["grant_access"]


def grant_access(
    ory: FakeOry, subject: str, client_id: str, *, scope: str, audience: Sequence[str] = (), **fields: Any
) -> dict[str, Any]:
    """Let a user grant access to a client, and return its tokens. ``fields``: of a client that is new."""
    clients = ory.hydra.clients
    if client_id not in clients.clients:
        clients.add({"client_id": client_id, "scope": scope, "audience": list(audience), **fields})
    store, client = ory.hydra.authorization, get_client()
    login = store.add_login_request(client_id, scope=scope.split(), audience=audience)
    client.admin_accept_o_auth2_login_request(login_challenge=login.challenge, body={"subject": subject})
    consent = store.add_consent_request(login)
    body = {
        "grant_scope": scope.split(),
        "grant_access_token_audience": list(audience),
        "remember": True,
    }
    client.admin_accept_o_auth2_consent_request(consent_challenge=consent.challenge, body=body)
    return ory.hydra.tokens.issue_for_consent(client_id, consent)
