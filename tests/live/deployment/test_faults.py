"""The site under load while Kratos, or the way to it, fails in every manner we know of; people sign out, too.

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

from .load import SIGN_IN_PAGES, Load, Visit
from .people import enroll
from .servers import SERVERS, migrate, serve, site_environment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .load import Told
    from .people import Person
    from .servers import Served

pytestmark = [pytest.mark.live, pytest.mark.xdist_group("faults")]

SECONDS = float(os.environ.get("DJANGO_ORY_FAULT_SECONDS", "20"))
LONG = 60.0  #: a run of so many seconds has time to recover after every fault
TIMEOUT = 1.0
MARGIN = 0.5  #: what a request may take beyond the timeout
RECOVERY = 2.0
LOOK = RECOVERY + 0.2  #: how long to look whether everybody is let in again
PEOPLE = 6
LEAVERS = 2
SITES = {"gunicorn-gthread": 1, "uvicorn-single": 0}  #: server -> SESSION_CACHE_SECONDS
SLOW_FAULTS = ("nearly too late", "too late", "dripping")
SLOW = TIMEOUT + 0.2  #: what they, and a paused Kratos, get beside their share, to meet a few visitors


@dataclass
class Scene:
    """Two servers with the same site, visitors at both, and what can be broken."""

    stack: OryStack
    proxy: Proxy
    people: list[Person]
    loads: dict[str, Load]
    database: dict[str, Any]
    users: int  #: how many there are before anything goes wrong
    recoveries: dict[str, float] = field(default_factory=dict)

    def phase(self, name: str, seconds: float) -> None:
        """Let them visit for a while under this name."""
        for load in self.loads.values():
            load.phase = name
        time.sleep(seconds)

    def look(self, fault: str) -> None:
        """Kratos is back: from when on is everybody let in?"""
        since = time.monotonic()
        self.phase("afterwards", LOOK)
        self.recoveries[fault] = max(load.recovery(since) for load in self.loads.values())

    @property
    def told(self) -> Iterator[Told]:
        """Everything that was answered."""
        for load in self.loads.values():
            yield from load.told


@pytest.fixture
def scene(cache_url: str, site_database: dict[str, Any], tmp_path: Path) -> Iterator[Scene]:
    with ExitStack() as closing:
        stack = closing.enter_context(OryStack())
        proxy = Proxy(stack.ports.kratos_public, seed=7)
        people = [enroll(stack) for _ in range(PEOPLE)]
        leavers = [enroll(stack) for _ in range(LEAVERS)]
        sites: dict[str, Served] = {}
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
        loads = {kind: Load(site, people, leavers, threads=4, seed=7) for kind, site in sites.items()}
        for load in loads.values():
            load.warm_up()
            closing.enter_context(load.running())
        yield Scene(stack, proxy, people, loads, site_database, count_users(site_database))


def count_users(database: dict[str, Any]) -> int:
    with psycopg.connect(host=database["HOST"], user=database["USER"], dbname=database["NAME"]) as connection:
        [(count,)] = connection.execute("SELECT count(*) FROM auth_user").fetchall()
    return int(count)


def visit_sign_in_pages(scene: Scene) -> None:
    """They ask Kratos who is there, and then for more."""
    cookie = scene.people[0].cookie
    visits = [Visit("sign-in page", "GET", f"/auth/{page}", cookie) for page in SIGN_IN_PAGES]
    with ThreadPoolExecutor(len(visits)) as pool:
        for load in scene.loads.values():
            list(pool.map(load.make, visits))


def break_everything(scene: Scene, seconds: float) -> None:
    """Each fault in turn, ``seconds`` in all."""
    kratos = scene.stack.kratos
    on_the_way: dict[str, Fault] = {
        **FAULTS,
        "swapped": partial(swaps, ids=[person.id for person in scene.people]),
    }
    each_recovers = seconds >= LONG
    looks = 3 + (len(on_the_way) if each_recovers else 1)
    share = max(0.2, (seconds - looks * LOOK - (1 + len(SLOW_FAULTS)) * SLOW) / (len(on_the_way) + 3))

    scene.phase("healthy", share)
    kratos.pause()
    scene.phase("paused", share + SLOW)
    kratos.resume()
    scene.look("paused")
    kratos.kill()
    scene.phase("killed", share)
    kratos.start()
    kratos.wait_ready()
    scene.look("killed")
    scene.phase("restarting", 0)
    kratos.restart()
    scene.look("restarting")
    for name, fault in on_the_way.items():
        scene.proxy.fault = fault
        scene.phase(name, share + (SLOW if name in SLOW_FAULTS else 0))
        if name == "nearly too late":
            visit_sign_in_pages(scene)
        if each_recovers:
            scene.proxy.fault = passes
            scene.look(name)
    if not each_recovers:
        scene.proxy.fault = passes
        scene.look("all of the above")


def test_it_stays_up_and_lets_nobody_in(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    break_everything(scene, SECONDS)
    for load in scene.loads.values():
        load.stop()
    with capsys.disabled():
        for kind, load in scene.loads.items():
            print(f"\n{kind}\n{load.table()}")
        print("recovered:", ", ".join(f"{name} {s:.2f} s" for name, s in scene.recoveries.items()))

    told = list(scene.told)
    for load in scene.loads.values():
        log = load.site.log()
        assert "Traceback" not in log, log[-6000:]
        secrets = [person.cookie.partition("=")[2] for person in (*scene.people, *load.leavers)]
        assert not any(secret in log for secret in secrets)
    assert [one for one in told if not one.is_expected] == []
    assert [one for one in told if one.mistake] == []
    assert [one for one in told if one.seconds > TIMEOUT + MARGIN] == []
    assert {name: s for name, s in scene.recoveries.items() if s > RECOVERY} == {}
    assert {one.name for one in told} == {None, *(person.id for person in scene.people)}
    assert count_users(scene.database) == scene.users
