"""The rate limit headers of Ory Network: ``x-ratelimit-limit``, ``-remaining`` and ``-reset``."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["RateLimit", "parse_rate_limit"]

_WINDOW = re.compile(r"([0-9]{1,9})\s*;\s*w\s*=\s*([0-9]{1,9})")
_COUNT = re.compile(r"[0-9]{1,9}")
_SECONDS = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?")


@dataclass(frozen=True, kw_only=True)
class RateLimit:
    """The rate limit of the endpoints that share a bucket with the call.

    Attributes:
        limit: Calls in the current window, None if unknown.
        remaining: Calls left in the current window, None if unknown.
        reset: Seconds until the window ends, None if unknown.
        windows: Each limit as calls and seconds: ``((10, 1), (300, 60))``.

    """

    limit: int | None = None
    remaining: int | None = None
    reset: float | None = None
    windows: tuple[tuple[int, int], ...] = ()

    @property
    def seconds_per_call(self) -> float:
        """The shortest time between two calls that all windows allow for ever; 0 without windows."""
        return max((seconds / calls if calls else math.inf for calls, seconds in self.windows), default=0.0)


def parse_rate_limit(headers: Mapping[str, str]) -> RateLimit | None:
    """Parse ``10, 10;w=1, 300;w=60`` and two numbers; None if there is no such header.

    Args:
        headers: By lower-case name, or by names in any case if the mapping finds these.

    """
    limit, remaining, reset = (
        headers.get(f"x-ratelimit-{name}", "") for name in ("limit", "remaining", "reset")
    )
    if not (limit or remaining or reset):
        return None
    windows = tuple((int(calls), int(seconds)) for calls, seconds in _WINDOW.findall(limit))
    ceiling, left, ends = _COUNT.match(limit.strip()), _COUNT.match(remaining.strip()), reset.strip()
    return RateLimit(
        limit=int(ceiling[0]) if ceiling else None,
        remaining=int(left[0]) if left else None,
        reset=float(ends) if _SECONDS.fullmatch(ends) else None,
        windows=tuple((calls, seconds) for calls, seconds in windows if seconds),
    )
