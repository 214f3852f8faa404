"""``python -m benchmarks.sync_site ACTION``: a site with a mirror, for one action in a process of its own.

Actions: ``migrate``, ``fetch`` (reads all pages and writes nothing), ``sync``, ``clear`` (deletes the rows).
Prints a line for each page that a sync has written, and the result as JSON in the last line.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import time
from pathlib import Path
from typing import Any

from django.core.management import call_command

from .mirror_sites import configure_site

PAGE_SIZE = int(os.environ.get("BENCH_PAGE_SIZE", "250"))
#: A sync waits for its end after so many identities.
PAUSE_AFTER = int(os.environ.get("BENCH_PAUSE_AFTER", "0"))


def get_memory() -> float:
    """Return the resident memory of this process in MB: at present, or its peak where that is unknown."""
    status = Path("/proc/self/statm")
    if status.exists():
        return int(status.read_text().split()[1]) * resource.getpagesize() / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def fetch() -> dict[str, Any]:
    """Read all pages."""
    from django_ory.clients import get_client

    client, seen = get_client(), 0
    for page in client.iterate_pages(client.admin_list_identities, page_size=PAGE_SIZE):
        seen += len(page.items)
    return {"seen": seen}


def sync() -> dict[str, Any]:
    """Sync, and return the report with the growth of the memory."""
    from django_ory.mirror.identities import sync_identities

    before = get_memory()
    peak = [before]

    def note(report: Any, _: int) -> None:
        peak.append(get_memory())
        print(report.seen, flush=True)
        if PAUSE_AFTER and report.seen >= PAUSE_AFTER:
            signal.pause()

    report = sync_identities("default", page_size=PAGE_SIZE, on_page=note)
    names = ("seen", "created", "updated", "unchanged", "missing", "complete")
    result = {name: getattr(report, name) for name in names}
    return {**result, "continued": report.continued_from is not None, "grown": max(peak) - before}


def migrate() -> dict[str, Any]:
    """Create the tables."""
    call_command("migrate", verbosity=0)
    return {}


def clear() -> dict[str, Any]:
    """Delete all rows."""
    from django_ory.models import Identity

    Identity.objects.all().delete()
    return {}


ACTIONS = {"clear": clear, "fetch": fetch, "migrate": migrate, "sync": sync}


if __name__ == "__main__":
    configure_site(
        json.loads(os.environ["BENCH_DATABASE"]),
        {"KRATOS_ADMIN_URL": os.environ["BENCH_KRATOS"], "TIMEOUT": 30.0},
    )
    # Loaded before the clock starts: the models of the client.
    from django_ory.clients import get_client as _load

    _load().list_identities(page_size=1)
    started = time.perf_counter()
    result = ACTIONS[sys.argv[1]]()
    print(json.dumps({**result, "seconds": time.perf_counter() - started}))
