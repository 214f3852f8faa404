"""The cost of the middleware: requests per second of a one-view site with one gunicorn sync worker.

wrk sends the requests. Each flavor is a separate site with a copy of one database. The rounds are short and
interleaved, so a slow minute of the machine affects all flavors. Kratos is a stub in another process.
The peer django-ory-auth pins an old urllib3, so the peer runs in a separate environment with the same
Python and Django.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import django

from .whoami_server import COOKIE

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "15"))
SECONDS = int(os.environ.get("BENCH_SECONDS", "1"))

#: flavor -> (description, Cookie header)
FLAVORS = {
    "plain": ("plain Django, nobody asks", ""),
    "django-auth": ("Django's session + auth in the database", "sessionid={session}"),
    "django-ory-auth": ("django-ory-auth", "{ory}"),
    "ory-anonymous": ("django_ory, no credential, request.user touched", ""),
    "ory-untouched": ("django_ory, credential, nobody asks", "{ory}"),
    "ory-uncached": ("django_ory, whoami each time, user touched", "{ory}"),
    "ory-cached-session": ("django_ory, cached, session only", "{ory}"),
    "ory-cached-user": ("django_ory, cached, user touched", "{ory}"),
}

#: flavor, peer, the ratio to reach
GOALS = [
    ("ory-anonymous", "plain", 0.93),
    ("ory-untouched", "plain", 0.93),
    ("ory-uncached", "django-auth", 1.0),
    ("ory-uncached", "django-ory-auth", 3.0),
    ("ory-cached-session", "plain", 0.75),
    ("ory-cached-user", "django-auth", 1.4),
]

PREPARE = """
import os
os.environ["BENCH_FLAVOR"] = "ory-prepare"
import benchmarks.site
from django.core.management import call_command
call_command("migrate", verbosity=0)
from django.contrib.auth import SESSION_KEY, BACKEND_SESSION_KEY, HASH_SESSION_KEY, get_user_model
from django.contrib.sessions.backends.db import SessionStore
user = get_user_model().objects.create_user("ada", "ada@example.org")
store = SessionStore()
store[SESSION_KEY] = str(user.pk)
store[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
store[HASH_SESSION_KEY] = user.get_session_auth_hash()
store.save()
print(store.session_key)
"""


def free_port() -> int:
    """Return a free port of the loopback interface."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def process(
    *command: str | Path, env: dict[str, str] | None = None, **options: object
) -> Iterator[subprocess.Popen[str]]:
    """Run a child process until the end of the block."""
    child = subprocess.Popen(
        [str(part) for part in command],
        cwd=ROOT,
        env={**os.environ, **(env or {})},
        text=True,
        **options,  # type: ignore[call-overload]
    )
    try:
        yield child
    finally:
        child.terminate()
        child.wait(timeout=10)


def peer_environment(folder: Path) -> Path:
    """Create an environment with the peer, the same Django and gunicorn. Returns its Python."""
    python = folder / "peer" / "bin" / "python"
    subprocess.run(["uv", "venv", "--quiet", "--python", sys.executable, str(folder / "peer")], check=True)
    subprocess.run(
        [
            "uv",
            "pip",
            "install",
            "--quiet",
            "--python",
            str(python),
            f"Django=={django.__version__}",
            "django-ory-auth",
            "gunicorn",
        ],
        check=True,
    )
    return python


def wait_for(port: int) -> None:
    """Wait until the port accepts connections, for at most 15 seconds."""
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise SystemExit(f"Nothing listens on port {port}.")


def drive(port: int, cookie: str) -> float:
    """``drive_with`` with a Cookie header, if there is a cookie."""
    return drive_with(port, {"Cookie": cookie} if cookie else {})


def drive_with(port: int, headers: dict[str, str]) -> float:
    """Requests per second for some seconds over one connection."""
    command = ["wrk", "-t1", "-c1", f"-d{SECONDS}s", f"http://127.0.0.1:{port}/"]
    for name, value in headers.items():
        command[1:1] = ["-H", f"{name}: {value}"]
    out = subprocess.run(command, text=True, capture_output=True, check=True).stdout
    if "Non-2xx" in out:
        raise SystemExit(f"The site does not answer 200:\n{out}")
    found = re.search(r"Requests/sec:\s+([\d.]+)", out)
    if not found:
        raise SystemExit(f"wrk said something unexpected:\n{out}")
    return float(found[1])


def main() -> None:
    """Measure all flavors and print the table."""
    for tool in ("wrk", "uv"):
        if not shutil.which(tool):
            raise SystemExit(
                f"This needs {tool}. Debian: apt-get install wrk; uv comes with the bench environment."
            )
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        stub = stack.enter_context(
            process(sys.executable, "-m", "benchmarks.whoami_server", stdout=subprocess.PIPE)
        )
        assert stub.stdout
        shared = {
            "BENCH_KRATOS": f"http://127.0.0.1:{int(stub.stdout.readline())}",
            "BENCH_DATABASE": str(folder / "db.sqlite3"),
        }
        session = subprocess.run(
            [sys.executable, "-c", PREPARE],
            cwd=ROOT,
            env={**os.environ, **shared},
            text=True,
            stdout=subprocess.PIPE,
            check=True,
        ).stdout.strip()
        peer = peer_environment(folder)
        ports = {}
        for flavor in FLAVORS:
            ports[flavor] = free_port()
            database = folder / f"{flavor}.sqlite3"  # the users of the peer are in a separate database
            shutil.copy(shared["BENCH_DATABASE"], database)
            python = peer if flavor == "django-ory-auth" else sys.executable
            stack.enter_context(
                process(
                    python,
                    *("-m", "gunicorn", "--workers=1", "--keep-alive=0", "--log-level=warning"),
                    f"--bind=127.0.0.1:{ports[flavor]}",
                    "benchmarks.site:application",
                    env={**shared, "BENCH_FLAVOR": flavor, "BENCH_DATABASE": str(database)},
                )
            )
        figures: dict[str, list[float]] = {flavor: [] for flavor in FLAVORS}
        for flavor, port in ports.items():
            wait_for(port)
            drive(port, FLAVORS[flavor][1].format(session=session, ory=COOKIE))  # warm up
        for _ in range(ROUNDS):
            for flavor, port in ports.items():
                figures[flavor].append(drive(port, FLAVORS[flavor][1].format(session=session, ory=COOKIE)))
    report(figures)


def report(figures: dict[str, list[float]]) -> None:
    """Print the medians, and the ratios within the rounds."""
    print(f"\nRequests per second, one gunicorn sync worker, {ROUNDS} interleaved rounds of {SECONDS} s")
    for flavor, values in figures.items():
        median = statistics.median(values)
        print(f"  {FLAVORS[flavor][0]:52} {median:8.0f}   ({min(values):.0f} to {max(values):.0f})")
    print("\nRatios (median of the rounds' own ratios)")
    for flavor, other, goal in GOALS:
        ratios = [a / b for a, b in zip(figures[flavor], figures[other], strict=True)]
        median = statistics.median(ratios)
        mark = "reached" if median >= goal else "missed"
        print(f"  {flavor:20} / {other:18} {median:6.2f}   goal {goal:.2f} {mark}")


if __name__ == "__main__":
    main()
