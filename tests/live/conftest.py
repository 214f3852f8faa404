"""The distribution of the live tests, the real probes of the circuit breaker, and a PostgreSQL."""

from __future__ import annotations

import uuid
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection, connections

from tests.live.scheduling import LiveScheduling, sort_tests
from tests.live.services import postgres_server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xdist.remote import Producer


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LiveScheduling:
    return LiveScheduling(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    sort_tests(items)


@pytest.fixture(autouse=True)
def probes() -> None:
    """Replaces the unit suite's fixture of this name, which stops the probes."""


@pytest.fixture(scope="session")
def postgres_database() -> Iterator[dict[str, Any]]:
    """A PostgreSQL for the run."""
    with postgres_server() as database:
        yield database


@pytest.fixture(scope="session")
def postgres_tables(postgres_database: dict[str, Any], django_db_blocker: Any) -> str:
    """The name of a database with the tables of the site, for copies."""
    with django_db_blocker.unblock(), _new_database(postgres_database, "ory_tables"):
        call_command("migrate", verbosity=0)
    return "ory_tables"


@pytest.fixture
def on_postgres(
    postgres_database: dict[str, Any], postgres_tables: str, django_db_blocker: Any
) -> Iterator[None]:
    """All connections of this process use a new PostgreSQL database."""
    name = f"ory_{uuid.uuid4().hex[:12]}"
    with django_db_blocker.unblock(), _new_database(postgres_database, name, template=postgres_tables):
        yield


@contextmanager
def _new_database(server: dict[str, Any], name: str, *, template: str = "template1") -> Iterator[None]:
    """Create a database, and connect this process to it until the end of the block."""
    before = connections.settings["default"]
    _connect_to({**before, **server})
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    _connect_to({**before, **server, "NAME": name})
    try:
        yield
    finally:
        connection.close()
        _connect_to(before)


def _connect_to(database: dict[str, Any]) -> None:
    connections["default"].close()
    connections.settings["default"] = database
    del connections["default"]
    # Django remembers the ids of the content types, which are other ones in the other database.
    ContentType.objects.clear_cache()
