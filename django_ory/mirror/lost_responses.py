"""Changes whose response was lost: whether they were made is decided by reading the resource again."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from django_ory.client import OryConnectionError, OryDecodeError, OryServerError, OryTimeout
from django_ory.client.durations import parse_duration
from django_ory.clients import GATEWAY_STATUSES

from .client_content import LIFESPAN_SUFFIX

if TYPE_CHECKING:
    from collections.abc import Mapping


def is_response_lost(error: Exception) -> bool:
    """Return whether it is unknown after this error of a call that Ory made a change."""
    if isinstance(error, OryServerError):
        return error.status in GATEWAY_STATUSES
    return isinstance(error, (OryTimeout, OryConnectionError, OryDecodeError))


def list_unapplied(changes: Mapping[str, Any], data: Mapping[str, Any]) -> list[str]:
    """List the members that have another value than the change.

    Ory omits empty values, and ``90m`` is ``1h30m0s``.
    """
    return [
        name for name, value in changes.items() if _normalize(name, data.get(name)) != _normalize(name, value)
    ]


def _normalize(name: str, value: Any) -> Any:
    if value in (None, "", [], {}, False):
        return None
    if name.endswith(LIFESPAN_SUFFIX) and isinstance(value, str):
        with suppress(ValueError):
            return parse_duration(value)
    return value
