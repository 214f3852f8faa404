"""What a process remembers beside the cache: open breakers, warnings given, calls under way, keys of
marks."""

from __future__ import annotations

from django_ory.clients import get_fail_fast

from .memory import memory_for
from .resolver import flights
from .windows import once_per_window

__all__ = ["clear_process_state"]


def clear_process_state() -> None:
    """Forget it all, as a new process would."""
    get_fail_fast.clear()
    memory_for.clear()
    once_per_window.clear()
    flights.clear()
