"""The site under load, with sign-outs, while Kratos or the connection to Kratos fails in all known ways.

``DJANGO_ORY_FAULT_SECONDS=60`` makes the run longer, with a pause for recovery after every fault.
"""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import psycopg
import pytest

from django_ory.devstack import OryStack
from tests.live.proxy import FAULTS, Fault, Proxy, passes, swaps

from .accounts import enroll
from .load import SIGN_IN_PAGES, Load, Visit
from .servers import SERVERS, migrate, serve, site_environment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .accounts import Person
    from .load import Result
    from .servers import Site

pytestmark = pytest.mark.live

RUN_SECONDS = float(os.environ.get("DJANGO_ORY_FAULT_SECONDS", "20"))
LONG_RUN_SECONDS = 60.0  #: runs of at least this length measure the recovery after each fault
TIMEOUT = 1.0
MARGIN_SECONDS = 0.5  #: allowed time of a request beyond the timeout
MAX_RECOVERY_SECONDS = 2.0
RECOVERY_WINDOW = MAX_RECOVERY_SECONDS + 0.2  #: how long the recovery is measured
SIGNED_IN_USERS = 6
SIGNED_OUT_USERS = 2
SITES = {"gunicorn-gthread": 1, "uvicorn-single": 0}  #: server -> SESSION_CACHE_SECONDS
SLOW_FAULTS = ("nearly too late", "too late", "dripping")
SLOW = TIMEOUT + 0.2  #: additional time of slow faults and of a paused Kratos


@dataclass
class Outage:
    """Two servers with the same site, visitors at both, and the parts that fail."""

    stack: OryStack
    proxy: Proxy
    signed_in: list[Person]
    loads: dict[str, Load]
    database: dict[str, Any]
    users: int  #: number of Django users before the first fault
    recoveries: dict[str, float] = field(default_factory=dict)

    def phase(self, name: str, seconds: float) -> None:
        """Continue the load for some seconds, and record its results under this name."""
        for load in self.loads.values():
            load.phase = name
        time.sleep(seconds)

    def measure_recovery(self, fault: str) -> None:
        """Kratos is available again: measure the time until all signed-in users have access."""
        since = time.monotonic()
        self.phase("afterwards", RECOVERY_WINDOW)
        self.recoveries[fault] = max(load.recovery(since) for load in self.loads.values())

    @property
    def results(self) -> Iterator[Result]:
        """The results of all visitors."""
        for load in self.loads.values():
            yield from load.results


@pytest.fixture
def outage(cache_url: str, site_database: dict[str, Any], tmp_path: Path) -> Iterator[Outage]:
    with ExitStack() as closing:
        stack = closing.enter_context(OryStack())
        proxy = Proxy(stack.ports.kratos_public, seed=7)
        signed_in = [enroll(stack) for _ in range(SIGNED_IN_USERS)]
        signed_out = [enroll(stack) for _ in range(SIGNED_OUT_USERS)]
        sites: dict[str, Site] = {}
        for kind, seconds in SITES.items():
            folder = tmp_path / kind
            folder.mkdir()
            setting = stack.ory_setting["default"] | {
                "KRATOS_PUBLIC_URL": proxy.url,
                "KRATOS_BROWSER_URL": stack.kratos_public_url,
                "TIMEOUT": TIMEOUT,
                "CONNECT_TIMEOUT": TIMEOUT / 2,
                "SESSION_CACHE_SECONDS": seconds,
            }
            environment = site_environment(
                ory={"default": setting}, database=site_database, cache=cache_url, home=folder
            )
            if not sites:
                migrate(environment)
                closing.enter_context(proxy.running())
            host = urlsplit(stack.site_url).netloc
            sites[kind] = closing.enter_context(
                serve(SERVERS[kind], environment=environment, host=host, folder=folder)
            )
        loads = {kind: Load(site, signed_in, signed_out, threads=4, seed=7) for kind, site in sites.items()}
        for load in loads.values():
            load.warm_up()
            closing.enter_context(load.running())
        yield Outage(stack, proxy, signed_in, loads, site_database, count_users(site_database))


def count_users(database: dict[str, Any]) -> int:
    with psycopg.connect(host=database["HOST"], user=database["USER"], dbname=database["NAME"]) as connection:
        [(count,)] = connection.execute("SELECT count(*) FROM auth_user").fetchall()
    return int(count)


def request_sign_in_pages(outage: Outage) -> None:
    """Request the sign-in pages, which need several calls of Kratos."""
    cookie = outage.signed_in[0].cookie
    visits = [Visit("sign-in page", "GET", f"/auth/{page}", cookie) for page in SIGN_IN_PAGES]
    with ThreadPoolExecutor(len(visits)) as pool:
        for load in outage.loads.values():
            list(pool.map(load.make, visits))


def inject_faults(outage: Outage, seconds: float) -> None:
    """Inject each fault in turn, for ``seconds`` in total."""
    kratos = outage.stack.kratos
    on_the_way: dict[str, Fault] = {
        **FAULTS,
        "swapped": partial(swaps, ids=[person.id for person in outage.signed_in]),
    }
    is_long_run = seconds >= LONG_RUN_SECONDS
    recovery_count = 3 + (len(on_the_way) if is_long_run else 1)
    share = max(
        0.2,
        (seconds - recovery_count * RECOVERY_WINDOW - (1 + len(SLOW_FAULTS)) * SLOW) / (len(on_the_way) + 3),
    )

    outage.phase("healthy", share)
    kratos.pause()
    outage.phase("paused", share + SLOW)
    kratos.resume()
    outage.measure_recovery("paused")
    kratos.kill()
    outage.phase("killed", share)
    kratos.start()
    kratos.wait_ready()
    outage.measure_recovery("killed")
    outage.phase("restarting", 0)
    kratos.restart()
    outage.measure_recovery("restarting")
    for name, fault in on_the_way.items():
        outage.proxy.fault = fault
        outage.phase(name, share + (SLOW if name in SLOW_FAULTS else 0))
        if name == "nearly too late":
            request_sign_in_pages(outage)
        if is_long_run:
            outage.proxy.fault = passes
            outage.measure_recovery(name)
    if not is_long_run:
        outage.proxy.fault = passes
        outage.measure_recovery("all of the above")


def test_faults_cause_no_crash_and_allow_no_access(
    outage: Outage, capsys: pytest.CaptureFixture[str]
) -> None:
    inject_faults(outage, RUN_SECONDS)
    for load in outage.loads.values():
        load.stop()
    with capsys.disabled():
        for kind, load in outage.loads.items():
            print(f"\n{kind}\n{load.table()}")
        print("recovered:", ", ".join(f"{name} {s:.2f} s" for name, s in outage.recoveries.items()))

    results = list(outage.results)
    for load in outage.loads.values():
        log = load.site.log()
        assert "Traceback" not in log, log[-6000:]
        secrets = [person.cookie.partition("=")[2] for person in (*outage.signed_in, *load.signed_out)]
        assert not any(secret in log for secret in secrets)
    assert [one for one in results if not one.has_expected_status] == []
    assert [one for one in results if one.violation] == []
    assert [one for one in results if one.seconds > TIMEOUT + MARGIN_SECONDS] == []
    assert {name: s for name, s in outage.recoveries.items() if s > MAX_RECOVERY_SECONDS} == {}
    assert {one.name for one in results} == {None, *(person.id for person in outage.signed_in)}
    assert count_users(outage.database) == outage.users
