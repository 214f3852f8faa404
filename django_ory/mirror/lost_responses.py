"""Changes whose response was lost: whether they were made is decided by reading the resource again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django_ory.client import OryConnectionError, OryDecodeError, OryTimeout
from django_ory.client.durations import parse_duration

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Errors after which it is unknown whether Ory made a change.
LOST_RESPONSES = (OryTimeout, OryConnectionError, OryDecodeError)


def is_applied(changes: Mapping[str, Any], data: Mapping[str, Any]) -> bool:
    """Return whether a resource has the new values. Ory omits empty ones, and ``90m`` is ``1h30m0s``."""
    return all(_normalize(name, data.get(name)) == _normalize(name, value) for name, value in changes.items())


def _normalize(name: str, value: Any) -> Any:
    if value in (None, "", [], {}, False):
        return None
    if name.endswith("_lifespan") and isinstance(value, str):
        return parse_duration(value)
    return value
