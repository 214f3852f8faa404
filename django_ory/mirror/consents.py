"""Consents of users for OAuth2 clients: list and revoke them, and end Hydra's login sessions."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from django_ory.client import OryNotFound
from django_ory.clients import get_client
from django_ory.tokens.introspection_cache import invalidate_tokens

if TYPE_CHECKING:
    from django_ory.client.models import OAuth2ConsentSession
    from django_ory.client.pagination import ListedPage

__all__ = ["end_login_sessions", "list_consents", "revoke_all_consents", "revoke_consents"]


def list_consents(
    alias: str, subject: str, *, page_size: int, page_token: str = ""
) -> ListedPage[OAuth2ConsentSession]:
    """Return one page of the consents of a subject. A client can have several.

    Args:
        alias: The key in ``settings.ORY``.
        subject: The subject at Hydra: ``OryAdapter.get_subject`` returns that of an identity.
        page_size: The number of consents, at most 250.
        page_token: ``next_token`` of the page before.

    Raises:
        OryError: Hydra failed, or rejects the page token.

    """
    client = get_client(alias)
    return client.read_page(
        client.admin_list_o_auth2_subject_consent_sessions,
        subject=subject,
        page_size=page_size,
        page_token=page_token,
    )


def revoke_consents(alias: str, subject: str, client_id: str) -> None:
    """Revoke all consents of a subject for one client, and the tokens issued from them.

    No consent is no error. JWT access tokens stay valid until they expire, where they are not introspected.

    Raises:
        OryTimeout: It is unknown whether the consents were revoked.
        OryError: Hydra failed.

    """
    _revoke(alias, subject, client=client_id)


def revoke_all_consents(alias: str, subject: str) -> None:
    """Revoke all consents of a subject. Otherwise as ``revoke_consents``."""
    _revoke(alias, subject, all=True)


def _revoke(alias: str, subject: str, **options: Any) -> None:
    try:
        with suppress(OryNotFound):
            get_client(alias).admin_revoke_o_auth2_consent_sessions(subject=subject, **options)
    finally:
        invalidate_tokens(alias=alias, subject=subject)


def end_login_sessions(alias: str, subject: str) -> None:
    """End Hydra's login sessions of a subject, so that the next authorization signs in again.

    Tokens stay valid. Raises OryTimeout and OryError as ``revoke_consents`` does.
    """
    with suppress(OryNotFound):
        get_client(alias).admin_revoke_o_auth2_login_sessions(subject=subject)
