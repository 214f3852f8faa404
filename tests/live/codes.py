"""Valid and invalid codes of an authenticator app."""

from __future__ import annotations

import base64
import hmac
import struct
import time

__all__ = ["totp", "wrong_code", "wrong_totp"]


def totp(secret: str, *, steps_ahead: int = 0) -> str:
    """Return a code by RFC 6238. Kratos also accepts the codes of the steps before and after, each once."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    counter = int(time.time()) // 30 + steps_ahead
    digest = hmac.digest(key, struct.pack(">Q", counter), "sha1")
    offset = digest[-1] & 15
    number = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"


def wrong_code(*right: str) -> str:
    """Return six digits that differ from these codes."""
    return next(code for code in (f"{digit}" * 6 for digit in range(10)) if code not in right)


def wrong_totp(secret: str) -> str:
    """Return a code that Kratos does not accept within a minute."""
    return wrong_code(*(totp(secret, steps_ahead=steps) for steps in range(-2, 4)))
