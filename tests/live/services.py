"""Redis and PostgreSQL for the tests, started from the packages of the machine.

Both listen on a Unix socket in a temporary folder, and end with the process that started them.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from django_ory.devstack.servers.process import ChildProcess, tail
from tests.programs import find_program

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["postgres_server", "redis_server"]

DATABASE = "postgres"
DEBIANS_POSTGRES = Path("/usr/lib/postgresql")
ADVICE = (
    "The live suite starts Redis and PostgreSQL, which are not installed. Install them:\n"
    "  Debian, Ubuntu:  apt-get install redis-server postgresql\n"
    "  macOS:           brew install redis postgresql@17"
)


@contextlib.contextmanager
def redis_server() -> Iterator[str]:
    """Run Redis without persistence. Yields its URL for Django's ``CACHES``."""
    program = find_program(lambda: shutil.which("redis-server"), package="redis-server", advice=ADVICE)
    with _folder("redis") as folder:
        path = folder / "redis.sock"
        options = {"port": "0", "unixsocket": str(path), "save": "", "appendonly": "no", "dir": str(folder)}
        arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
        with _running([program, *arguments], log=folder / "redis.log", is_ready=lambda: _listens(path)):
            yield f"unix://{path}?db=0"


@contextlib.contextmanager
def postgres_server() -> Iterator[dict[str, Any]]:
    """Run PostgreSQL with an empty database. Yields ``DATABASES["default"]``."""
    initdb, postgres = (_postgres_program(name) for name in ("initdb", "postgres"))
    with _folder("postgres") as folder:
        as_user = _as_other_user(folder)
        data = folder / "data"
        subprocess.run(
            [
                *as_user,
                initdb,
                "--pgdata",
                data,
                "--username=site",
                "--auth=trust",
                "--no-sync",
                "--encoding=UTF8",
            ],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=folder,
        )
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(folder),
            "max_connections": "300",  # for a site with 100 requests at once
            "fsync": "off",
        }
        settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        command = [*as_user, postgres, "-D", str(data), *settings]
        with _running(
            command,
            log=folder / "postgres.log",
            is_ready=lambda: _accepts(folder),
            end=signal.SIGINT,  # at once; SIGTERM would wait for the clients
        ):
            yield {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": DATABASE,
                "USER": "site",
                "HOST": str(folder),
            }


@contextlib.contextmanager
def _running(
    command: list[str], *, log: Path, is_ready: Callable[[], bool], end: signal.Signals = signal.SIGTERM
) -> Iterator[None]:
    child = ChildProcess(command, log=log, cwd=log.parent)
    try:
        until = time.monotonic() + 30
        while not is_ready():
            if child.get_returncode() is not None or time.monotonic() > until:
                pytest.fail(f"{command[0]} did not start:\n{tail(log)}")
            time.sleep(0.05)
        yield
    finally:
        child.send(end)
        child.stop()


@contextlib.contextmanager
def _folder(name: str) -> Iterator[Path]:
    # Not pytest's folder: the path may be too long for a socket, and PostgreSQL's user has no access.
    with tempfile.TemporaryDirectory(prefix=f"django-ory-{name}-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def _postgres_program(name: str) -> str:
    def look() -> str | None:
        places = sorted(DEBIANS_POSTGRES.glob(f"*/bin/{name}"))  # not on PATH on Debian
        return shutil.which(name) or (str(places[-1]) if places else None)

    return find_program(look, package="postgresql", advice=ADVICE)


def _as_other_user(folder: Path) -> list[str]:
    """Return the command prefix that selects another user: PostgreSQL does not run as root."""
    if os.getuid() != 0:
        return []
    user = pwd.getpwnam("postgres")
    os.chown(folder, user.pw_uid, user.pw_gid)
    setpriv = shutil.which("setpriv") or pytest.fail("setpriv is missing: apt-get install util-linux")
    return [setpriv, f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]


def _listens(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            return False
    return True


def _accepts(folder: Path) -> bool:
    try:
        psycopg.connect(host=str(folder), user="site", dbname=DATABASE).close()
    except psycopg.OperationalError:
        return False
    return True
