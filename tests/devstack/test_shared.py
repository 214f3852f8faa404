from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from django_ory.devstack import DevstackError, StackAddresses, join_stack
from django_ory.devstack.ports import is_listening
from django_ory.devstack.servers.specs import SERVERS

from .forks import may_fork, run_fork
from .processes import until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection
    from multiprocessing.context import ForkProcess
    from pathlib import Path

    from django_ory.devstack.servers.specs import ServerSpec

pytestmark = [pytest.mark.usefixtures("fake_servers"), may_fork]


def is_up(stack: StackAddresses) -> bool:
    return is_listening(stack.ports.kratos_public) and is_listening(stack.ports.hydra_public)


def is_down(stack: StackAddresses) -> bool:
    return not is_listening(stack.ports.kratos_public) and not is_listening(stack.ports.hydra_public)


@contextmanager
def other_process(folder: Path) -> Iterator[tuple[ForkProcess, Connection]]:
    """Another process that uses the stack until the connection is closed. It sends the port of Kratos."""

    def use(connection: Connection) -> None:
        with join_stack(folder) as stack:
            connection.send(stack.ports.kratos_public)
            connection.poll(None)

    with run_fork(use) as (process, connection):
        yield process, connection


def test_second_user_gets_the_same_stack_and_a_later_one_a_new_stack(tmp_path: Path) -> None:
    with join_stack(tmp_path) as first:
        with join_stack(tmp_path) as second:
            assert second.ory_setting == first.ory_setting
            assert (second.folder, second.site_url) == (first.folder, first.site_url)
        assert is_up(first)
    assert is_down(first)
    with join_stack(tmp_path) as later:
        assert later.folder != first.folder
        assert is_up(later)


def test_two_users_at_once_start_one_stack(tmp_path: Path) -> None:
    stacks: list[StackAddresses] = []
    together = threading.Barrier(2)

    def join() -> None:
        with join_stack(tmp_path) as stack:
            stacks.append(stack)
            together.wait(30)

    threads = [threading.Thread(target=join) for _ in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len({stack.folder for stack in stacks}) == 1
    assert len(stacks) == 2


def test_process_that_runs_the_stack_waits_for_the_other_users(tmp_path: Path) -> None:
    with other_process(tmp_path) as (runner, connection):
        port = connection.recv()
        with join_stack(tmp_path) as stack:
            assert stack.ports.kratos_public == port
            connection.close()
            until(lambda: not (tmp_path / "stack.json").exists())  # the process is leaving
            assert runner.is_alive()
            assert is_up(stack)
        runner.join(30)
        assert runner.exitcode == 0
    assert is_down(stack)


def test_killed_user_does_not_keep_the_stack_running(tmp_path: Path) -> None:
    with join_stack(tmp_path) as stack, other_process(tmp_path) as (user, connection):
        assert connection.recv() == stack.ports.kratos_public
        user.kill()
    assert is_down(stack)


def test_killed_runner_stops_the_stack_and_the_next_user_starts_another(tmp_path: Path) -> None:
    with other_process(tmp_path) as (runner, connection):
        port = connection.recv()
        runner.kill()
    until(lambda: not is_listening(port))
    with join_stack(tmp_path) as stack:
        assert stack.ports.kratos_public != port
        assert is_up(stack)


@pytest.mark.parametrize("spec", SERVERS.values(), ids=SERVERS)
def test_failed_build_is_not_repeated(
    spec: ServerSpec, tmp_path: Path, fake_go: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(spec.variable)
    monkeypatch.setenv("FAKE_GO_FAILS", "1")
    with pytest.raises(DevstackError, match=f"{spec.title} .* could not be built"), join_stack(tmp_path):
        pass
    assert len(fake_go.read_text().splitlines()) == 1


def test_stack_that_cannot_start_raises_the_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_ORY_HYDRA", "/bin/false")
    with pytest.raises(DevstackError, match="Hydra could not create its tables"), join_stack(tmp_path):
        pass
    assert not (tmp_path / "stack.json").exists()
