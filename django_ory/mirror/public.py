"""What of an answer may be kept: everything but secrets.

These are lists of names that must go, not of names that may stay, so that what Ory adds tomorrow is kept:
look here when Ory adds a secret.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django_ory.client.models import Identity, OAuth2Client

__all__ = ["client_data", "identity_data"]

IDENTITY_SECRETS = frozenset({"credentials", "metadata_admin"})
CLIENT_SECRETS = frozenset(
    {"client_secret", "client_secrets", "rotated_secrets", "registration_access_token"}
)
#: RFC 7518 sections 6.2.2, 6.3.2 and 6.4.1: the private members of a key, and the symmetric key itself.
PRIVATE_KEY_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})


def identity_data(identity: Identity) -> dict[str, Any]:
    """The identity as JSON without its credentials and ``metadata_admin``."""
    return _without(_dump(identity), IDENTITY_SECRETS)


def client_data(client: OAuth2Client) -> dict[str, Any]:
    """The OAuth2 client as JSON without secret, registration token and the private parts of its keys."""
    data = _without(_dump(client), CLIENT_SECRETS)
    keys = data.get("jwks")
    if isinstance(keys, Mapping):
        data["jwks"] = {
            **keys,
            "keys": [
                _without(key, PRIVATE_KEY_MEMBERS)
                for key in keys.get("keys") or []
                if isinstance(key, Mapping)
            ],
        }
    return data


def _without(data: Mapping[str, Any], names: frozenset[str]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name not in names}


def _dump(resource: Identity | OAuth2Client) -> dict[str, Any]:
    data: dict[str, Any] = _storable(resource.model_dump(mode="json", by_alias=True, exclude_unset=True))
    return data


def _storable(value: Any) -> Any:
    """Without NUL characters: PostgreSQL refuses them, and one trait must not stop a whole sync."""
    match value:
        case str():
            return value.replace("\x00", "")
        case list():
            return [_storable(item) for item in value]
        case dict():
            return {_storable(name): _storable(item) for name, item in value.items()}
        case _:
            return value
