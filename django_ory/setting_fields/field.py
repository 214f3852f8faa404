"""A setting: its default, text and example."""

from __future__ import annotations

from dataclasses import field
from typing import Any


def define_setting(default: Any, help_text: str, *, example: str) -> Any:
    """Return the dataclass field of a setting.

    Args:
        default: The default. Lists and dictionaries are copied.
        help_text: The text of the settings page.
        example: A valid value, other than the default, as Python for a settings file.
    """
    metadata = {"help": help_text, "example": example}
    if isinstance(default, (dict, list)):
        return field(default_factory=default.copy, metadata=metadata)
    return field(default=default, metadata=metadata)
