"""``WWW-Authenticate: Bearer ...`` of denied API requests (RFC 6750, RFC 9470, RFC 9728)."""

from __future__ import annotations

import re
from collections.abc import Iterable

#: Characters that a quoted value of the header may contain (RFC 6750 section 3), without the quotes.
FORBIDDEN = re.compile(r"[^\x20-\x21\x23-\x5b\x5d-\x7e]")


def build_challenge(
    *,
    error: str = "",
    description: str = "",
    scope: Iterable[str] = (),
    acr_values: Iterable[str] = (),
    max_age: int | None = None,
    resource_metadata: str = "",
) -> str:
    """The value of the header.

    Args:
        error: ``invalid_request``, ``invalid_token``, ``insufficient_scope`` or
            ``insufficient_user_authentication``; empty for a request without a token.
        description: a sentence for developers. No part of the token.
        scope: the scopes that the request needs.
        acr_values: the authentication levels that the request needs (RFC 9470).
        max_age: the greatest age of the sign-in in seconds (RFC 9470).
        resource_metadata: the URL of the metadata of the API (RFC 9728).
    """
    parameters = {
        "error": error,
        "error_description": description,
        "scope": " ".join(scope),
        "acr_values": " ".join(acr_values),
        "max_age": "" if max_age is None else str(max_age),
        "resource_metadata": resource_metadata,
    }
    parts = [f'{name}="{FORBIDDEN.sub("", value)}"' for name, value in parameters.items() if value]
    return " ".join(["Bearer", ", ".join(parts)]).strip()
