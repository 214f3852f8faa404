"""The claims of a JWT whose signature is verified later, or was verified by Hydra. PyJWT is not needed."""

from __future__ import annotations

import base64
import json
from typing import Any


def parse_unverified_claims(token: str) -> dict[str, Any]:
    """Return the claims of a JWT, which are not to be trusted; {} if the text is not a JWT."""
    _, _, rest = token.partition(".")
    payload, _, _ = rest.partition(".")
    try:
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (ValueError, RecursionError):  # also of invalid base64
        return {}
    return claims if isinstance(claims, dict) else {}
