from __future__ import annotations

import io
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from django_ory.devstack import DevstackError, host, join_stack, shared
from django_ory.devstack.host import plan_as_json, plan_from_json, run
from django_ory.devstack.kinds import KINDS
from django_ory.devstack.ports import HOST
from django_ory.devstack.stack import new_plan

from .processes import is_alive, processes, until

if TYPE_CHECKING:
    from pathlib import Path

    from django_ory.devstack.kinds import ServerKind
    from django_ory.devstack.plan import StackPlan

pytestmark = pytest.mark.usefixtures("fake_servers")


def test_everybody_shares_one_and_the_last_one_ends_it(tmp_path: Path) -> None:
    with join_stack(tmp_path) as first:
        with join_stack(tmp_path) as second:
            assert second.kratos.pid == first.kratos.pid
            assert second.ory_setting == first.ory_setting
            pid = first.hydra.pid
        assert first.hydra.is_running()
    until(lambda: not is_alive(pid))
    with join_stack(tmp_path) as later:
        assert later.hydra.pid != pid


def test_a_port_that_is_taken_at_the_last_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plans: list[StackPlan] = []

    def taken_at_first(folder: Path) -> StackPlan:
        plan = new_plan(folder)
        plans.append(plan)
        if len(plans) == 1:
            squatter.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do
            squatter.bind((HOST, plan.ports.smtp))
            squatter.listen()
        return plan

    monkeypatch.setattr(shared, "new_plan", taken_at_first)
    with socket.socket() as squatter, join_stack(tmp_path) as stack:
        assert stack.kratos.is_running()
    assert len(plans) == 2


def test_what_may_be_done_to_a_server(tmp_path: Path) -> None:
    with join_stack(tmp_path) as stack:
        kratos = stack.kratos
        first = kratos.pid
        kratos.pause()
        with pytest.raises(DevstackError, match="not ready after 1 seconds"):
            kratos.wait_ready(1)
        kratos.resume()
        kratos.wait_ready()
        kratos.restart()
        assert kratos.pid != first
        kratos.stop()
        assert not kratos.is_running()
        kratos.start()
        kratos.wait_ready()
        kratos.kill()
        assert not kratos.is_running()


def test_two_at_once_start_one(tmp_path: Path) -> None:
    pids: list[int] = []
    together = threading.Barrier(2)

    def join() -> None:
        with join_stack(tmp_path) as stack:
            pids.append(stack.kratos.pid)
            together.wait(30)

    threads = [threading.Thread(target=join) for _ in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(pids) == 2
    assert len(set(pids)) == 1


def test_the_stack_ends_when_its_only_user_is_killed(tmp_path: Path) -> None:
    source = "\n".join(
        (
            "import sys",
            "from pathlib import Path",
            "import django",
            "from django_ory.devstack import join_stack",
            "django.setup()",
            f"stack = join_stack(Path({str(tmp_path)!r}))",
            "print(stack.kratos.pid, flush=True)",
            "sys.stdin.read()",
        )
    )
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        "DJANGO_SETTINGS_MODULE": "tests.settings",
    }
    with subprocess.Popen(
        [sys.executable, "-c", source],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    ) as user:
        assert user.stdout is not None
        pid = int(user.stdout.readline())
        assert is_alive(pid)
        user.kill()
    until(lambda: not is_alive(pid))


def test_a_stack_whose_host_was_killed_is_replaced(tmp_path: Path) -> None:
    stack = join_stack(tmp_path)
    pid = stack.kratos.pid
    (parent,) = [process.parent for process in processes() if process.pid == pid]
    os.kill(parent, signal.SIGKILL)
    with pytest.raises((DevstackError, OSError)):
        stack.kratos.is_running()
    stack.close()
    until(lambda: not is_alive(pid))
    with join_stack(tmp_path) as other:
        assert other.kratos.is_running()


