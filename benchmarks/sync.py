"""The sync of the mirror against reading the same pages alone, on a real Kratos with 20,000 identities.

``python -m benchmarks sync``. ``BENCH_IDENTITIES`` and ``BENCH_ROUNDS`` change the size, and
``BENCH_DATABASE=postgresql`` the database of the mirror. The rounds are interleaved, so a slow minute of the
machine affects both sides.
"""

from __future__ import annotations

import os
import signal
import statistics
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

from .mirror_sites import MirrorSite, open_database

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django_ory.client import OryClient

BATCH = 1000  # the limit of newer servers
MAX_RATIO, MAX_GROWTH, CHANGED_SHARE = 1.3, 30.0, 0.01


class SyncSite(MirrorSite):
    """A site with a mirror."""

    module = "benchmarks.sync_site"

    def kill_sync(self, *, after: int) -> None:
        """Run a sync and end it with SIGKILL after a number of identities."""
        with self.start("sync", BENCH_PAUSE_AFTER=str(after)) as process:
            assert process.stdout
            for line in process.stdout:
                if line.strip().isdecimal() and int(line) >= after:
                    break
            process.send_signal(signal.SIGKILL)


def create_identities(client: OryClient, count: int) -> Iterator[str]:
    """Create identities by batches, and yield their ids."""
    schema_id = client.list_identity_schemas()[0].id
    for first in range(0, count, BATCH):
        people = [
            {
                "schema_id": schema_id,
                "traits": {
                    "email": f"person{number}.{os.getpid()}@example.org",
                    "name": {"first": "Person", "last": f"Number {number}"},
                },
                "metadata_public": {"plan": "free", "tags": ["a", "b"]},
            }
            for number in range(first, min(first + BATCH, count))
        ]
        body = {"identities": [{"create": each} for each in people]}
        for each in client.with_timeout(120).batch_patch_identities(body=body).identities:
            if each.identity is None:
                raise SystemExit(f"Kratos rejected an identity: {each.model_dump()}")
            yield str(each.identity)


def change_identities(client: OryClient, ids: list[str]) -> None:
    """Change a trait of each identity."""
    for each in ids:
        patch = [{"op": "replace", "path": "/traits/name/first", "value": f"Changed {time.time()}"}]
        client.admin_patch_identity(each, body=patch)


def report(text: str, value: float, goal: float, *, unit: str = "") -> None:
    """Print a line of the table."""
    print(f"  {text:44} {value:8.2f}{unit}   goal {goal}{unit} {'reached' if value <= goal else 'missed'}")


def main() -> None:
    """Create the identities, measure, and print the table."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")  # the URLs for Kratos' configuration
    django.setup()

    from django_ory.client import OryClient
    from django_ory.devstack import OryStack

    count = int(os.environ.get("BENCH_IDENTITIES", "20000"))
    rounds = int(os.environ.get("BENCH_ROUNDS", "3"))
    kind = os.environ.get("BENCH_DATABASE", "sqlite")
    with ExitStack() as closing:
        stack = closing.enter_context(OryStack(say=print))
        database = closing.enter_context(open_database(kind))
        kratos = stack.ory_setting["default"]["KRATOS_ADMIN_URL"]
        client = closing.enter_context(
            OryClient(kratos_public_url=stack.kratos_public_url, kratos_admin_url=kratos, timeout=30)
        )
        started = time.perf_counter()
        ids = list(create_identities(client, count))
        seconds = time.perf_counter() - started
        print(f"\nSync of {len(ids):,} identities, mirror in {kind} (created in {seconds:.0f} s)")
        measure(SyncSite(kratos=kratos, database=database), client, ids, rounds=rounds)


def measure(site: SyncSite, client: OryClient, ids: list[str], *, rounds: int) -> None:
    """Measure and print the table."""
    count = len(ids)
    site.run("migrate")
    first, second, grown = [], [], []
    for _ in range(rounds):
        site.run("clear")
        alone = site.run("fetch")["seconds"]
        created = site.run("sync")
        alone = (alone + site.run("fetch")["seconds"]) / 2
        unchanged = site.run("sync")
        assert (created["created"], unchanged["unchanged"]) == (count, count), (created, unchanged)
        first.append(created["seconds"] / alone)
        second.append(unchanged["seconds"] / alone)
        grown.append(created["grown"])
        print(
            f"    pages alone {alone:.1f} s, first sync {created['seconds']:.1f} s, "
            f"second {unchanged['seconds']:.1f} s, memory +{created['grown']:.1f} MB"
        )
    report("first sync / pages alone", statistics.median(first), MAX_RATIO)
    report("sync without changes / pages alone", statistics.median(second), MAX_RATIO)
    report("growth of the memory", max(grown), MAX_GROWTH, unit=" MB")

    changed = ids[:: round(1 / CHANGED_SHARE)]
    change_identities(client, changed)
    result = site.run("sync")
    print(f"  {len(changed)} changed: {result['updated']} written, {result['unchanged']:,} unchanged")
    assert (result["updated"], result["created"], result["missing"]) == (len(changed), 0, 0), result

    site.run("clear")
    site.kill_sync(after=count // 2)
    rest = site.run("sync")
    print(f"  killed at half: the next sync read {rest['seen']:,} and is complete: {rest['complete']}")
    assert rest["continued"], rest
    assert rest["complete"], rest
    assert site.run("sync")["unchanged"] == count
