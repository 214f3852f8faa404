"""The settings of one topic: text, type, default and example."""

from __future__ import annotations

import dataclasses
from typing import Any, Literal, get_args, get_origin, get_type_hints

from django_ory.checks.rules import default_value
from django_ory.setting_fields import TOPICS

from .markdown import code, entry, mark_names


def lines(topic: str) -> list[str]:
    """Return the entries of the settings of a topic."""
    kind = TOPICS[topic]
    hints = get_type_hints(kind)
    found = [kind.__doc__ or "", ""]
    for field in dataclasses.fields(kind):
        key = field.name.upper()
        facts = [
            f"Type: {_describe_type(hints[field.name])}",
            f"Default: {_describe_default(default_value(key))}",
            "Example: " + code(f'ORY["default"]["{key}"] = {field.metadata["example"]}'),
        ]
        text = mark_names(field.metadata["help"], without=key)
        found += entry(f"`{key}`", text, ". ".join(facts), label=f"setting-{key}")
    return found


def _describe_type(hint: Any) -> str:
    if get_origin(hint) is Literal:
        return "one of " + ", ".join(code(repr(value)) for value in get_args(hint))
    return code(
        hint.__name__ if isinstance(hint, type) and not get_args(hint) else str(hint).replace("typing.", "")
    )


def _describe_default(value: Any) -> str:
    return "not set" if value in ("", [], {}) else code(repr(value))