@pytest.mark.parametrize("answer", [b"220 some.mail.server\n", b""])
def test_a_port_that_is_somebody_elses_by_now_is_not_taken_for_it(
    tmp_path: Path, plan: StackPlan, answer: bytes
) -> None:
    with socket.create_server((HOST, 0)) as stranger:
        port = stranger.getsockname()[1]
        (tmp_path / "stack.json").write_text(json.dumps({"port": port, "plan": plan_as_json(plan)}))

        def serve() -> None:
            connection, _ = stranger.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        with join_stack(tmp_path) as stack:
            assert stack.kratos.is_running()
        thread.join(5)


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_build_that_fails_is_not_tried_again(
    kind: ServerKind, tmp_path: Path, fake_go: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(kind.variable)
    monkeypatch.setenv("FAKE_GO_FAILS", "1")
    with pytest.raises(DevstackError, match=f"{kind.title} .* could not be built"):
        join_stack(tmp_path)
    assert len(fake_go.read_text().splitlines()) == 1


def test_a_stack_that_cannot_start_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_ORY_HYDRA", "/bin/false")
    with pytest.raises(DevstackError, match="did not start: Hydra could not create its tables"):
        join_stack(tmp_path)


def test_a_host_that_ends_at_once_is_told_with_its_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/true")
    with pytest.raises(DevstackError, match=r"ended while it started\. Its logs are in"):
        join_stack(tmp_path)


# The host itself, in this process.


def order(plan: StackPlan, programs: dict[ServerKind, Path]) -> io.StringIO:
    binaries = {kind.name: str(program) for kind, program in programs.items()}
    return io.StringIO(json.dumps({"plan": plan_as_json(plan), "binaries": binaries}))


class Answers(io.StringIO):
    """What the host answers, and a way to wait for it."""

    def port(self) -> int:
        until(self.getvalue)
        port: int = json.loads(self.getvalue())["port"]
        return port


def ask(connection: socket.socket, call: dict[str, Any]) -> dict[str, Any]:
    connection.sendall(json.dumps(call).encode() + b"\n")
    answer: dict[str, Any] = json.loads(connection.makefile().readline())
    return answer


def test_a_plan_survives_the_way(plan: StackPlan) -> None:
    assert plan_from_json(json.loads(json.dumps(plan_as_json(plan)))) == plan


def test_the_host_serves_calls_until_the_last_guest_goes(
    plan: StackPlan, fake_servers: dict[ServerKind, Path]
) -> None:
    answers = Answers()
    thread = threading.Thread(target=run, args=(order(plan, fake_servers), answers))
    thread.start()
    port = answers.port()
    with socket.create_connection((HOST, port)) as one, socket.create_connection((HOST, port)) as other:
        call = {"server": "kratos", "arguments": []}
        assert ask(one, {**call, "call": "is_running"}) == {"result": True}
        pid = ask(other, {**call, "call": "pid"})["result"]
        assert is_alive(pid)
        assert ask(one, {**call, "call": "migrate"}) == {"error": "unknown call kratos.migrate"}
        assert ask(one, {**call, "call": "kill"}) == {"result": None}
        assert "ended by" not in ask(one, {**call, "call": "wait_ready", "arguments": [0.1]})["error"]
    thread.join(10)
    assert not thread.is_alive()


def test_a_host_that_nobody_calls_ends(
    plan: StackPlan, fake_servers: dict[ServerKind, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(host, "FIRST_CALL_SECONDS", 0.2)
    started = time.monotonic()
    run(order(plan, fake_servers), Answers())
    assert time.monotonic() - started < 20


def test_a_host_whose_servers_do_not_start_says_why(
    plan: StackPlan, fake_servers: dict[ServerKind, Path]
) -> None:
    (plan.folder / "kratos.mode").write_text("crash")
    answers = Answers()
    run(order(plan, fake_servers), answers)
    assert "Kratos ended with code 3" in json.loads(answers.getvalue())["error"]
