"""The content of an OAuth2 client: its comparison, and the parts that are never stored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django_ory.client.json_values import clean_json

from .errors import OtherResourceReturned

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django_ory.client import models as ory

#: Never stored. All other members are, also those that Ory may add.
CLIENT_SECRETS = ("client_secret", "client_secrets", "rotated_secrets", "registration_access_token")
LIFESPAN_SUFFIX = "_lifespan"  # of the names of members with a duration
#: RFC 7518 sections 6.2.2, 6.3.2 and 6.4.1: the private members of a key, and symmetric keys.
PRIVATE_KEY_MEMBERS = ("d", "p", "q", "dp", "dq", "qi", "oth", "k")
#: The members of a public key by type (RFC 7518 section 6, RFC 8037 section 2).
PUBLIC_KEY_MEMBERS = {"RSA": ("n", "e"), "EC": ("crv", "x", "y"), "OKP": ("crv", "x")}


def is_unchanged(data: Mapping[str, Any], seen: Mapping[str, Any]) -> bool:
    """Return whether two copies of a client are equal, without the time of the last change.

    The time alone differs if the secret was replaced.
    """
    return {**data, "updated_at": None} == {**seen, "updated_at": None}


def without_secrets(client: ory.OAuth2Client) -> dict[str, Any]:
    """Return a client as JSON without its secret, registration token and private keys."""
    dump = client.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude={*CLIENT_SECRETS})
    data: dict[str, Any] = clean_json(dump)
    if isinstance(keys := data.get("jwks"), dict):
        public = [
            {name: value for name, value in key.items() if name not in PRIVATE_KEY_MEMBERS}
            for key in keys.get("keys") or []
        ]
        data["jwks"] = {**keys, "keys": public}
    return data


def check_client_id(client: ory.OAuth2Client, client_id: str) -> ory.OAuth2Client:
    """Return the client. Raises OtherResourceReturned if the response is about another one."""
    if client.client_id != client_id:
        raise OtherResourceReturned
    return client
