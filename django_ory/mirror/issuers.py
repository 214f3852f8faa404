"""Trusted issuers: other parties whose signed JWTs Hydra exchanges for access tokens (RFC 7523)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django_ory.client import OryUsageError
from django_ory.clients import get_client

from .client_content import PRIVATE_KEY_MEMBERS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from django_ory.client.models import TrustedOAuth2JwtGrantIssuer
    from django_ory.client.pagination import ListedPage

__all__ = ["add_issuer", "delete_issuer", "has_private_part", "list_issuers"]


def list_issuers(
    alias: str, *, page_size: int, page_token: str = "", issuer: str = ""
) -> ListedPage[TrustedOAuth2JwtGrantIssuer]:
    """Return one page of the trusted issuers.

    Args:
        alias: The key in ``settings.ORY``.
        page_size: The number of issuers, at most 250.
        page_token: ``next_token`` of the page before.
        issuer: The exact name of an issuer; "" for all.

    Raises:
        OryError: Hydra failed, or rejects the page token.

    """
    client = get_client(alias)
    return client.read_page(
        client.admin_list_trusted_o_auth2_jwt_grant_issuers,
        issuer=issuer or None,
        page_size=page_size,
        page_token=page_token,
    )


def add_issuer(
    alias: str,
    *,
    issuer: str,
    jwk: Mapping[str, Any],
    expires_at: datetime,
    scope: Sequence[str] = (),
    subject: str = "",
) -> TrustedOAuth2JwtGrantIssuer:
    """Trust an issuer until ``expires_at``: Hydra gives it access tokens of the subject.

    Args:
        alias: The key in ``settings.ORY``.
        issuer: The claim ``iss`` of its JWTs.
        jwk: Its public key, with ``kid``.
        expires_at: An aware time.
        scope: The scopes that it can request.
        subject: The claim ``sub`` of its JWTs; "" lets it act for every subject.

    Raises:
        OryUsageError: The key has a private part, or is symmetric. Nothing was sent.
        OryConflict: Hydra trusts this issuer with this key already.
        OryTimeout: It is unknown whether the issuer was added.
        OryError: Hydra failed, or rejects the issuer.

    """
    if has_private_part(jwk):
        raise OryUsageError("The key is private or symmetric. Give Ory the public key only.")
    body = {
        "issuer": issuer,
        "jwk": dict(jwk),
        "expires_at": expires_at.isoformat(),
        "scope": list(scope),
        **({"subject": subject} if subject else {"allow_any_subject": True}),
    }
    return get_client(alias).admin_trust_o_auth2_jwt_grant_issuer(body=body)


def delete_issuer(alias: str, issuer_id: str) -> TrustedOAuth2JwtGrantIssuer:
    """Remove a trusted issuer, and return it. Access tokens that it got stay valid until they expire.

    Raises OryNotFound and OryError.
    """
    client = get_client(alias)
    issuer = client.admin_get_trusted_o_auth2_jwt_grant_issuer(issuer_id)
    client.admin_delete_trusted_o_auth2_jwt_grant_issuer(issuer_id)
    return issuer


def has_private_part(jwk: Mapping[str, Any]) -> bool:
    """Return whether a JSON Web Key is private or symmetric."""
    return jwk.get("kty") == "oct" or any(name in jwk for name in PRIVATE_KEY_MEMBERS)
