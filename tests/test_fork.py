"""A fork during calls of other threads: the child starts without their locks and calls."""

from __future__ import annotations

import logging
import os
import signal
import threading
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.test import RequestFactory

from django_ory.authentication.credentials import Credential
from django_ory.authentication.request import _THREADS
from django_ory.authentication.resolver import get_resolver
from django_ory.authentication.results import SessionState
from django_ory.resilience.log_throttle import throttled_log
from tests.support.kratos import ory_settings

from .client.hostile_server import UNAUTHORIZED
from .client.raw_server import raw_server

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_django import Settings

CREDENTIAL = Credential("cookie", "ory_kratos_session=x")


def ask_kratos() -> None:
    answer = get_resolver().resolve(CREDENTIAL, request=RequestFactory().get("/"))
    assert answer.state is SessionState.ANONYMOUS


def call_from_async_code() -> None:
    async_to_sync(sync_to_async(int, **_THREADS))()


def log_a_warning() -> None:
    throttled_log.warn(logging.getLogger("django_ory"), "cause of the child", "a warning of the child")
    assert "cause of the child" in throttled_log


def locks() -> list[Any]:
    return [get_resolver()._calls._lock]


def hold_everything(held: threading.Event, forked: threading.Event) -> None:
    """Hold the state of calls of other threads: their threads and, for a moment, their locks."""
    call_from_async_code()
    fingerprint = CREDENTIAL.fingerprint("default")
    call = threading.Thread(
        target=get_resolver()._calls.share, args=(fingerprint, lambda: forked.wait(10)), kwargs={"wait": 10}
    )
    call.start()
    with ExitStack() as stack:
        for lock in locks():
            stack.enter_context(lock)
        held.set()
        forked.wait(10)
    call.join()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no os.fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
@pytest.mark.parametrize("act", [ask_kratos, call_from_async_code, log_a_warning])
def test_child_of_a_fork_during_calls_makes_calls(act: Callable[[], None], settings: Settings) -> None:
    with raw_server(lambda server: server.answer(UNAUTHORIZED)) as server:
        settings.ORY = ory_settings(KRATOS_PUBLIC_URL=server.url, TIMEOUT=4, SESSION_CACHE_SECONDS=60)
        held, forked = threading.Event(), threading.Event()
        thread = threading.Thread(target=hold_everything, args=(held, forked))
        thread.start()
        assert held.wait(10)
        child = os.fork()
        if child == 0:
            signal.alarm(3)
            succeeded = False
            try:
                act()
                succeeded = True
            finally:
                os._exit(0 if succeeded else 1)
        forked.set()
        thread.join()
        assert os.waitpid(child, 0)[1] == 0
