from __future__ import annotations

import os
import re
import signal
import threading
from typing import TYPE_CHECKING

import pytest

from django_ory.devstack.errors import DevstackError
from django_ory.devstack.servers import building
from django_ory.devstack.servers.building import build_server, get_cached_binary
from django_ory.devstack.servers.specs import HYDRA, KRATOS

from .forks import may_fork, run_fork
from .processes import below, is_alive, until

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from pathlib import Path


def silent(_line: str) -> None:
    pass


def test_cache_name_contains_version_and_fingerprint(tmp_path: Path) -> None:
    name = get_cached_binary(KRATOS)
    assert name.is_relative_to(tmp_path / "cache")
    prefix, _, fingerprint = name.name.rpartition("-")
    assert prefix == "kratos-v1.3.1"
    assert len(fingerprint) == 12
    assert fingerprint != get_cached_binary(HYDRA).name.rpartition("-")[2]


def test_second_build_uses_the_cache(fake_go: Path) -> None:
    first = build_server(KRATOS, say=silent)
    assert build_server(KRATOS, say=silent) == first
    (line,) = fake_go.read_text().splitlines()
    assert "-mod=readonly build -v -trimpath -tags sqlite -ldflags -s -w -X" in line
    assert "driver/config.Version=v1.3.1" in line
    assert str(KRATOS.source) not in line
    assert "['go.mod', 'go.sum', 'main.go']" in line
    assert os.access(first, os.X_OK)
    assert sorted(path.name for path in first.parent.iterdir()) == [first.name, f"{first.name}.lock"]


def test_progress_is_reported(fake_go: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(building, "PROGRESS_SECONDS", 0.1)
    monkeypatch.setenv("FAKE_GO_SECONDS", "0.8")
    said: list[str] = []
    binary = build_server(HYDRA, say=said.append)
    assert said[0].startswith("Hydra v2.3.0: building it with ")
    assert any(line.startswith("Hydra v2.3.0: go: downloading example.com/module (0:0") for line in said)
    assert re.fullmatch(r"Hydra v2\.3\.0: built, stored as .* \(0:0\d\)", said[-1])
    assert str(binary) in said[-1]


@pytest.mark.parametrize(
    ("output", "advice"),
    [
        (
            'Get "https://proxy.example": dial tcp: lookup proxy.example: no such host',
            "The first build needs the network",
        ),
        (
            "main.go:6:8: reading https://proxy.example/m.zip: 503 Service Unavailable",
            "The first build needs the network",
        ),
        ("write /tmp/x: no space left on device", "The disk is full"),
        ("go: go.mod requires go >= 1.23 (running go 1.22.2; GOTOOLCHAIN=local)", "Go is too old"),
        ("sqlite3.c:1: fatal error: stdlib.h: No such file or directory", "C library's headers are missing"),
        ("verifying m@v1: checksum mismatch", "differs from its checksum"),
        ("compile: signal: killed", "lack of memory"),
        ("main.go:1: syntax error", "could not be built.\nThe end of Go's output:"),
    ],
)
def test_failed_build_raises_advice(
    fake_go: Path, monkeypatch: pytest.MonkeyPatch, output: str, advice: str
) -> None:
    monkeypatch.setenv("FAKE_GO_FAILS", "1")
    monkeypatch.setenv("FAKE_GO_SAYS", output)
    with pytest.raises(DevstackError) as caught:
        build_server(HYDRA, say=silent)
    assert advice in str(caught.value)
    assert output in str(caught.value)
    assert "set DJANGO_ORY_HYDRA to the path of a hydra binary" in str(caught.value)
    assert not get_cached_binary(HYDRA).exists()


def test_interrupt_stops_go(fake_go: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(building, "PROGRESS_SECONDS", 0.05)
    monkeypatch.setenv("FAKE_GO_SECONDS", "600")

    def impatient(line: str) -> None:
        if "(0:" in line:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build_server(HYDRA, say=impatient)
    assert not [child for child in below(os.getpid()) if " build " in child.command]
    assert list(get_cached_binary(HYDRA).parent.glob(".build-*")) == []


def build_hydra(connection: Connection) -> None:
    """Build Hydra and send the path."""
    connection.send(build_server(HYDRA, say=silent))


@may_fork
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_killed_build_stops_go_and_the_next_build_deletes_its_files(
    fake_go: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    cache = get_cached_binary(HYDRA).parent
    of_another_lock = cache / ".build-kratos-v1.3.1-x"
    of_another_lock.mkdir(parents=True)
    monkeypatch.setenv("FAKE_GO_SECONDS", "600")
    with run_fork(build_hydra) as (process, _connection):
        until(fake_go.exists, 60)
        assert process.pid is not None
        (go,) = [child.pid for child in below(process.pid) if " build " in child.command]
        os.kill(process.pid, number)
        process.join(30)
        assert process.exitcode == -number
    until(lambda: not is_alive(go))
    monkeypatch.delenv("FAKE_GO_SECONDS")
    assert len(list(cache.glob(".build-*"))) == 2
    build_server(HYDRA, say=silent)
    assert list(cache.glob(".build-*")) == [of_another_lock]


def test_read_only_cache_raises_advice(
    fake_go: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    with pytest.raises(DevstackError, match=r"Cannot write to .*file/django-ory: .*XDG_CACHE_HOME"):
        build_server(HYDRA, say=silent)


def test_second_thread_waits_for_the_build(fake_go: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_GO_SECONDS", "0.4")
    said: list[str] = []
    threads = [
        threading.Thread(target=build_server, args=(HYDRA,), kwargs={"say": said.append}) for _ in "ab"
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(fake_go.read_text().splitlines()) == 1
    assert "Hydra v2.3.0: waiting for another process that builds it." in said


@may_fork
def test_two_processes_build_once(fake_go: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_GO_SECONDS", "0.5")
    with run_fork(build_hydra) as (_one, first), run_fork(build_hydra) as (_other, second):
        assert [connection.recv() for connection in (first, second)] == [get_cached_binary(HYDRA)] * 2
    assert len(fake_go.read_text().splitlines()) == 1
