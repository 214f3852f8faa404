"""Web hooks of a real Kratos for a minute, with one worker, and with a restart of Kratos in between.

``python -m benchmarks webhooks``. Members change their profiles as fast as Kratos allows; each change is a
web hook. At the end, each row must be equal to its identity. ``BENCH_SECONDS`` changes the time, and
``BENCH_DATABASE=postgresql`` the database. ``BENCH_KILL=1`` also kills the worker in the middle, and another
one continues.
"""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

import requests

from .mirror_sites import MirrorSite, open_database
from .sync import create_identities

if TYPE_CHECKING:
    from django_ory.client import OryClient
    from django_ory.devstack import OryStack

MEMBERS, THREADS, IDENTITIES = 24, 4, 500
PASSWORD = "a quiet harbor at 5 am"
MAX_DRAIN_SECONDS = 150.0  # longer than the lock of a worker that was killed


class HookSite(MirrorSite):
    """A site with web hooks."""

    module = "benchmarks.webhook_site"

    @contextmanager
    def running(self, *arguments: str) -> Iterator[subprocess.Popen[str]]:
        """Run an action until the end of the block, then end it with SIGTERM."""
        process = self.start(*arguments)
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=30)


class Member:
    """A user of an app, with a profile that changes again and again."""

    def __init__(self, client: OryClient, number: int) -> None:
        self.email = f"member{number}.{os.getpid()}@example.org"
        self.changes = 0
        schema_id = client.list_identity_schemas()[0].id
        body = {
            "schema_id": schema_id,
            "traits": {"email": self.email},
            "credentials": {"password": {"config": {"password": PASSWORD}}},
        }
        client.admin_create_identity(body=body)
        flow = client.create_native_login_flow()
        login = {"method": "password", "identifier": self.email, "password": PASSWORD}
        self._token = client.update_login_flow(flow=flow.id, body=login).session_token

    def change_profile(self, client: OryClient) -> None:
        """Change the name. Raises OryError while Kratos is down."""
        flow = client.create_native_settings_flow(x_session_token=self._token)
        traits = {"email": self.email, "name": {"first": f"Change {self.changes + 1}"}}
        body = {"method": "profile", "traits": traits}
        client.update_settings_flow(flow=flow.id, body=body, x_session_token=self._token)
        self.changes += 1


def change_profiles(client: OryClient, members: list[Member], *, end: float) -> None:
    """Change the profiles in turn until ``end``. Changes that fail are made again."""
    from django_ory.client import OryError

    while time.monotonic() < end:
        for member in members:
            try:
                member.change_profile(client)
            except OryError:
                time.sleep(0.05)


def restart_kratos(stack: OryStack) -> float:
    """Stop Kratos and start it again. Returns the seconds that it was down."""
    started = time.monotonic()
    stack.kratos.stop()
    stack.kratos.start()
    stack.kratos.wait_ready()
    return time.monotonic() - started


def wait_until_drained(site: HookSite) -> tuple[dict[str, Any], float]:
    """Wait until no delivery is pending. Returns the counts and the seconds."""
    started = time.monotonic()
    while True:
        counts = site.run("compare")
        seconds = time.monotonic() - started
        if not counts["pending"] or seconds > MAX_DRAIN_SECONDS:
            return counts, seconds
        time.sleep(0.5)


def main() -> None:
    """Start the servers, run for a minute, and print the table."""
    import django
    from django.test import override_settings

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")  # the URLs for Kratos' configuration
    django.setup()

    from django_ory.client import OryClient
    from django_ory.devstack import OryStack
    from django_ory.devstack.ports import find_free_ports, is_listening

    seconds = float(os.environ.get("BENCH_SECONDS", "60"))
    kind = os.environ.get("BENCH_DATABASE", "sqlite")
    secret = secrets.token_hex(16)
    [port] = find_free_ports(1)
    url = f"http://127.0.0.1:{port}/default/"
    hooks = {"WEBHOOK_SECRETS": [secret], "WEBHOOK_URL": url}
    with ExitStack() as closing:
        with override_settings(ORY={"default": hooks}):
            stack = closing.enter_context(OryStack(say=print))
        database = closing.enter_context(open_database(kind))
        client = closing.enter_context(
            OryClient(kratos_public_url=stack.kratos_public_url, kratos_admin_url=stack.kratos_admin_url)
        )
        site = HookSite(kratos=stack.kratos_admin_url, database=database, BENCH_SECRET=secret)
        site.run("migrate")
        closing.enter_context(site.running("serve", str(port)))
        while not is_listening(port):
            time.sleep(0.1)
        print(f"\nWeb hooks, one worker, mirror in {kind}")
        measure_worker(site, client, url=url, secret=secret)
        members = [Member(client, number) for number in range(MEMBERS)]
        print(f"  {MEMBERS} members change their profiles for {seconds:.0f} s")
        measure(site, client, stack, members, seconds=seconds)


def measure_worker(site: HookSite, client: OryClient, *, url: str, secret: str) -> None:
    """Post one web hook for each of many identities, then process all of them."""
    ids = list(create_identities(client, IDENTITIES))
    headers = {"X-Webhook-Secret": secret}

    def post(identity_id: str) -> int:
        body = {"event": "settings", "identity_id": identity_id}
        return requests.post(url, json=body, headers=headers, timeout=30).status_code

    started = time.perf_counter()
    with ThreadPoolExecutor(THREADS) as pool:
        accepted = sum(status == 202 for status in pool.map(post, ids))
    seconds = time.perf_counter() - started
    report("posts of different identities accepted", accepted, f"{accepted / seconds:.0f} a second")
    result = site.run("process")
    report("processed by one worker", result["done"], f"{result['done'] / result['seconds']:.0f} a second")


def measure(
    site: HookSite, client: OryClient, stack: OryStack, members: list[Member], *, seconds: float
) -> None:
    """Change profiles, restart Kratos, and print the table."""
    end = time.monotonic() + seconds
    threads = [
        threading.Thread(target=change_profiles, args=(client, members[n::THREADS]), kwargs={"end": end})
        for n in range(THREADS)
    ]
    with ExitStack() as closing:
        worker = closing.enter_context(site.running("work"))
        for thread in threads:
            thread.start()
        time.sleep(seconds / 2)
        down = restart_kratos(stack)
        if os.environ.get("BENCH_KILL") == "1":
            worker.kill()
            closing.enter_context(site.running("work"))
        for thread in threads:
            thread.join()
        counts, drained = wait_until_drained(site)
    changes = MEMBERS + sum(member.changes for member in members)
    report("changes of profiles, sign-ins included", changes, f"{changes / seconds:.1f} a second")
    report("posts that reached the site", counts["posts"], f"Kratos was down for {down:.1f} s")
    report("records, one per identity and minute", counts["records"])
    report("failed", counts["failed"])
    report("pending", counts["pending"], f"{drained:.1f} s after the end")
    is_equal = not (counts["different"] or counts["pending"] or counts["failed"])
    report(
        "rows that differ from Kratos", counts["different"], f"goal 0 {'reached' if is_equal else 'missed'}"
    )


def report(text: str, value: int, remark: str = "") -> None:
    """Print a line of the table."""
    print(f"  {text:44} {value:6}   {remark}")


if __name__ == "__main__":
    main()
