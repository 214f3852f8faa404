"""What a process remembers beside the cache: open breakers, warnings given, calls under way, keys of
marks."""

from __future__ import annotations

from django_ory.clients import reset_circuit_breakers
from django_ory.resilience.log_throttle import throttled_log

from .resolver import flights
from .session_cache import memory_for

__all__ = ["clear_process_state"]


def clear_process_state() -> None:
    """Forget it all, as a new process would."""
    reset_circuit_breakers()
    memory_for.clear()
    throttled_log.clear()
    flights.clear()
