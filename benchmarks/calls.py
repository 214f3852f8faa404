"""The code of this package that one signed-in request runs: number of function calls and of modules.

The request passes the middleware to a view that uses ``request.user`` and ``request.ory.session``. The
figures do not depend on the machine. ``python -m benchmarks calls`` prints them; with ``BENCH_VERBOSE=1``
also each function.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from .whoami_server import COOKIE

if TYPE_CHECKING:
    from types import FrameType

ROOT = Path(__file__).parent.parent
PACKAGE = f"{ROOT / 'django_ory'}{os.sep}"

#: flavor of the site -> description, maximum of calls, maximum of modules
CASES = {
    "ory-uncached": ("no cache", 70, 15),
    "ory-cached-user": ("cache hit", 50, 15),
}


def count_calls() -> Counter[tuple[str, str]]:
    """Return the calls of the package's functions during one request, by module and name.

    The environment variables of ``site`` must be set.
    """
    from django.core.management import call_command
    from django.test import Client

    from . import site  # sets Django up

    call_command("migrate", verbosity=0)
    visitor = Client(headers={"cookie": COOKIE})
    calls: Counter[tuple[str, str]] = Counter()

    def note(frame: FrameType, event: str, _: object) -> None:
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(PACKAGE):
            calls[code.co_filename.removeprefix(PACKAGE), code.co_qualname] += 1

    path = f"/{site.USER_AND_SESSION}"
    for _ in range(3):  # the first ones create the user, import modules and fill the cache
        assert visitor.get(path, HTTP_HOST="127.0.0.1").status_code == 200
    sys.setprofile(note)
    try:
        visitor.get(path, HTTP_HOST="127.0.0.1")
    finally:
        sys.setprofile(None)
    return calls


def main() -> None:
    """Measure each case in a separate process and print the table."""
    from .requests_per_second import process

    print("\nCalls of our own functions in one signed-in request (request.user and request.ory.session)")
    with (
        tempfile.TemporaryDirectory() as folder,
        process(sys.executable, "-m", "benchmarks.whoami_server", stdout=subprocess.PIPE) as stub,
    ):
        assert stub.stdout
        url = f"http://127.0.0.1:{int(stub.stdout.readline())}"
        for flavor in CASES:
            environment = {
                **os.environ,
                "BENCH_FLAVOR": flavor,
                "BENCH_KRATOS": url,
                "BENCH_DATABASE": f"{folder}/{flavor}.sqlite3",
            }
            subprocess.run([sys.executable, "-m", "benchmarks.calls"], cwd=ROOT, env=environment, check=True)


def report(flavor: str, calls: Counter[tuple[str, str]]) -> None:
    """Print one row of the table."""
    name, most_calls, most_modules = CASES[flavor]
    modules = {module for module, _ in calls}
    reached = calls.total() <= most_calls and len(modules) <= most_modules
    print(
        f"  {name:12} {calls.total():4} calls in {len(modules):2} modules   "
        f"goal {most_calls} in {most_modules} {'reached' if reached else 'missed'}"
    )
    if os.environ.get("BENCH_VERBOSE") == "1":
        for (module, function), number in sorted(calls.items()):
            print(f"    {number:3}  {module}  {function}")


if __name__ == "__main__":
    report(os.environ["BENCH_FLAVOR"], count_calls())
