"""The functions of Kratos' own script that a node may call. Nothing of a node is ever run as a script."""

from __future__ import annotations

import json
import re

__all__ = ["ALLOWED_CALLS", "get_allowed_call"]

ALLOWED_CALLS = frozenset(
    {
        "oryWebAuthnLogin",
        "oryWebAuthnRegistration",
        "oryPasskeyLogin",
        "oryPasskeyLoginAutocompleteInit",
        "oryPasskeyRegistration",
        "oryPasskeySettingsRegistration",
    }
)

# Kratos before 1.3 sends a line of JavaScript, with the options of the ceremony as its only argument.
LEGACY = re.compile(r"window\.__(ory\w+)\((.*)\)", re.DOTALL)


def get_allowed_call(name: str | None, line: str | None) -> tuple[str, str | None] | None:
    """``(function, JSON argument or None)`` from ``onclickTrigger`` or the old ``onclick``; None if it is
    none of the known.
    """
    if name in ALLOWED_CALLS:
        return name, None
    match = LEGACY.fullmatch(line.strip()) if line else None
    if match is None or match[1] not in ALLOWED_CALLS:
        return None
    argument = match[2].strip()
    try:
        json.loads(argument or "null")
    except ValueError:
        return None
    return f"__{match[1]}", argument or None
