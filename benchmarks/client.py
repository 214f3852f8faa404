"""The client against ory-client and plain requests: CPU per call and per identity, import time and memory.

The server is a stub in another process, so this process only spends the CPU time of the clients. A round is
short and measures every client once; ratios are within a round. The table shows the median and the quartiles.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import statistics
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import ory_client
import requests

from django_ory.client import OryClient

from .listing_server import PAGES, ROWS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROUNDS = 45
CALLS = 100
COOKIE = "ory_kratos_session=MTc2MzgwMDAwMHxiZW5jaG1hcms; csrf_token_0123=abcdef"

#: measurement, client, peer, the ratio to reach
GOALS = [
    ("CPU per to_session", "django_ory", "ory-client", 0.9),
    ("CPU per to_session", "django_ory", "requests", None),
    ("CPU per identity", "django_ory", "ory-client", 0.45),
    ("CPU per identity", "django_ory", "requests", None),
    ("import", "django_ory", "ory-client", 0.15),
    ("import and one to_session", "django_ory", "ory-client", None),
    ("memory after one to_session", "django_ory", "ory-client", 0.6),
]

FRESH = """
import sys, time
started = time.perf_counter()
{imports}
imported = time.perf_counter() - started
{call}
called = time.perf_counter() - started
resident = next(line for line in open("/proc/self/status") if line.startswith("VmRSS")).split()[1]
print(imported, called, resident)
"""
PROGRAMS = {
    "django_ory": (
        "from django_ory.client import OryClient",
        "OryClient(kratos_public_url={url!r}).to_session(cookie={cookie!r})",
    ),
    "ory-client": (
        "import ory_client",
        (
            "api = ory_client.FrontendApi(ory_client.ApiClient(ory_client.Configuration(host={url!r})))\n"
            "api.to_session(cookie={cookie!r})"
        ),
    ),
}

Measured = dict[str, dict[str, list[float]]]


def main() -> None:
    """Measure and print the table."""
    measured: Measured = {}
    with stub() as url:
        calls = {"CPU per to_session": whoami(url), "CPU per identity": listing(url)}
        for clients in calls.values():
            for call in clients.values():
                call()
        for _ in range(ROUNDS):
            for measurement, clients in calls.items():
                for name, call in clients.items():
                    started = time.process_time()
                    number = call()
                    record(measured, measurement, name, (time.process_time() - started) / number * 1e6)
        for _ in range(7):
            for name, (imports, call_text) in PROGRAMS.items():
                seconds, called, resident = fresh(imports, call_text.format(url=url, cookie=COOKIE))
                record(measured, "import", name, seconds * 1e3)
                record(measured, "import and one to_session", name, called * 1e3)
                record(measured, "memory after one to_session", name, resident / 1024)
    show(measured)


def record(measured: Measured, measurement: str, name: str, value: float) -> None:
    """Store one value."""
    measured.setdefault(measurement, {}).setdefault(name, []).append(value)


def whoami(url: str) -> dict[str, Callable[[], int]]:
    """For each client: ``CALLS`` calls of whoami; returns their number."""
    ours = OryClient(kratos_public_url=url)
    theirs = ory_client.FrontendApi(ory_client.ApiClient(ory_client.Configuration(host=url)))
    plain = requests.Session()

    def with_ours() -> int:
        for _ in range(CALLS):
            assert ours.to_session(cookie=COOKIE).identity is not None
        return CALLS

    def with_theirs() -> int:
        for _ in range(CALLS):
            assert theirs.to_session(cookie=COOKIE).identity is not None
        return CALLS

    def with_plain() -> int:
        headers = {"Accept": "application/json", "Cookie": COOKIE}
        for _ in range(CALLS):
            answer = plain.get(f"{url}/sessions/whoami", headers=headers, timeout=10, allow_redirects=False)
            assert answer.json()["identity"]
        return CALLS

    return {"django_ory": with_ours, "ory-client": with_theirs, "requests": with_plain}


def listing(url: str) -> dict[str, Callable[[], int]]:
    """For each client: all identities, 250 a page; returns their number."""
    ours = OryClient(kratos_admin_url=url)
    theirs = ory_client.IdentityApi(ory_client.ApiClient(ory_client.Configuration(host=url)))
    plain = requests.Session()

    def with_ours() -> int:
        return sum(1 for _ in ours.iterate(ours.admin_list_identities, page_size=ROWS))

    def with_theirs() -> int:
        return sum(
            len(theirs.list_identities(page_size=ROWS, page_token=str(page) if page else None))
            for page in range(PAGES)
        )

    def with_plain() -> int:
        return sum(
            len(
                plain.get(
                    f"{url}/admin/identities",
                    params={"page_size": str(ROWS), "page_token": str(page)},
                    timeout=10,
                ).json()
            )
            for page in range(PAGES)
        )

    return {"django_ory": with_ours, "ory-client": with_theirs, "requests": with_plain}


def fresh(imports: str, call: str) -> tuple[float, float, float]:
    """Seconds to import, seconds to import and call once, resident KiB; in a new interpreter."""
    program = FRESH.format(imports=imports, call=call)
    output = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    ).stdout.split()
    return float(output[0]), float(output[1]), float(output[2])


@contextlib.contextmanager
def stub() -> Iterator[str]:
    """Run a stub server until the end of the block. Yields its URL."""
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.listing_server"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        process.stdin.close()


UNITS = {"import": "ms", "import and one to_session": "ms", "memory after one to_session": "MiB"}


def show(measured: Measured) -> None:
    """Print values and ratios."""
    versions = [
        f"{name} {importlib.metadata.version(name)}" for name in ("ory-client", "requests", "pydantic")
    ]
    print(f"\nclient, against {', '.join(versions)}; median and quartiles of interleaved rounds\n")
    print(f"{'':29}{'peer':12}{'ours':>10}{'peer':>10}{'ratio':>8}   {'spread':13}{'goal':>7}")
    for measurement, name, peer, goal in GOALS:
        ours, theirs = measured[measurement][name], measured[measurement][peer]
        low, middle, high = statistics.quantiles(a / b for a, b in zip(ours, theirs, strict=True))
        unit = UNITS.get(measurement, "µs")
        wanted = f"≤ {goal}" if goal else ""
        values = "".join(f"{statistics.median(value):>7.1f} {unit:3}" for value in (ours, theirs))
        print(f"{measurement:29}{peer:11}{values}{middle:>7.2f}   {low:.2f} - {high:.2f}  {wanted:>7}")


if __name__ == "__main__":
    main()
