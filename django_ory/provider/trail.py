"""What we remember of a challenge while somebody signs in: signed, in the URL that brings them back.

Nothing is stored, so nothing grows and no cookie fills up; and a trail only fits the challenge that it was
made for.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from django.core import signing

__all__ = ["Trail", "leave_trail", "read_trail"]

_SALT = "django_ory.provider.trail"
_LONGEST = 2_000  # characters; ours have a few hundred


@dataclass(frozen=True, kw_only=True)
class Trail:
    """``seen_at`` (Unix time) is when the challenge was first seen: a sign-in after it is a fresh one."""

    seen_at: float
    stepped_up: bool = False
    client_name: str = ""
    client_url: str = ""


def leave_trail(challenge: str, trail: Trail) -> str:
    """The trail as text for a query or a hidden field."""
    value = [round(trail.seen_at, 3), int(trail.stepped_up), trail.client_name[:100], trail.client_url[:500]]
    return signing.dumps(value, salt=_salt(challenge), compress=True)


def read_trail(challenge: str, text: str | None) -> Trail | None:
    """The trail, or None if there is none or it was made for another challenge."""
    if not text or len(text) > _LONGEST:
        return None
    try:
        seen_at, stepped_up, name, url = signing.loads(text, salt=_salt(challenge))
    except (signing.BadSignature, ValueError):
        return None
    return Trail(seen_at=seen_at, stepped_up=bool(stepped_up), client_name=name, client_url=url)


def _salt(challenge: str) -> str:
    return f"{_SALT}:{hashlib.sha256(challenge.encode()).hexdigest()}"
