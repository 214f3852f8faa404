"""The decision on a token that Hydra is about to issue: a pure function of plain values."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from django_ory.provider.openid.claims import RESERVED_CLAIMS, GrantClaims
from django_ory.tokens.grant_types import CLIENT_CREDENTIALS, JWT_BEARER, REFRESH_TOKEN

from .documents import TokenRequest

__all__ = ["DenyToken", "KeepClaims", "ReplaceClaims", "TokenOutcome", "decide_token", "needs_account"]


@dataclass(frozen=True, kw_only=True)
class KeepClaims:
    """Issue the token with its present claims."""


@dataclass(frozen=True, kw_only=True)
class ReplaceClaims:
    """Issue the token with these claims. Hydra drops all others."""

    access_token: dict[str, Any] = field(repr=False)
    id_token: dict[str, Any] = field(repr=False)

    @property
    def body(self) -> dict[str, Any]:
        """The JSON body of the answer. Hydra replaces both maps, also by a missing one."""
        return {"session": {"access_token": self.access_token, "id_token": self.id_token}}


@dataclass(frozen=True, kw_only=True)
class DenyToken:
    """Issue no token. ``reason``: a code for the audit log."""

    reason: str


TokenOutcome = KeepClaims | ReplaceClaims | DenyToken


def needs_account(request: TokenRequest, *, is_account_subject: Callable[[str], bool]) -> bool:
    """Return whether the subject must be an active account.

    The kind of grant decides, never a comparison of the subject with the id of the client, which the client
    may have chosen. Unknown kinds of grants need an account.

    Args:
        request: The token.
        is_account_subject: Whether a subject has the form of one of this site. Called for JWTs alone: their
            trusted issuers may have other subjects, such as machines.
    """
    if request.grant_type == CLIENT_CREDENTIALS:
        return False
    return request.grant_type != JWT_BEARER or is_account_subject(request.subject)


def needs_claims(request: TokenRequest) -> bool:
    """Return whether the claims are built again.

    Those of an authorization code are of the consent a moment ago, and Hydra would prefer them anyway.
    """
    return request.grant_type == REFRESH_TOKEN


def decide_token(
    request: TokenRequest, *, is_active: bool, claims: GrantClaims | None, kept: Collection[str] = ()
) -> TokenOutcome:
    """Decide on a token that needs an account.

    Args:
        request: The token.
        is_active: The account exists and is active.
        claims: The present claims for the granted scopes; None to keep those of the token.
        kept: The claims of the consent that stay as they are, besides those of Hydra.
    """
    if not is_active:
        return DenyToken(reason="account_inactive")
    if claims is None:
        return KeepClaims()
    access_token = _merge(request.access_claims, claims.access_token, kept=kept)
    id_token = _merge(request.id_claims, claims.id_token, kept=kept)
    if access_token == request.access_claims and id_token == request.id_claims:
        return KeepClaims()
    return ReplaceClaims(access_token=access_token, id_token=id_token)


def _merge(current: Mapping[str, Any], claims: Mapping[str, Any], *, kept: Collection[str]) -> dict[str, Any]:
    """Return the new claims with those of Hydra, such as ``sid``.

    All others are dropped: a claim that is not built any more, such as a role, was taken from the user.
    """
    stays = {name: value for name, value in current.items() if name in RESERVED_CLAIMS or name in kept}
    return {**claims, **stays}
