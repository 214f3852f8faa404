"""Two first requests at the same moment make one user: on PostgreSQL, with threads and a real Kratos."""

from __future__ import annotations

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_logged_in
from django.core.management import call_command
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from django_ory.models import Identity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.live.client.world import World

pytestmark = pytest.mark.live
VISITORS = 16


@pytest.fixture
def on_postgres(postgres_database: dict[str, Any], django_db_blocker: Any) -> Iterator[None]:
    """Every connection of this process goes to a new PostgreSQL database."""
    name = f"ory_{uuid.uuid4().hex[:12]}"
    before = connections.settings["default"]
    with django_db_blocker.unblock():
        _connect_to({**before, **postgres_database})
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {name}")
        _connect_to({**before, **postgres_database, "NAME": name})
        call_command("migrate", verbosity=0)
        try:
            yield
        finally:
            connection.close()
            _connect_to(before)


def _connect_to(database: dict[str, Any]) -> None:
    connections["default"].close()
    connections.settings["default"] = database
    del connections["default"]


@pytest.mark.usefixtures("on_postgres")
@pytest.mark.parametrize("mirrored", [False, True])
def test_one_user(world: World, mirrored: bool) -> None:
    identity = world.person()
    browser = world.browser()
    heard: list[Any] = []

    def receiver(**values: Any) -> None:
        heard.append(values["user"].pk)

    user_logged_in.connect(receiver)
    if mirrored:
        Identity.objects.create(identity_id=identity.id)
    start = threading.Barrier(VISITORS)

    def visit() -> tuple[int, str | None]:
        client = Client()
        start.wait(10)
        try:
            response = client.get("/who/", headers={"cookie": browser.cookie})
            return response.status_code, response.json()["user"]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(VISITORS) as pool:
        answers = [each.result(60) for each in [pool.submit(visit) for _ in range(VISITORS)]]
    user_logged_in.disconnect(receiver)
    user = get_user_model()._default_manager.get()
    assert set(answers) == {(200, str(user.pk))}
    assert Identity.objects.get().user == user
    assert heard == [user.pk]
    with CaptureQueriesContext(connection) as queries:
        Client().get("/who/", headers={"cookie": browser.cookie})
    assert len(queries) == 1


@pytest.mark.usefixtures("on_postgres")
def test_nul_characters_and_long_traits(world: World) -> None:
    """PostgreSQL refuses what SQLite takes."""
    from django_ory.client.models import Identity as KratosIdentity
    from django_ory.sessions.users import user_for_identity

    odd = KratosIdentity.model_validate(
        {
            "id": str(uuid.uuid4()),
            "schema_id": "s" * 1000,
            "state": "active",
            "traits": {
                "email": "a\x00@example.org",
                "name": {"first": "x" * 5000, "last": "\x00"},
                "k\x00": ["\x00"],
            },
        }
    )
    assert user_for_identity("default", odd) is not None
