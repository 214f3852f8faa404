"""What of an OAuth2 client may be kept: everything but secrets.

These are lists of names that must go, not of names that may stay, so that what Ory adds tomorrow is kept:
look here when Ory adds a secret. (For identities, see ``sessions.identity_rows``: a sign-in writes rows too.)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django_ory.client.json_values import clean_json

if TYPE_CHECKING:
    from django_ory.client.models import OAuth2Client

__all__ = ["without_secrets"]

CLIENT_SECRETS = frozenset(
    {"client_secret", "client_secrets", "rotated_secrets", "registration_access_token"}
)
#: RFC 7518 sections 6.2.2, 6.3.2 and 6.4.1: the private members of a key, and the symmetric key itself.
PRIVATE_KEY_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})


def without_secrets(client: OAuth2Client) -> dict[str, Any]:
    """The OAuth2 client as JSON without secret, registration token and the private parts of its keys."""
    dump = client.model_dump(mode="json", by_alias=True, exclude_unset=True)
    data: dict[str, Any] = clean_json(_without(dump, CLIENT_SECRETS))
    keys = data.get("jwks")
    if isinstance(keys, Mapping):
        data["jwks"] = {
            **keys,
            "keys": [_without(key, PRIVATE_KEY_MEMBERS) for key in keys.get("keys") or []],
        }
    return data


def _without(data: Mapping[str, Any], names: frozenset[str]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name not in names}
