"""Load on real servers while Kratos is stopped, killed, restarted, delayed, cut off and garbled.

Never a 500, never longer than the deadline and half a second, nobody let in who should not be, and well again
within two seconds.
"""

from __future__ import annotations

import json
import socket
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.live.client.world import new_world

from .load import VISITORS, crowd, serving, visit
from .proxy import Proxy

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from django_ory.devstack.stack import OryStack

pytestmark = pytest.mark.live

DEADLINE = 1.0
HEALS_WITHIN = 2.0
#: Seconds of load in all; a minute on one server, a third of it on the others.
LENGTHS = {"gunicorn threads": 60, "gunicorn sync": 20, "uvicorn": 20}


def seconds_until_known(port: int, cookie: str) -> float:
    """How long until the site knows the member again."""
    started = time.monotonic()
    while time.monotonic() - started < 10:
        status, body, _ = visit(port, "GET", "/who/", cookie)
        if status == 200 and json.loads(body)["is_authenticated"]:
            break
        time.sleep(0.02)
    return time.monotonic() - started


@pytest.mark.parametrize("kind", LENGTHS)
def test_faults(
    kind: str,
    tmp_path: Path,
    ory_stack_factory: Callable[..., OryStack],
    record_property: Callable[[str, object], None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    stack = ory_stack_factory()
    world = new_world(stack)
    world.person()
    member = world.browser().cookie
    with Proxy(stack.kratos_public_url) as proxy:
        ory: Any = stack.ory_setting
        ory = {"default": {**ory["default"], "KRATOS_PUBLIC_URL": proxy.url, "TIMEOUT": DEADLINE}}

        def start_again() -> None:
            stack.kratos.start()
            stack.kratos.wait_ready()

        troubles: list[tuple[str, Callable[[], object], Callable[[], object]]] = [
            ("SIGSTOP", stack.kratos.pause, stack.kratos.resume),
            ("kill", stack.kratos.kill, start_again),
            ("restart", stack.kratos.restart, lambda: None),
            *(
                (mood, lambda mood=mood: setattr(proxy, "mood", mood), lambda: setattr(proxy, "mood", "fair"))
                for mood in ("slow", "cut", "garbage", "html", "error", "hang")
            ),
        ]
        proxy.delay = DEADLINE * 0.6
        share = LENGTHS[kind] / (len(troubles) * 2)
        with serving(kind, tmp_path, ory) as port:
            assert seconds_until_known(port, member) < 10
            healed = {}
            with crowd(port, VISITORS[kind], member, "ory_kratos_session=forged") as tally:
                for name, begin, end in troubles:
                    begin()
                    time.sleep(share)
                    end()
                    healed[name] = seconds_until_known(port, member)
                    time.sleep(max(0.0, share - healed[name]))
    log = (tmp_path / "server.log").read_text()
    times = ", ".join(f"{name} {seconds:.2f}" for name, seconds in healed.items())
    with capsys.disabled():
        print(f"\n{kind}: {tally}; well again after (s): {times}")
    record_property(kind, str(tally))
    assert tally.statuses[500] == 0, log[-4000:]
    assert set(tally.statuses) <= {200, 302, 503}
    assert tally.broken_connections == 0
    assert tally.strangers_let_in == 0
    assert tally.slowest <= DEADLINE + 0.5
    assert max(healed.values()) <= HEALS_WITHIN
    assert "Traceback" not in log
    assert log.count("does not say who is asking") <= 2 * (
        1 + LENGTHS[kind] // 60
    )  # one a minute and process


def test_a_client_that_goes_away(tmp_path: Path, ory_stack_factory: Callable[..., OryStack]) -> None:
    """In the middle of the call to Kratos, again and again: the server goes on for the others."""
    stack = ory_stack_factory()
    world = new_world(stack)
    world.person()
    member = world.browser().cookie
    with Proxy(stack.kratos_public_url) as proxy:
        ory: Any = stack.ory_setting
        ory = {"default": {**ory["default"], "KRATOS_PUBLIC_URL": proxy.url, "SESSION_CACHE_SECONDS": 30}}
        proxy.mood, proxy.delay = "slow", 0.4
        with serving("uvicorn", tmp_path, ory) as port:
            for _ in range(20):
                with socket.create_connection(("127.0.0.1", port)) as connection:
                    connection.sendall(f"GET /awho/ HTTP/1.1\r\nHost: x\r\nCookie: {member}\r\n\r\n".encode())
                    time.sleep(0.02)
            proxy.mood = "fair"
            status, body, seconds = visit(port, "GET", "/awho/", member)
    assert status == 200
    assert json.loads(body)["identity"]
    assert seconds < 2
    assert "Traceback" not in (tmp_path / "server.log").read_text()
