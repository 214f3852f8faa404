"""JSON Web Key sets of Hydra, without private parts: they never leave the functions of this module."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django_ory.clients import get_client

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django_ory.client.models import JsonWebKey

__all__ = [
    "ACCESS_TOKEN_KEYS",
    "ID_TOKEN_KEYS",
    "KEY_ALGORITHMS",
    "PublicKey",
    "add_key",
    "delete_key",
    "delete_key_set",
    "list_keys",
]

#: The sets that Hydra signs with. It creates a new key if one of them is missing or empty.
ID_TOKEN_KEYS = "hydra.openid.id-token"
ACCESS_TOKEN_KEYS = "hydra.jwt.access-token"
#: Accepted by Hydra for new keys.
KEY_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "ES512", "EdDSA")
#: RFC 7517 sections 4.1 to 4.9, RFC 7518 sections 6.2.1 and 6.3.1: the members that are public.
SHOWN_KEY_MEMBERS = (
    *("kty", "use", "key_ops", "alg", "kid", "x5u", "x5c", "x5t", "x5t#S256", "crv", "x", "y", "n", "e"),
)
NEW_KEY_SECONDS = 30.0  # Hydra's RSA keys have 4096 bits


@dataclass(frozen=True, kw_only=True)
class PublicKey:
    """A key without its private parts. ``members``: its public members as JSON."""

    kid: str
    algorithm: str
    use: str
    key_type: str
    members: Mapping[str, Any] = field(repr=False)


def list_keys(alias: str, set_name: str) -> list[PublicKey]:
    """Return the public parts of the keys of a set, the newest first. It signs, and all of them verify.

    Raises:
        OryNotFound: Hydra has no set of this name.
        OryError: Hydra failed.

    """
    return [_get_public_part(key) for key in get_client(alias).admin_get_json_web_key_set(set_name).keys]


def add_key(alias: str, set_name: str, *, algorithm: str, use: str = "sig", kid: str = "") -> PublicKey:
    """Let Hydra create a key in a set, which signs from now on. Creates the set if it is missing.

    Args:
        alias: The key in ``settings.ORY``.
        set_name: The name of the set.
        algorithm: One of ``KEY_ALGORITHMS``.
        use: "sig" or "enc".
        kid: The id of the key; Hydra makes one for "".

    Raises:
        OryConflict: The set has a key of this id.
        OryTimeout: It is unknown whether the key was created.
        OryError: Hydra failed, or rejects the key.

    """
    client = get_client(alias).with_timeout(NEW_KEY_SECONDS)
    body = {"alg": algorithm, "use": use, "kid": kid}
    created = client.admin_create_json_web_key_set(set_name, body=body).keys
    if created:
        return _get_public_part(created[0])
    return PublicKey(kid=kid, algorithm=algorithm, use=use, key_type="", members={})


def delete_key(alias: str, set_name: str, kid: str) -> None:
    """Delete one key. Tokens that were signed with it become invalid.

    Raises:
        OryNotFound: The set has no such key.
        OryError: Hydra failed.

    """
    client = get_client(alias)
    client.admin_get_json_web_key(set_name, kid)  # a deletion of a missing key is a success
    client.admin_delete_json_web_key(set_name, kid)


def delete_key_set(alias: str, set_name: str) -> None:
    """Delete a set with all its keys. Hydra makes a new key for each of its own sets.

    Raises OryNotFound if there is no such set, and OryError.
    """
    client = get_client(alias)
    client.admin_get_json_web_key_set(set_name)  # a deletion of a missing set is a success
    client.admin_delete_json_web_key_set(set_name)


def _get_public_part(key: JsonWebKey) -> PublicKey:
    members = key.model_dump(mode="json", by_alias=True, exclude_unset=True)
    public = {name: members[name] for name in SHOWN_KEY_MEMBERS if members.get(name) not in (None, "", [])}
    return PublicKey(
        kid=key.kid or "",
        algorithm=key.alg or "",
        use=key.use or "",
        key_type=key.kty or "",
        members=public,
    )
