"""``--since-last``: only identities with a new session are read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from django.core.management import call_command
from django.utils import timezone

from django_ory.client import OryServerError
from django_ory.mirror.identities import sync_identities
from django_ory.mirror.recent import sync_recent_identities
from django_ory.models import Identity, SyncProgress
from tests.support.resources import add_identities, fail, list_calls, make_identity

if TYPE_CHECKING:
    from django_ory.testing import FakeOry

pytestmark = pytest.mark.django_db

LAST = "last_identity_sync"


def sign_in(ory: FakeOry, number: int, *, minutes_ago: int = 0) -> None:
    ory.create_session(
        str(UUID(int=number)), authenticated_at=datetime.now(UTC) - timedelta(minutes=minutes_ago)
    )


def set_last_sync(*, minutes_ago: int) -> None:
    SyncProgress.objects.filter(kind=LAST).update(started_at=timezone.now() - timedelta(minutes=minutes_ago))


@pytest.fixture
def synced(ory: FakeOry) -> None:
    add_identities(ory, *(make_identity(number) for number in range(1, 7)))
    sign_in(ory, 1, minutes_ago=90)
    sync_identities("default")
    set_last_sync(minutes_ago=60)
    ory.requests.clear()


def test_only_identities_with_a_new_session_are_read(ory: FakeOry, synced: None) -> None:
    add_identities(
        ory,
        make_identity(2, state="inactive"),
        make_identity(3, state="inactive"),
        make_identity(7),
    )
    for number in (2, 7, 2):
        sign_in(ory, number)
    report = sync_recent_identities("default")
    assert (report.seen, report.created, report.updated, report.missing) == (3, 1, 1, 0)
    assert report.changed_since is not None
    states = {row.identity_id.int: row.state for row in Identity.objects.all()}
    assert (states[2], states[3]) == ("inactive", "active")  # 3 was changed by staff
    row = Identity.objects.get(identity_id=UUID(int=7))
    assert len(row.data["verifiable_addresses"]) == 1  # which the list of sessions does not have
    assert not Identity.objects.exclude(missing_since=None).exists()


def test_reading_stops_at_the_last_sync(ory: FakeOry, synced: None) -> None:
    for number in range(2, 7):
        sign_in(ory, number, minutes_ago=70 - number)
    sign_in(ory, 2)
    assert sync_recent_identities("default", page_size=1).seen >= 1
    assert len(list_calls(ory, "/admin/sessions")) < 7


def test_next_run_starts_at_this_one(ory: FakeOry, synced: None) -> None:
    before = timezone.now()
    sync_recent_identities("default")
    assert SyncProgress.objects.get(kind=LAST).started_at >= before


def test_dry_run_and_failure_keep_the_last_start(ory: FakeOry, synced: None) -> None:
    before = SyncProgress.objects.get(kind=LAST).started_at
    sync_recent_identities("default", dry_run=True)
    fail(ory, "GET /admin/sessions", 500, "no")
    with pytest.raises(OryServerError):
        sync_recent_identities("default")
    assert SyncProgress.objects.get(kind=LAST).started_at == before


def test_first_run_syncs_all_identities(ory: FakeOry) -> None:
    add_identities(ory, make_identity(1))
    report = sync_recent_identities("default")
    assert (report.created, report.changed_since) == (1, None)


def test_interrupted_complete_sync_is_kept(ory: FakeOry, synced: None) -> None:
    assert not sync_identities("default", page_size=2, stop_after=0).complete
    sync_recent_identities("default")
    assert sync_identities("default").continued_from is not None


def test_server_that_ignores_ids_changes_only_those_asked_for(ory: FakeOry, synced: None) -> None:
    add_identities(ory, make_identity(3, state="inactive"))
    ory.respond(
        "GET /admin/identities", json=[make_identity(2, state="inactive"), make_identity(3, state="inactive")]
    )
    sign_in(ory, 2)
    assert sync_recent_identities("default").updated == 1
    assert Identity.objects.get(identity_id=UUID(int=3)).state == "active"


def test_command_says_what_was_not_read(ory: FakeOry, synced: None) -> None:
    sign_in(ory, 2)
    out = StringIO()
    call_command("ory_sync_identities", "--since-last", stdout=out, no_color=True)
    assert out.getvalue().startswith("default: only identities with a new session since ")
    assert "complete sync" in out.getvalue()
