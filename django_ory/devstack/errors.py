"""What goes wrong on a development machine, in words that say what to do about it."""

from __future__ import annotations

__all__ = ["DevstackError"]


class DevstackError(Exception):
    """The development stack cannot go on. The message tells the developer what to install or to change."""
