"""Concurrent requests on PostgreSQL, and values that only SQLite accepts."""

from __future__ import annotations

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_logged_in
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from django_ory.accounts.deletion import DeletionState, continue_deletion, request_deletion
from django_ory.client.models import Identity as KratosIdentity
from django_ory.invitations.claims import claim_invitation
from django_ory.invitations.invitations import build_grant, create_invitation
from django_ory.invitations.refusals import Refusal
from django_ory.models import AccountDeletion, Identity
from django_ory.signals import account_deleted
from django_ory.users.lookup import resolve_user
from django_ory.validation.submissions import Submission
from tests.user_field_cases import BEFORE, FITS_64_BITS, FITTING, UNFITTING, Member, set_and_read, table

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.live.client.world import World

pytestmark = pytest.mark.live
VISITORS = 16


@pytest.mark.usefixtures("on_postgres")
@pytest.mark.parametrize("mirrored", [False, True])
def test_concurrent_first_requests_create_one_user(world: World, mirrored: bool) -> None:
    identity = world.person()
    browser = world.browser()
    received: list[Any] = []

    def receiver(**values: Any) -> None:
        received.append(values["user"].pk)

    user_logged_in.connect(receiver)
    if mirrored:
        Identity.objects.create(identity_id=identity.id)
    start = threading.Barrier(VISITORS)

    def visit() -> tuple[int, str | None]:
        client = Client()
        start.wait(10)
        try:
            response = client.get("/report/", headers={"cookie": browser.cookie})
            return response.status_code, response.json()["user"]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(VISITORS) as pool:
        answers = [each.result(60) for each in [pool.submit(visit) for _ in range(VISITORS)]]
    user_logged_in.disconnect(receiver)
    user = get_user_model()._default_manager.get()
    assert set(answers) == {(200, str(user.pk))}
    assert Identity.objects.get().user == user
    assert received == [user.pk]
    with CaptureQueriesContext(connection) as queries:
        Client().get("/report/", headers={"cookie": browser.cookie})
    assert len(queries) == 1


@pytest.mark.usefixtures("on_postgres")
def test_nul_characters_and_long_traits_are_stored(world: World) -> None:
    """PostgreSQL rejects values that SQLite accepts."""
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
    assert resolve_user(odd, alias="default").user is not None


@pytest.mark.usefixtures("on_postgres")
def test_invalid_traits_are_ignored() -> None:
    """Each row can be read again, and no value raises a database error."""
    unfitting = [*UNFITTING, *FITS_64_BITS]
    with table():
        for field, trait, value in FITTING:
            assert set_and_read(field, trait) == value, field
        for field, trait in unfitting:
            assert set_and_read(field, trait) == BEFORE[field], field
        assert len(list(Member.objects.all())) == len(FITTING) + len(unfitting)


def run_concurrently(calls: Sequence[Callable[[], Any]]) -> list[Any]:
    """Return the results of calls that start at the same moment in separate threads."""
    start = threading.Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        start.wait(10)
        try:
            return call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return [each.result(60) for each in [pool.submit(run, call) for call in calls]]


def kratos_identity(**values: Any) -> KratosIdentity:
    return KratosIdentity.model_validate({"id": str(uuid.uuid4()), "state": "active", **values})


@pytest.mark.usefixtures("on_postgres")
def test_concurrent_users_of_one_name_are_created() -> None:
    identities = [kratos_identity(traits={"username": "ann"}) for _ in range(VISITORS)]
    accesses = run_concurrently([partial(resolve_user, identity, alias="default") for identity in identities])
    names = {access.user.get_username() for access in accesses}
    assert len(names) == VISITORS
    assert "ann" in names
    assert all(name.startswith("ann") for name in names)


@pytest.mark.usefixtures("on_postgres")
def test_concurrent_links_of_one_user_are_consistent(settings: Any) -> None:
    """The unique constraint covers one project only; the lock on the user's row covers the others."""
    project = {**settings.ORY["default"], "LINK_BY_VERIFIED_EMAIL": True}
    settings.ORY = {"default": project, **{f"p{number}": project for number in range(7)}}
    email = "ann@example.org"
    existing = get_user_model()._default_manager.create(username="old", email=email)
    addresses = [{"value": email, "verified": True, "via": "email"}]
    calls = [
        partial(
            resolve_user,
            kratos_identity(traits={"email": email}, verifiable_addresses=addresses),
            alias=alias,
        )
        for alias in settings.ORY
    ]
    users = [access.user for access in run_concurrently(calls)]
    assert None not in users
    assert users.count(existing) == 1
    assert Identity.objects.filter(user=existing).count() == 1


@pytest.mark.usefixtures("on_postgres", "world")
def test_concurrent_sign_ups_use_an_invitation_once(settings: Any) -> None:
    settings.ORY = {"default": {**settings.ORY["default"], "TIMEOUT": 30.0}}  # all calls are made at once
    row, _token = create_invitation()
    grant = build_grant(row)
    signups = [
        Submission(
            alias="default",
            request_url=f"http://kratos.test/?{urlencode({'invitation': grant})}",
            schema_id="person",
            traits={"email": f"p{n}-{grant[:6]}@example.org"},
        )
        for n in range(VISITORS)
    ]
    results = run_concurrently([partial(claim_invitation, each) for each in signups])
    assert sorted(results, key=str) == [None, *[Refusal.USED] * (VISITORS - 1)]
    row.refresh_from_db()
    [winner] = [each for each, result in zip(signups, results, strict=True) if result is None]
    assert row.used_by == winner.traits["email"]


@pytest.mark.usefixtures("on_postgres")
def test_concurrent_deletions_of_an_account_close_the_user_once(world: World) -> None:
    identity = world.person()
    user = get_user_model()._default_manager.create(username="ann")
    row = request_deletion(identity.id, user=user, grace=timedelta(0), alias="default")
    received: list[Any] = []

    def receiver(**values: Any) -> None:
        received.append(values["user"])

    account_deleted.connect(receiver)
    copies = [AccountDeletion.objects.get(pk=row.pk) for _ in range(4)]
    states = run_concurrently([partial(continue_deletion, each) for each in copies])
    account_deleted.disconnect(receiver)
    assert DeletionState.DELETED in states
    assert received == [user]
    user.refresh_from_db()
    assert not user.is_active
    assert not AccountDeletion.objects.exists()
