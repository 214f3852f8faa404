"""PostgreSQL and Redis for one test run, from the machine's own packages, on free ports."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Where installations keep initdb and postgres when they are not on PATH.
POSTGRES_PLACES = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/usr/local/pgsql/bin",
    "/usr/local/opt/postgresql*/bin",
    "/opt/homebrew/opt/postgresql*/bin",
)
PATIENCE = 30.0


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def find(program: str, package: str) -> Path:
    """The program, on PATH or where it usually is; as root we install it, else the error says what to do."""
    found = _find(program)
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(
            ["apt-get", "install", "-y", "--no-install-recommends", package], check=True, timeout=300
        )
        found = _find(program)
    if found is None:
        raise RuntimeError(f"{program} is not on this machine. Install it: apt-get install {package}")
    return found


def _find(program: str) -> Path | None:
    if on_path := shutil.which(program):
        return Path(on_path)
    places = (place for pattern in POSTGRES_PLACES for place in Path("/").glob(pattern.lstrip("/")))
    return next(
        (place / program for place in sorted(places, reverse=True) if (place / program).exists()), None
    )


def wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    """Until somebody listens."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 0.2).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"no server on port {port}:\n{log.read_text()[-2000:]}")


@contextmanager
def running(command: list[str], port: int, folder: Path, user: str | None = None) -> Iterator[None]:
    log = folder / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, cwd=folder, user=user)
    try:
        wait_for(port, process, log)
        yield
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def postgres(folder: Path) -> Iterator[dict[str, object]]:
    """A PostgreSQL of its own; yields an entry for settings.DATABASES."""
    initdb = find("initdb", "postgresql")
    server = find("postgres", "postgresql")
    data, port = folder / "data", free_port()
    user = None
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        user = next(name for name in ("postgres", "nobody") if _exists(name))
        _let_in(folder, user)
    create = [str(initdb), "-D", str(data), "-U", "ory", "--auth=trust", "--no-sync", "-E", "UTF8"]
    subprocess.run(create, check=True, capture_output=True, user=user, cwd=folder)
    command = [
        str(server),
        "-D",
        str(data),
        "-p",
        str(port),
        "-h",
        "127.0.0.1",
        "-c",
        "unix_socket_directories=",
    ]
    with running([*command, "-c", "fsync=off", "-c", "max_connections=200"], port, folder, user):
        yield {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": "postgres",
            "USER": "ory",
            "HOST": "127.0.0.1",
            "PORT": str(port),
        }


@contextmanager
def redis(folder: Path) -> Iterator[str]:
    """A Redis of its own; yields its URL."""
    server, port = find("redis-server", "redis-server"), free_port()
    command = [str(server), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    with running(command, port, folder):
        yield f"redis://127.0.0.1:{port}/0"


def _exists(user: str) -> bool:
    try:
        pwd.getpwnam(user)
    except KeyError:
        return False
    return True


def _let_in(folder: Path, user: str) -> None:
    """Give a folder to a user, and let them through the folders above it."""
    account = pwd.getpwnam(user)
    os.chown(folder, account.pw_uid, account.pw_gid)
    for parent in folder.parents:
        mode = parent.stat().st_mode
        if parent.owner() == pwd.getpwuid(os.geteuid()).pw_name and not mode & 0o001:
            parent.chmod(mode | 0o011)
