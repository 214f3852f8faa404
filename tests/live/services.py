"""Redis, PostgreSQL and nginx for the tests, started from the packages of the machine.

The first two listen on a Unix socket in a temporary folder. All end with the process that started them.
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

from django_ory.devstack.ports import HOST, is_listening
from django_ory.devstack.servers.process import ChildProcess, tail
from tests.programs import find_program

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = [
    "START_SECONDS",
    "build_nginx_head",
    "find_nginx",
    "nginx_server",
    "postgres_server",
    "redis_server",
    "write_nginx_main",
]

DATABASE = SUPERUSER = "postgres"
START_SECONDS = 120  # the longest time until a server is ready, for a busy machine
DEBIANS_POSTGRES = Path("/usr/lib/postgresql")
ADVICE = (
    "The live suite starts Redis, PostgreSQL and nginx, which are not installed. Install them:\n"
    "  Debian, Ubuntu:  apt-get install redis-server postgresql nginx-light\n"
    "  macOS:           brew install redis postgresql@17 nginx"
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
def postgres_server(*, port: int | None = None) -> Iterator[dict[str, Any]]:
    """Run PostgreSQL with an empty database. Yields ``DATABASES["default"]``.

    With a ``port``, it also listens on 127.0.0.1, where roles need their passwords.
    """
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
                f"--username={SUPERUSER}",
                "--auth-local=trust",
                "--auth-host=scram-sha-256",
                "--no-sync",
                "--encoding=UTF8",
            ],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=folder,
        )
        options = {
            "listen_addresses": "" if port is None else HOST,
            **({} if port is None else {"port": str(port)}),
            "unix_socket_directories": str(folder),
            "max_connections": "300",  # for a site with 100 requests at once
            "fsync": "off",
        }
        settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        command = [*as_user, postgres, "-D", str(data), *settings]
        with _running(
            command,
            log=folder / "postgres.log",
            is_ready=lambda: _accepts(folder, port),
            end=signal.SIGINT,  # at once; SIGTERM would wait for the clients
        ):
            yield {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": DATABASE,
                "USER": SUPERUSER,
                "HOST": str(folder),
                **({} if port is None else {"PORT": str(port)}),
            }


@contextlib.contextmanager
def nginx_server(site: str, *, port: int) -> Iterator[Path]:
    """Run nginx with a file for its http block, which listens on ``port``. Yields the file of its log.

    The configuration is checked with ``nginx -t`` first.
    """
    program = find_nginx()
    with _folder("nginx") as folder:
        main = write_nginx_main(folder, site)
        command = [program, "-p", str(folder), "-e", "stderr", "-c", str(main)]
        checked = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
        assert checked.returncode == 0, checked.stderr
        log = folder / "nginx.log"
        with _running([*command, "-g", "daemon off;"], log=log, is_ready=lambda: is_listening(port)):
            yield log


def find_nginx() -> str:
    """Return the path of nginx, which is installed if possible."""
    places = ("/usr/sbin/nginx",)  # not on the PATH of other users than root

    def look() -> str | None:
        return shutil.which("nginx") or next(filter(os.path.exists, places), None)

    return find_program(look, package="nginx-light", advice=ADVICE)


def build_nginx_head() -> str:
    """Return the first directives of a file that any user can run, also with private folders."""
    # Its own user has no access to a private folder.
    user = "user root;\n" if os.getuid() == 0 else ""
    return f"{user}worker_processes 1;\nerror_log stderr;\nevents {{}}\n"


def build_nginx_paths() -> str:
    """Return directives of the http block that keep the files of nginx below its prefix (``-p``)."""
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    return "access_log off;\n" + "".join(f"{kind}_temp_path {kind};\n" for kind in kinds)


def write_nginx_main(folder: Path, site: str) -> Path:
    """Write ``nginx.conf`` with the file ``site`` in its http block, for ``folder`` as the prefix."""
    (folder / "site.conf").write_text(site)
    main = f"{build_nginx_head()}pid nginx.pid;\nhttp {{\n{build_nginx_paths()}include site.conf;\n}}\n"
    (folder / "nginx.conf").write_text(main)
    return folder / "nginx.conf"


@contextlib.contextmanager
def _running(
    command: list[str], *, log: Path, is_ready: Callable[[], bool], end: signal.Signals = signal.SIGTERM
) -> Iterator[None]:
    child = ChildProcess(command, log=log, cwd=log.parent)
    try:
        until = time.monotonic() + START_SECONDS
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


def _accepts(folder: Path, port: int | None) -> bool:
    try:
        psycopg.connect(host=str(folder), port=port, user=SUPERUSER, dbname=DATABASE).close()
    except psycopg.OperationalError:
        return False
    return True
