"""Durations in the format of Ory, which is that of Go: ``"90m"``, ``"1h30m0s"``, ``"720h"``."""

from __future__ import annotations

import re
from decimal import Decimal

__all__ = ["format_duration", "parse_duration"]

_UNITS = {"ns": 1, "us": 10**3, "µs": 10**3, "μs": 10**3, "ms": 10**6, "s": 10**9}
_UNITS |= {"m": 60 * _UNITS["s"], "h": 3600 * _UNITS["s"]}
_PART = re.compile(r"(\d{1,19}(?:\.\d{0,19})?|\.\d{1,19})(ns|us|µs|μs|ms|s|m|h)", re.ASCII)
MAX_NANOSECONDS = 2**63 - 1


def parse_duration(text: str) -> int:
    """Return a duration in nanoseconds. Raises ValueError for another format and for more than 292 years."""
    nanoseconds, position = Decimal(0), 0
    while position < len(text) and (part := _PART.match(text, position)):
        nanoseconds += Decimal(part[1]) * _UNITS[part[2]]
        position = part.end()
    if not text or (position < len(text) and text != "0") or nanoseconds > MAX_NANOSECONDS:
        raise ValueError("not a duration")
    return int(nanoseconds)


def format_duration(nanoseconds: int) -> str:
    """Return a duration of whole seconds or more in the format of Ory's responses: ``"1h30m0s"``."""
    all_minutes, seconds = divmod(Decimal(nanoseconds) / _UNITS["s"], 60)
    hours, minutes = divmod(int(all_minutes), 60)
    rest = f"{seconds.normalize():f}s" if seconds else "0s"
    if hours:
        return f"{hours}h{minutes}m{rest}"
    return f"{minutes}m{rest}" if minutes else rest
