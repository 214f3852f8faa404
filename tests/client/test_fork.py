"""A fork while other threads are inside the client: the child calls, closes and ends like any process."""

from __future__ import annotations

import gc
import os
import queue
import signal
import threading
import weakref
from contextlib import ExitStack
from http.cookiejar import CookieJar
from typing import Any

import pytest
from urllib3._collections import RecentlyUsedContainer

from django_ory.client import OryClient, Timeout

from .raw_server import ALIVE, RawServer, raw_server
from .test_invalid_responses import wrap_the_sessions

WITH_COOKIE = ALIVE.replace(b"\r\n\r\n", b"\r\nSet-Cookie: a=b; Path=/\r\n\r\n")


def finalizers() -> set[Any]:
    """What closes the pools of urllib3 at the end of the process or when garbage collection finds them."""
    registered = list(weakref.finalize._registry)  # type: ignore[attr-defined]  # there is no public list
    return {one for one in registered if (target := one.peek()) and "urllib3" in target[1].__module__}


def locks() -> list[Any]:
    """All locks of urllib3 and requests that threads hold during calls."""
    names = {queue.LifoQueue: "mutex", CookieJar: "_cookies_lock", RecentlyUsedContainer: "lock"}
    kinds = {
        kind: name
        for kind in {type(thing) for thing in gc.get_objects()}
        for base, name in names.items()
        if issubclass(kind, base)
    }
    return [getattr(thing, kinds[type(thing)]) for thing in gc.get_objects() if type(thing) in kinds]


def fork_with_all_of_them_held() -> int:
    held, forked = threading.Event(), threading.Event()

    def hold() -> None:
        with ExitStack() as stack:
            for lock in locks():
                stack.enter_context(lock)
            held.set()
            forked.wait(10)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(10)
    child = os.fork()
    if child:
        forked.set()
        thread.join()
    return child


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
@pytest.mark.parametrize("instrumented", [False, True])
@pytest.mark.parametrize("end", ["call", "close"])
def test_no_lock_of_another_thread_stops_the_child(
    instrumented: bool, end: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if instrumented:
        wrap_the_sessions(monkeypatch)

    def answer(server: RawServer) -> Any:
        return server.answer(WITH_COOKIE)

    # Pools of other tests are plain ones of requests, which a fork leaves locked.
    gc.collect()
    foreign = finalizers()
    with (
        raw_server(answer, answer) as server,
        OryClient(kratos_public_url=server.url, timeout=Timeout(5, 5)) as ory,
    ):
        assert ory.is_alive().status == "ok"
        assert finalizers() - foreign
        child = fork_with_all_of_them_held()
        if child == 0:
            signal.alarm(5)
            answered = False
            try:
                if end == "close":
                    ory.close()
                answered = ory.is_alive().status == "ok"
                gc.collect()
                for finalizer in finalizers() - foreign:  # at exit all of them run
                    finalizer()
            finally:
                os._exit(0 if answered else 1)
        assert os.waitpid(child, 0)[1] == 0
