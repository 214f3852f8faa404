"""The small site with Redis, PostgreSQL and a proxy in front of Kratos: one of each per test process."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from tests.live.proxy import Proxy, passes
from tests.live.services import postgres_server, redis_server

from .accounts import enroll
from .servers import SERVERS, migrate, serve, site_environment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django_ory.devstack import StackAddresses

    from .accounts import Person
    from .servers import Site


@pytest.fixture(scope="session")
def cache_url() -> Iterator[str]:
    with redis_server() as url:
        yield url


@pytest.fixture(scope="session")
def site_database() -> Iterator[dict[str, Any]]:
    with postgres_server() as database:
        yield database


@pytest.fixture(scope="session")
def shared_proxy(ory_stack: StackAddresses) -> Iterator[Proxy]:
    with Proxy(ory_stack.ports.kratos_public).running() as proxy:
        yield proxy


@pytest.fixture
def proxy(shared_proxy: Proxy) -> Iterator[Proxy]:
    """The proxy between the site and Kratos. Faults are removed at the end of a test."""
    yield shared_proxy
    shared_proxy.fault = passes


@pytest.fixture(scope="session")
def environment(
    ory_stack: StackAddresses,
    shared_proxy: Proxy,
    cache_url: str,
    site_database: dict[str, Any],
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, str]:
    """The environment of the served site. The tables are created."""
    setting = ory_stack.ory_setting["default"] | {
        "KRATOS_PUBLIC_URL": shared_proxy.url,
        "KRATOS_BROWSER_URL": ory_stack.kratos_public_url,
        "SESSION_CACHE_SECONDS": 60,
    }
    made = site_environment(
        ory={"default": setting},
        database=site_database,
        cache=cache_url,
        home=tmp_path_factory.mktemp("home"),
    )
    migrate(made)
    return made


@pytest.fixture(scope="session")
def sites(
    environment: dict[str, str], ory_stack: StackAddresses, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], Site]]:
    """Returns the site by the name of its server, started on first use."""
    started: dict[str, Site] = {}
    host = urlsplit(ory_stack.site_url).netloc
    with ExitStack() as closing:

        def site(name: str) -> Site:
            if name not in started:
                folder = tmp_path_factory.mktemp("site")
                started[name] = closing.enter_context(
                    serve(SERVERS[name], environment=environment, host=host, folder=folder)
                )
            return started[name]

        yield site
        for each in started.values():
            assert "Traceback" not in each.log(), each.log()[-8000:]


@pytest.fixture
def served(request: pytest.FixtureRequest, sites: Callable[[str], Site]) -> Site:
    """The site with the server of the parameter (``indirect``)."""
    return sites(request.param)


@pytest.fixture
def person(ory_stack: StackAddresses) -> Callable[[], Person]:
    return lambda: enroll(ory_stack)
