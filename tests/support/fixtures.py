"""Fixtures for tests with or without a session at Kratos."""

from __future__ import annotations

import contextlib
import threading
import time
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, Protocol

import pytest
from django.core.cache import cache
from django.db import connection, transaction

from django_ory.authentication.resolver import clear_process_state
from django_ory.resilience import single_flight
from django_ory.signals import decision_recorded

from .kratos import Whoami, ory_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django import Settings

    from django_ory.provider.audit import AuditEvent
    from django_ory.testing import FakeOry


class Joined:
    """Counts the threads that use the result of another thread's call."""

    def __init__(self) -> None:
        self.count = 0
        self.lock = threading.Lock()

    def wait_for(self, count: int) -> None:
        """Wait until so many threads have joined a call. AssertionError after a minute."""
        deadline = time.monotonic() + 60
        while self.count < count:
            assert time.monotonic() < deadline
            time.sleep(0.001)


class ChangeOry(Protocol):
    """Change settings of the default alias."""

    def __call__(self, **changes: Any) -> None: ...


@pytest.fixture
def kratos(ory: FakeOry) -> Whoami:
    """The response of whoami. By default, all credentials are invalid."""
    return Whoami(ory)


@pytest.fixture
def change_ory(settings: Settings) -> ChangeOry:
    """``change_ory(SESSION_CACHE_SECONDS=60)``"""

    def change(**changes: Any) -> None:
        settings.ORY = ory_settings(**changes)

    return change


@pytest.fixture
def events() -> Iterator[list[AuditEvent]]:
    """The events of the audit log that were sent by the signal."""
    received: list[AuditEvent] = []

    def receive(*, event: AuditEvent, **_: Any) -> None:
        received.append(event)

    decision_recorded.connect(receive)
    yield received
    decision_recorded.disconnect(receive)


@pytest.fixture
def inside(ory: FakeOry, monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether each call of Ory was made inside a transaction."""
    seen: list[bool] = []
    handle = ory.handle

    def watch(call: Any) -> Any:
        seen.append(connection.in_atomic_block)
        return handle(call)

    monkeypatch.setattr(ory, "handle", watch)
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)
    return seen


@pytest.fixture
def joined(monkeypatch: pytest.MonkeyPatch) -> Joined:
    """``joined.wait_for(1)`` waits until another thread has joined a call in progress."""
    joined = Joined()

    class CountedFuture(Future[Any]):
        def result(self, timeout: float | None = None) -> Any:
            with joined.lock:
                joined.count += 1
            return super().result(timeout)

    monkeypatch.setattr(single_flight, "Future", CountedFuture)
    return joined


@contextlib.contextmanager
def fresh_start() -> Iterator[None]:
    """The state at the start of a test, for one of several cases of a test: no cache, no failures of Kratos.

    Rows of the case are rolled back.
    """
    clear_process_state()
    cache.clear()
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
