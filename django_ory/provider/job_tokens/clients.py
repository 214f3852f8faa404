"""The OAuth2 client of a job, which authenticates with the keys of this site and has short-lived tokens."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from django_ory.adapter import get_adapter
from django_ory.client import OryNotFound
from django_ory.client import models as ory
from django_ory.client.durations import parse_duration
from django_ory.clients import get_client
from django_ory.mirror.clients import create_client, update_client
from django_ory.tokens.grant_types import JWT_BEARER

from .errors import TokenDenied

if TYPE_CHECKING:  # needs PyJWT
    from .keys import SigningKey

__all__ = ["MAX_TOKEN_SECONDS", "prepare_job_client", "read_job_client"]

#: The longest life of a token: a revoked job can use its last token that long.
MAX_TOKEN_SECONDS = 300


def prepare_job_client(
    alias: str,
    client_id: str,
    *,
    keys: Sequence[SigningKey],
    name: str,
    scopes: Collection[str],
    audience: Collection[str],
) -> None:
    """Create a client for jobs, or give an existing one these values and the present keys.

    Args:
        alias: The key in ``settings.ORY``.
        client_id: The id of the client.
        keys: The keys of this site. The first one signs.
        name: The name of the client for users; "" for its id.
        scopes: The scopes that jobs may request. Empty for an existing client: no change.
        audience: The APIs that tokens may be for. Empty for an existing client: no change.

    Raises:
        TokenDenied: There are no keys, or the client exists and is not one for jobs. Nothing was changed.
        OryError: Hydra failed, or rejects the client.
    """
    if not keys:
        raise TokenDenied("turned_off")
    values: dict[str, Any] = {
        "grant_types": [JWT_BEARER],
        "token_endpoint_auth_method": "private_key_jwt",
        "token_endpoint_auth_signing_alg": keys[0].algorithm,
        "jwks": {"keys": [dict(key.public_jwk) for key in keys]},
        "jwt_bearer_grant_access_token_lifespan": f"{MAX_TOKEN_SECONDS // 60}m0s",
        **({"client_name": name} if name else {}),
        **({"scope": " ".join(scopes)} if scopes else {}),
        **({"audience": list(audience)} if audience else {}),
    }
    try:
        current = get_client(alias).admin_get_o_auth2_client(client_id)
    except OryNotFound:
        create_client(
            alias, {"client_id": client_id, "client_name": client_id, "response_types": [], **values}
        )
        return
    # Not an app that users sign in to: it would lose its way to authenticate.
    if current.grant_types != [JWT_BEARER] or not get_adapter(alias).is_client_verified(current):
        raise TokenDenied("client_not_prepared")
    update_client(alias, client_id, values)


def read_job_client(
    alias: str, client_id: str, *, key: SigningKey, scopes: Collection[str], audience: Collection[str]
) -> ory.OAuth2Client:
    """Return a client that may get this token.

    Hydra does not compare the scopes and the audience of a JWT bearer grant with those of the client, so
    this function does.

    Raises:
        TokenDenied: The client does not exist, is not one for jobs, or is not registered for a scope or an
            audience.
        OryError: Hydra failed.
    """
    try:
        client = get_client(alias).admin_get_o_auth2_client(client_id)
    except OryNotFound:
        raise TokenDenied("client_not_prepared") from None
    keys = client.jwks.keys if client.jwks else []
    is_prepared = (
        client.client_id == client_id
        and client.grant_types == [JWT_BEARER]
        and client.token_endpoint_auth_method == "private_key_jwt"
        and client.token_endpoint_auth_signing_alg == key.algorithm
        and any(each.kid == key.kid for each in keys)
        and _is_short(client.jwt_bearer_grant_access_token_lifespan)
        # A client that registered itself has chosen its scopes and its audience.
        and get_adapter(alias).is_client_verified(client)
    )
    if not is_prepared:
        raise TokenDenied("client_not_prepared")
    if not scopes or not set(scopes) <= set((client.scope or "").split()):
        raise TokenDenied("scope_not_allowed")
    if not audience or not set(audience) <= set(client.audience):
        raise TokenDenied("audience_not_allowed")
    return client


def _is_short(lifespan: str | None) -> bool:
    try:
        return 0 < parse_duration(lifespan or "") <= MAX_TOKEN_SECONDS * 10**9
    except ValueError:
        return False
