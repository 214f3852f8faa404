"""The personal values of the row of an identity, to find and remove them in other texts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django_ory.models import Identity

#: Shorter values are parts of most words.
MIN_VALUE_LENGTH = 3


def list_personal_values(row: Identity) -> list[str]:
    """Return the label and all texts in traits, addresses and public metadata, the longest first."""
    values = {value for value in (row.label, *_list_texts(row.data)) if len(value) >= MIN_VALUE_LENGTH}
    return sorted(values - {row.log_name}, key=len, reverse=True)


def _list_texts(data: dict[str, Any]) -> Iterator[str]:
    addresses = [*(data.get("verifiable_addresses") or []), *(data.get("recovery_addresses") or [])]
    pending: list[Any] = [address.get("value") for address in addresses]
    pending += (data.get(name) for name in ("traits", "metadata_public", "external_id"))
    while pending:
        match pending.pop():
            case dict() as members:
                pending += members.values()
            case list() as items:
                pending += items
            case str() as value:
                yield value
