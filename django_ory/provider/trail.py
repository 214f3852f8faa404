"""What we remember of a challenge while a page of ours is open or somebody signs in: signed, in the form or
in the URL that brings them back.

Nothing is stored, so nothing grows and no cookie fills up; and a trail only fits the challenge that it was
made for.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from django.core import signing

__all__ = ["App", "Trail", "leave_trail", "read_trail"]

_SALT = "django_ory.provider.trail"
_LONGEST = 2_000  # characters; ours have a few hundred


@dataclass(frozen=True, kw_only=True)
class App:
    """The site or app that asked, for the page on which its challenge has expired."""

    name: str = ""
    url: str = ""


@dataclass(frozen=True, kw_only=True)
class Trail:
    """The browser was sent to sign in.

    ``seen_at`` (Unix time) is when the challenge was first seen: a sign-in after it is a fresh one.
    """

    seen_at: float
    stepped_up: bool = False


def leave_trail(challenge: str, *, app: App, trail: Trail | None = None) -> str:
    """Both as text for a query or a hidden field."""
    seen_at = round(trail.seen_at, 3) if trail else None
    value = [seen_at, int(bool(trail and trail.stepped_up)), app.name[:100], app.url[:500]]
    return signing.dumps(value, salt=_salt(challenge), compress=True)


def read_trail(challenge: str, text: str | None) -> tuple[App | None, Trail | None]:
    """Both, or None for what was not left, or was left for another challenge."""
    if not text or len(text) > _LONGEST:
        return None, None
    try:
        seen_at, stepped_up, name, url = signing.loads(text, salt=_salt(challenge))
    except (signing.BadSignature, ValueError):
        return None, None
    trail = Trail(seen_at=seen_at, stepped_up=bool(stepped_up)) if seen_at is not None else None
    return App(name=name, url=url), trail


def _salt(challenge: str) -> str:
    return f"{_SALT}:{hashlib.sha256(challenge.encode()).hexdigest()}"
