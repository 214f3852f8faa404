"""Identities: syncs that page, mark and heal, and changes that Kratos makes first."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from django_ory.adapter import OryAdapter
from django_ory.authentication.session_cache import Memory
from django_ory.client import OryConnectionError, OryNotFound, OryServerError
from django_ory.mirror.identities import (
    delete_identity,
    refresh_identity,
    set_identity_state,
    sync_identities,
)
from django_ory.models import Identity
from django_ory.signals import identity_synced
from tests.mirror.fakes import SECRET, FakeOry, hydra_sessions, identity

if TYPE_CHECKING:
    from collections.abc import Iterator


pytestmark = pytest.mark.django_db


@pytest.fixture
def synced() -> Iterator[list[tuple[str, bool]]]:
    heard: list[tuple[str, bool]] = []

    def hear(*, identity: Identity, created: bool, **_: Any) -> None:
        heard.append((identity.label, created))

    identity_synced.connect(hear)
    yield heard
    identity_synced.disconnect(hear)


def counts(report: Any) -> tuple[int, int, int, int, int]:
    return report.seen, report.created, report.updated, report.unchanged, report.missing


class TestSync:
    def test_rows_are_made_over_several_pages(self, kratos: FakeOry) -> None:
        kratos.add(*(identity(number) for number in range(1, 6)))
        report = sync_identities("default", page_size=2)
        assert counts(report) == (5, 5, 0, 0, 0)
        assert report.complete
        assert len(kratos.requests) == 3
        row = Identity.objects.get(identity_id=UUID(int=3))
        assert (row.label, row.state, row.schema_id, row.alias) == (
            "person3@example.com",
            "active",
            "default",
            "default",
        )
        assert row.traits["name"] == {"first": "Zoë"}
        assert row.created_at == datetime(2026, 1, 2, 3, 4, 5, 123456, tzinfo=UTC)
        assert row.synced_at is not None

    def test_no_secret_is_kept(self, kratos: FakeOry) -> None:
        kratos.add(identity(1))
        sync_identities("default")
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM django_ory_identity")
            assert SECRET not in str(cursor.fetchall())

    def test_the_second_time_only_what_changed_is_written(
        self, kratos: FakeOry, synced: list[tuple[str, bool]]
    ) -> None:
        kratos.add(identity(1), identity(2))
        sync_identities("default")
        first = Identity.objects.get(identity_id=UUID(int=1)).synced_at
        kratos.add(identity(2, state="inactive"), identity(3))
        synced.clear()
        assert counts(sync_identities("default")) == (3, 1, 1, 1, 0)
        assert synced == [("person3@example.com", True), ("person2@example.com", False)]
        assert Identity.objects.get(identity_id=UUID(int=2)).state == "inactive"
        again = Identity.objects.get(identity_id=UUID(int=1)).synced_at
        assert first is not None
        assert again is not None
        assert again > first

    def test_the_number_of_queries_does_not_grow_with_the_page(self, kratos: FakeOry) -> None:
        def queries(number: int) -> int:
            kratos.add(*(identity(n) for n in range(1, number + 1)))
            with CaptureQueriesContext(
                connection,
            ) as captured:
                sync_identities("default")
            return len(captured)

        queries(1)
        assert queries(3) == queries(40)

    def test_what_ory_lacks_is_marked_and_unmarked(self, kratos: FakeOry) -> None:
        kratos.add(identity(1), identity(2))
        sync_identities("default")
        gone = kratos.things.pop(str(UUID(int=2)))
        assert counts(sync_identities("default")) == (1, 0, 0, 1, 1)
        since = Identity.objects.get(identity_id=UUID(int=2)).missing_since
        assert since is not None
        assert counts(sync_identities("default")) == (1, 0, 0, 1, 0)
        assert Identity.objects.get(identity_id=UUID(int=2)).missing_since == since
        kratos.add(gone)
        assert counts(sync_identities("default")) == (2, 0, 1, 1, 0)
        assert Identity.objects.get(identity_id=UUID(int=2)).missing_since is None

    def test_a_broken_walk_keeps_what_it_read_and_marks_nothing(self, kratos: FakeOry) -> None:
        kratos.add(identity(1))
        sync_identities("default")
        kratos.things.clear()
        kratos.add(identity(2), identity(3), identity(4))
        kratos.fail["page_token="] = FakeOry.error(503, "try later")
        with pytest.raises(OryServerError):
            sync_identities("default", page_size=2)
        assert {row.label for row in Identity.objects.all()} == {f"person{n}@example.com" for n in (1, 2, 3)}
        assert not Identity.objects.exclude(missing_since=None).exists()

    def test_a_walk_out_of_time_marks_nothing(self, kratos: FakeOry) -> None:
        kratos.add(*(identity(number) for number in range(1, 5)))
        sync_identities("default")
        kratos.things.pop(str(UUID(int=4)))
        report = sync_identities("default", page_size=2, stop_after=0)
        assert counts(report) == (2, 0, 0, 2, 0)
        assert not report.complete

    def test_a_dry_run_counts_and_writes_nothing(
        self, kratos: FakeOry, synced: list[tuple[str, bool]]
    ) -> None:
        kratos.add(identity(1), identity(2), identity(3))
        sync_identities("default")
        kratos.things.pop(str(UUID(int=1)))
        kratos.add(identity(2, state="inactive"), identity(4))
        before = list(Identity.objects.values())
        synced.clear()
        report = sync_identities("default", dry_run=True)
        assert counts(report) == (3, 1, 1, 1, 1)
        assert report.dry_run
        assert list(Identity.objects.values()) == before
        assert not synced

    def test_links_and_announced_sessions_are_left_alone(self, kratos: FakeOry) -> None:
        user = get_user_model().objects.create()
        kratos.add(identity(1))
        row = Identity.objects.create(identity_id=UUID(int=1), user=user, recent_sessions=["s"])
        sync_identities("default")
        row.refresh_from_db()
        assert (row.user, row.recent_sessions, row.label) == (user, ["s"], "person1@example.com")

    def test_a_sign_in_during_the_walk_is_not_missing(self, kratos: FakeOry) -> None:
        kratos.add(identity(5), identity(6))
        kratos.during_page[""] = lambda: Identity.objects.create(identity_id=UUID(int=1), label="new")
        assert sync_identities("default").missing == 0

    def test_a_later_answer_is_not_overwritten_by_an_earlier_one(self, kratos: FakeOry) -> None:
        kratos.add(identity(1))
        sync_identities("default")
        page = identity(1)

        def deactivated_while_the_page_is_under_way() -> None:
            hydra_sessions()
            set_identity_state("default", UUID(int=1), Identity.State.INACTIVE)
            kratos.things[page["id"]] = page  # what was read before

        kratos.during_page[""] = deactivated_while_the_page_is_under_way
        assert counts(sync_identities("default")) == (1, 0, 0, 1, 0)
        assert Identity.objects.get().state == "inactive"

    def test_what_was_deleted_while_its_page_was_under_way_does_not_come_back(
        self, kratos: FakeOry, synced: list[tuple[str, bool]]
    ) -> None:
        hydra_sessions()
        kratos.add(identity(1))
        sync_identities("default")
        kratos.add(identity(2))
        synced.clear()
        kratos.under_way["GET"] = lambda: delete_identity("default", UUID(int=1))
        assert counts(sync_identities("default")) == (2, 1, 0, 0, 0)
        assert [row.identity_id.int for row in Identity.objects.all()] == [2]
        assert synced == [("person2@example.com", True)]

    def test_only_the_page_under_way_is_doubted(self, kratos: FakeOry) -> None:
        hydra_sessions()
        kratos.add(identity(1))
        sync_identities("default")
        kratos.add(*(identity(number) for number in range(2, 6)))
        kratos.requests.clear()
        kratos.under_way["GET"] = lambda: delete_identity("default", UUID(int=1))
        assert counts(sync_identities("default", page_size=2)) == (5, 4, 0, 0, 0)
        asked = [call for call in kratos.requests if call.startswith("GET") and "?" not in call]
        assert asked == [f"GET /admin/identities/{UUID(int=number)}" for number in (1, 2)]

    def test_doubts_are_not_cleared_after_time_is_up(self, kratos: FakeOry) -> None:
        hydra_sessions()
        kratos.add(identity(1))
        sync_identities("default")
        kratos.add(identity(2))
        kratos.under_way["GET"] = lambda: delete_identity("default", UUID(int=1))
        report = sync_identities("default", stop_after=0)
        assert counts(report) == (2, 0, 0, 0, 0)
        assert not report.complete
        assert not Identity.objects.exists()

    def test_other_projects_are_left_alone(self, kratos: FakeOry) -> None:
        Identity.objects.create(alias="other", identity_id=UUID(int=1))
        kratos.add(identity(1))
        assert counts(sync_identities("default")) == (1, 1, 0, 0, 0)
        assert Identity.objects.get(alias="other").missing_since is None

    def test_odd_identities_do_not_stop_it(self, kratos: FakeOry) -> None:
        kratos.add(
            identity(1, traits=None, state=None, verifiable_addresses=None, created_at=None),
            identity(2, traits={"email": ["a"], "username": "", "phone": "+1\x00 555"}, schema_id="s" * 400),
            identity(3, traits={"email": "x" * 400 + "@example.com"}, tomorrow={"new": 1}),
        )
        assert sync_identities("default").created == 3
        rows = {row.identity_id.int: row for row in Identity.objects.all()}
        assert (rows[1].label, rows[1].traits, rows[1].state) == ("", {}, "active")
        assert rows[2].label == "a"
        assert len(rows[3].label) == 320
        assert rows[3].data["tomorrow"] == {"new": 1}

    def test_the_label_is_the_adapters(self, kratos: FakeOry, settings: Any) -> None:
        settings.ORY = {"default": {**settings.ORY["default"], "ADAPTER": f"{__name__}.ByNumber"}}
        kratos.add(identity(1, traits={"number": 7}))
        sync_identities("default")
        assert Identity.objects.get().label == "No. 7"


class TestForgetting:
    """What is remembered of somebody who changed is dropped, and of nobody else."""

    @pytest.fixture
    def forgotten(self, kratos: FakeOry, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
        kratos.add(*(identity(number) for number in range(1, 4)))
        sync_identities("default")
        marked: list[int] = []

        def mark(_: Memory, identity_id: UUID | str, **_options: float) -> bool:
            marked.append(UUID(str(identity_id)).int)
            return True

        with override_settings(ORY=remembering()):
            monkeypatch.setattr(Memory, "mark", mark)
            yield marked

    def test_a_change_that_a_sync_finds(self, kratos: FakeOry, forgotten: list[int]) -> None:
        kratos.add(identity(1, state="inactive"), identity(2, traits={"email": "new@example.com"}))
        sync_identities("default")
        assert forgotten == [1, 2]

    def test_what_a_sync_does_not_find(self, kratos: FakeOry, forgotten: list[int]) -> None:
        del kratos.things[str(UUID(int=3))]
        sync_identities("default", dry_run=True)
        assert forgotten == []
        sync_identities("default")
        sync_identities("default")
        assert forgotten == [3]

    @pytest.mark.parametrize("state", Identity.State)
    def test_a_change_of_somebody_who_is_gone(
        self, kratos: FakeOry, forgotten: list[int], state: Identity.State
    ) -> None:
        kratos.things.clear()
        with pytest.raises(OryNotFound):
            set_identity_state("default", UUID(int=1), state)
        assert forgotten == [1]

    def test_a_cache_that_does_not_take_it_is_told(
        self, kratos: FakeOry, forgotten: list[int], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        hydra_sessions()
        monkeypatch.setattr(Memory, "mark", lambda *_, **_options: False)
        changes = [
            set_identity_state("default", UUID(int=1), Identity.State.INACTIVE),
            delete_identity("default", UUID(int=1)),
        ]
        assert ["SESSION_CACHE_SECONDS" in str(change.problems) for change in changes] == [True, True]

    def test_a_refresh(self, kratos: FakeOry, forgotten: list[int]) -> None:
        del kratos.things[str(UUID(int=2))]
        refresh_identity("default", UUID(int=1))
        refresh_identity("default", UUID(int=2))
        assert forgotten == [1, 2]


def remembering() -> Any:
    return {"default": {**settings.ORY["default"], "SESSION_CACHE_SECONDS": 60}}


class ByNumber(OryAdapter):
    def get_identity_label(self, identity: Any) -> str:
        return f"No. {identity.traits['number']}"


class TestRefresh:
    def test_the_row_is_rewritten(self, kratos: FakeOry, synced: list[tuple[str, bool]]) -> None:
        kratos.add(identity(1))
        row = refresh_identity("default", str(UUID(int=1)))
        assert row.label == "person1@example.com"
        kratos.add(identity(1, traits={"email": "new@example.com"}))
        assert refresh_identity("default", UUID(int=1)).label == "new@example.com"
        assert synced == [("person1@example.com", True), ("new@example.com", False)]

    def test_a_row_without_an_identity_is_marked(self, kratos: FakeOry) -> None:
        Identity.objects.create(identity_id=UUID(int=1))
        first = refresh_identity("default", UUID(int=1)).missing_since
        assert first is not None
        assert refresh_identity("default", UUID(int=1)).missing_since == first

    def test_an_earlier_answer_does_not_overwrite_a_later_one(
        self, kratos: FakeOry, synced: list[tuple[str, bool]]
    ) -> None:
        hydra_sessions()
        kratos.add(identity(1))
        kratos.under_way["GET"] = lambda: set_identity_state("default", UUID(int=1), Identity.State.INACTIVE)
        assert refresh_identity("default", UUID(int=1)).state == "inactive"
        assert Identity.objects.get().state == "inactive"
        assert len(synced) == 1

    def test_neither_row_nor_identity(self, kratos: FakeOry) -> None:
        with pytest.raises(OryNotFound):
            refresh_identity("default", uuid4())


class TestState:
    def test_deactivating_ends_everything(self, kratos: FakeOry) -> None:
        calls = hydra_sessions()
        kratos.add(identity(1))
        change = set_identity_state("default", UUID(int=1), Identity.State.INACTIVE)
        assert change.problems == ()
        assert change.row is not None
        assert change.row.state == "inactive"
        key = UUID(int=1)
        assert kratos.requests == [
            f"PATCH /admin/identities/{key}",
            f"DELETE /admin/identities/{key}/sessions",
        ]
        assert calls == [
            f"/oauth2/auth/sessions/login?subject={key}",
            f"/oauth2/auth/sessions/consent?subject={key}&all=true",
        ]

    def test_somebody_activates_while_the_sessions_are_being_ended(self, kratos: FakeOry) -> None:
        hydra_sessions()
        kratos.add(identity(1))
        kratos.under_way["DELETE .*/sessions"] = lambda: set_identity_state(
            "default", UUID(int=1), Identity.State.ACTIVE
        )
        set_identity_state("default", UUID(int=1), Identity.State.INACTIVE)
        assert Identity.objects.get().state == kratos.things[str(UUID(int=1))]["state"] == "active"

    def test_activating_ends_nothing(self, kratos: FakeOry) -> None:
        kratos.add(identity(1, state="inactive"))
        change = set_identity_state("default", str(UUID(int=1)), Identity.State.ACTIVE)
        assert change.row is not None
        assert change.row.state == "active"
        assert len(kratos.requests) == 1

    def test_a_refusal_changes_nothing(self, kratos: FakeOry) -> None:
        kratos.add(identity(1))
        sync_identities("default")
        kratos.fail["^PATCH"] = FakeOry.error(500, "no")
        with pytest.raises(OryServerError):
            set_identity_state("default", UUID(int=1), Identity.State.INACTIVE)
        assert Identity.objects.get().state == "active"
        assert not any(call.startswith("DELETE") for call in kratos.requests)

    def test_an_identity_that_is_gone_is_marked(self, kratos: FakeOry) -> None:
        Identity.objects.create(identity_id=UUID(int=1))
        with pytest.raises(OryNotFound):
            set_identity_state("default", UUID(int=1), Identity.State.ACTIVE)
        assert Identity.objects.get().missing_since is not None

    def test_what_else_failed_is_told(self, kratos: FakeOry) -> None:
        hydra_sessions(status=500)
        kratos.add(identity(1))
        kratos.fail["^DELETE"] = ConnectionResetError("down")
        change = set_identity_state("default", UUID(int=1), Identity.State.INACTIVE)
        assert change.row is not None
        assert change.row.state == "inactive"
        assert [problem.split(" were")[0] for problem in change.problems] == [
            "Kratos' sessions",
            "Hydra's login sessions",
            "Hydra's consents",
        ]
        assert "Hydra has a bad day" in change.problems[1]

    def test_nothing_to_end_is_no_problem(self, kratos: FakeOry) -> None:
        hydra_sessions(status=404)
        kratos.add(identity(1))
        assert set_identity_state("default", UUID(int=1), Identity.State.INACTIVE).problems == ()

    def test_without_hydra(self, kratos: FakeOry, settings: Any) -> None:
        settings.ORY = {"default": {"KRATOS_ADMIN_URL": "http://kratos.test:4434"}}
        kratos.add(identity(1))
        assert set_identity_state("default", UUID(int=1), Identity.State.INACTIVE).problems == ()


class TestDelete:
    def test_ory_first_then_the_row(self, kratos: FakeOry) -> None:
        hydra_sessions()
        kratos.add(identity(1))
        sync_identities("default")
        assert delete_identity("default", UUID(int=1)).problems == ()
        assert not kratos.things
        assert not Identity.objects.exists()

    def test_already_gone(self, kratos: FakeOry) -> None:
        hydra_sessions()
        Identity.objects.create(identity_id=UUID(int=1))
        delete_identity("default", UUID(int=1))
        assert not Identity.objects.exists()

    def test_ory_is_down(self, kratos: FakeOry) -> None:
        kratos.add(identity(1))
        sync_identities("default")
        kratos.fail["^DELETE"] = ConnectionResetError("down")
        with pytest.raises(OryConnectionError):
            delete_identity("default", UUID(int=1))
        assert Identity.objects.exists()


def test_times_without_time_zones(kratos: FakeOry, settings: Any) -> None:
    settings.USE_TZ = False
    kratos.add(identity(1))
    sync_identities("default")
    row = refresh_identity("default", UUID(int=1))
    assert row.created_at is not None
    assert row.created_at.tzinfo is None
    assert json.dumps(row.data)
