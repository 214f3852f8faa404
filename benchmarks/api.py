"""The cost of authentication for an API: requests per second on Django REST framework, with the peers.

One gunicorn sync worker per flavor, driven by wrk in short interleaved rounds. The JWTs are signed as a fresh
Hydra v2.3.0 signs them: RS256 with a key of 4,096 bits. SimpleJWT has its default, HS256.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import statistics
import sys
import tempfile
import urllib.request
from pathlib import Path

from .requests_per_second import ROUNDS, SECONDS, drive_with, free_port, process, wait_for

#: flavor -> description
FLAVORS = {
    "none": "no authentication",
    "ory-jwt": "django_ory, JWT (RS256)",
    "ory-jwt-first": "django_ory, JWT, each request as if its token were new",
    "ory-jwt-user": "django_ory, JWT, user loaded",
    "ory-introspection": "django_ory, cached introspection",
    "ory-introspection-user": "django_ory, cached introspection, user loaded",
    "ory-session-user": "django_ory, cached Kratos session, user loaded",
    "toolkit": "django-oauth-toolkit, its own token table",
    "simplejwt": "SimpleJWT (HS256), user loaded",
}

#: flavor, peer, the ratio to reach
GOALS = [
    ("ory-jwt", "none", 0.7),
    ("ory-introspection", "none", 0.75),
    ("ory-jwt-user", "toolkit", 1.5),
    ("ory-introspection-user", "toolkit", 1.5),
    ("ory-jwt-user", "simplejwt", 1.0),
]


def get_credential(port: int) -> dict[str, str]:
    """Return the header for the flavor."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/credential", timeout=60) as response:
        return dict(json.load(response))


def main() -> None:
    """Measure all flavors and print the table."""
    if not shutil.which("wrk"):
        raise SystemExit("This needs wrk. Debian: apt-get install wrk.")
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        ports = {flavor: free_port() for flavor in FLAVORS}
        for flavor, port in ports.items():
            stack.enter_context(
                process(
                    sys.executable,
                    *("-m", "gunicorn", "--workers=1", "--keep-alive=0", "--log-level=warning"),
                    f"--bind=127.0.0.1:{port}",
                    "benchmarks.api_site:application",
                    env={"BENCH_FLAVOR": flavor, "BENCH_DATABASE": str(folder / f"{flavor}.sqlite3")},
                )
            )
        headers = {}
        for flavor, port in ports.items():
            wait_for(port)
            headers[flavor] = get_credential(port)
            drive_with(port, headers[flavor])  # warm up
        figures: dict[str, list[float]] = {flavor: [] for flavor in FLAVORS}
        for _ in range(ROUNDS):
            for flavor, port in ports.items():
                figures[flavor].append(drive_with(port, headers[flavor]))
    print(f"\nRequests per second of an API, one gunicorn sync worker, {ROUNDS} rounds of {SECONDS} s")
    for flavor, values in figures.items():
        median = statistics.median(values)
        print(f"  {FLAVORS[flavor]:52} {median:8.0f}   ({min(values):.0f} to {max(values):.0f})")
    print("\nRatios (median of the rounds' own ratios)")
    for flavor, peer, goal in GOALS:
        ratio = statistics.median(a / b for a, b in zip(figures[flavor], figures[peer], strict=True))
        verdict = "reached" if ratio >= goal else "missed"
        print(f"  {flavor:24} / {peer:12} {ratio:6.2f}   goal {goal:.2f} {verdict}")


if __name__ == "__main__":
    main()
