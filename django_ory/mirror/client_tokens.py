"""The tokens of an OAuth2 client: their lifespans, and their revocation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django_ory.clients import get_client
from django_ory.tokens.introspection_cache import invalidate_tokens

from .client_content import LIFESPAN_SUFFIX, without_secrets
from .clients import ClientChange, read_unchanged, write_client

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["get_client_lifespans", "revoke_client_tokens", "set_client_lifespans"]


def get_client_lifespans(data: Mapping[str, Any]) -> dict[str, str | None]:
    """Return the lifespans in the ``data`` of a row, such as ``{"..._access_token_lifespan": "1h30m0s"}``.

    None is the default of the server. The names are those that Hydra has returned, also those of newer ones.
    """
    return {
        name: value if isinstance(value, str) else None
        for name, value in data.items()
        if name.endswith(LIFESPAN_SUFFIX)
    }


def set_client_lifespans(
    alias: str,
    client_id: str,
    changes: Mapping[str, str | None],
    *,
    seen: Mapping[str, Any] | None = None,
) -> ClientChange:
    """Change lifespans of a client's tokens, and nothing else. Tokens that were issued keep theirs.

    Args:
        alias: The key in ``settings.ORY``.
        client_id: The id of the client.
        changes: The new value of each changed lifespan: such as ``"90m"``; None for the default.
        seen: The ``data`` of the row that the change is based on.

    Raises:
        EditConflict: The client differs from ``seen``. Its row was written, and nothing was changed.
        OryError: Hydra rejected the change.
    """
    current = without_secrets(read_unchanged(alias, client_id, seen=seen))
    body = {name: value for name, value in {**get_client_lifespans(current), **changes}.items() if value}
    return write_client(
        alias,
        client_id,
        lambda client: client.set_o_auth2_client_lifespans(client_id, body=body),
        changes=changes,
    )


def revoke_client_tokens(alias: str, client_id: str) -> None:
    """Revoke the access tokens of a client. Refresh tokens and consents stay: ``revoke_client_consents``.

    JWTs are rejected by introspection only: they stay valid for APIs that verify them without Ory. Raises
    OryError if Hydra did not revoke them.
    """
    try:
        get_client(alias).admin_delete_o_auth2_token(client_id=client_id)
    finally:
        invalidate_tokens(alias=alias, client_id=client_id)
