"""Reasons that may be stored: errors of Ory can quote the traits of an identity."""

from __future__ import annotations

import re
from typing import Any

from django_ory.mirror.personal_values import list_personal_values
from django_ory.models import Identity

HIDDEN = "…"
QUOTED = re.compile(r'"(?:\\.|[^"\\])*"')
#: E-mail addresses and international phone numbers, also those of other identities.
PERSONAL_ADDRESSES = re.compile(r"[^\s\"'<>()]+@[^\s\"'<>()]+|\+\d[\d ()-]{4,}\d")


def redact_reason(text: str, row: Any) -> str:
    """Return a reason without the values of an identity, addresses, and texts in quotation marks.

    Ory quotes values that it rejects, and these can be newer than the row. Other rows have no personal data.
    """
    if not isinstance(row, Identity):
        return text
    text = PERSONAL_ADDRESSES.sub(HIDDEN, QUOTED.sub(f'"{HIDDEN}"', text))
    for value in list_personal_values(row):
        text = text.replace(value, HIDDEN)
    return text


def redact_hidden(text: str, row: Any) -> str:
    """Return a reason for staff: without personal data if they may not see those of the row."""
    return redact_reason(text, row) if getattr(row, "hides_personal_data", False) else text
