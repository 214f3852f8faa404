"""Reasons that may be stored: errors of Ory can quote the traits of an identity."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from django_ory.models import Identity

HIDDEN = "…"
MIN_VALUE_LENGTH = 3  # shorter values are parts of most words
QUOTED = re.compile(r'"(?:\\.|[^"\\])*"')


def redact_reason(text: str, row: Any) -> str:
    """Return a reason without the values of an identity, and without all texts in quotation marks.

    Ory quotes values that it rejects, and these can be newer than the row. Other rows have no personal data.
    """
    if not isinstance(row, Identity):
        return text
    text = QUOTED.sub(f'"{HIDDEN}"', text)
    values = {row.label, *_list_values(row.data)}
    for value in sorted(values, key=len, reverse=True):
        if len(value) >= MIN_VALUE_LENGTH and value != row.log_name:
            text = text.replace(value, HIDDEN)
    return text


def _list_values(data: dict[str, Any]) -> Iterator[str]:
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
