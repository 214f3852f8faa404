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
from django_ory.testing import FakeResponse
from tests.support.resources import (
    SECRET,
    add_identities,
    call_during,
    fail,
    fail_hydra_sessions,
    list_calls,
    make_identity,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django_ory.testing import FakeOry, FakeRequest


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
    def test_rows_are_made_over_several_pages(self, ory: FakeOry) -> None:
        add_identities(ory, *(make_identity(number) for number in range(1, 6)))
        report = sync_identities("default", page_size=2)
        assert counts(report) == (5, 5, 0, 0, 0)
        assert report.complete
        assert len(list_calls(ory, "/admin/identities")) == 3
        row = Identity.objects.get(identity_id=UUID(int=3))
        assert (row.label, row.state, row.schema_id, row.alias) == (
            "person3@example.com",
            "active",
            "person",
            "default",
        )
        assert row.traits["name"] == {"first": "Zoë"}
        assert row.created_at == datetime(2026, 1, 2, 3, 4, 5, 123456, tzinfo=UTC)
        assert row.synced_at is not None

    def test_no_secret_is_kept(self, ory: FakeOry) -> None:
        add_identities(ory, make_identity(1))
        sync_identities("default")
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM django_ory_identity")
            assert SECRET not in str(cursor.fetchall())

    def test_the_second_time_only_what_changed_is_written(
        self, ory: FakeOry, synced: list[tuple[str, bool]]
    ) -> None:
        add_identities(ory, make_identity(1), make_identity(2))
        sync_identities("default")
        first = Identity.objects.get(identity_id=UUID(int=1)).synced_at
        add_identities(ory, make_identity(2, state="inactive"), make_identity(3))
        synced.clear()
        assert counts(sync_identities("default")) == (3, 1, 1, 1, 0)
        assert synced == [("person3@example.com", True), ("person2@example.com", False)]
        assert Identity.objects.get(identity_id=UUID(int=2)).state == "inactive"
        again = Identity.objects.get(identity_id=UUID(int=1)).synced_at
        assert first is not None
        assert again is not None
        assert again > first

    def test_the_number_of_queries_does_not_grow_with_the_page(self, ory: FakeOry) -> None:
        def queries(number: int) -> int:
            add_identities(ory, *(make_identity(n) for n in range(1, number + 1)))
            with CaptureQueriesContext(
                connection,
            ) as captured:
                sync_identities("default")
            return len(captured)

        queries(1)
        assert queries(3) == queries(40)

    def test_what_ory_lacks_is_marked_and_unmarked(self, ory: FakeOry) -> None:
        add_identities(ory, make_identity(1), make_identity(2))
        sync_identities("default")
        gone = ory.kratos.identities.identities.pop(str(UUID(int=2)))
        assert counts(sync_identities("default")) == (1, 0, 0, 1, 1)
        since = Identity.objects.get(identity_id=UUID(int=2)).missing_since
        assert since is not None
        assert counts(sync_identities("default")) == (1, 0, 0, 1, 0)
        assert Identity.objects.get(identity_id=UUID(int=2)).missing_since == since
        add_identities(ory, gone)
        assert counts(sync_identities("default")) == (2, 0, 1, 1, 0)
        assert Identity.objects.get(identity_id=UUID(int=2)).missing_since is None

    def test_a_broken_walk_keeps_what_it_read_and_marks_nothing(self, ory: FakeOry) -> None:
        add_identities(ory, make_identity(1))
        sync_identities("default")
        ory.kratos.identities.identities.clear()
        add_identities(ory, make_identity(2), make_identity(3), make_identity(4))

        def fail_the_next_page(request: FakeRequest) -> FakeResponse:
            is_next = len(list_calls(ory, "/admin/identities")) > calls + 1
            return FakeResponse(503) if is_next else ory.answer(request)

        calls = len(list_calls(ory, "/admin/identities"))
        ory.respond("GET /admin/identities", fail_the_next_page)
        with pytest.raises(OryServerError):
            sync_identities("default", page_size=2)
        assert {row.label for row in Identity.objects.all()} == {f"person{n}@example.com" for n in (1, 2, 3)}
        assert not Identity.objects.exclude(missing_since=None).exists()

    def test_a_walk_out_of_time_marks_nothing(self, ory: FakeOry) -> None:
        add_identities(ory, *(make_identity(number) for number in range(1, 5)))
        sync_identities("default")
        ory.kratos.identities.identities.pop(str(UUID(int=4)))
        report = sync_identities("default", page_size=2, stop_after=0)
        assert counts(report) == (2, 0, 0, 2, 0)
        assert not report.complete

    def test_a_dry_run_counts_and_writes_nothing(self, ory: FakeOry, synced: list[tuple[str, bool]]) -> None:
        add_identities(ory, make_identity(1), make_identity(2), make_identity(3))
        sync_identities("default")
        ory.kratos.identities.identities.pop(str(UUID(int=1)))
        add_identities(ory, make_identity(2, state="inactive"), make_identity(4))
        before = list(Identity.objects.values())
        synced.clear()
        report = sync_identities("default", dry_run=True)
        assert counts(report) == (3, 1, 1, 1, 1)
        assert report.dry_run
        assert list(Identity.objects.values()) == before
        assert not synced

    def test_links_and_announced_sessions_are_left_alone(self, ory: FakeOry) -> None:
        user = get_user_model().objects.create()
        add_identities(ory, make_identity(1))
        row = Identity.objects.create(identity_id=UUID(int=1), user=user, recent_sessions=["s"])
        sync_identities("default")
        row.refresh_from_db()
        assert (row.user, row.recent_sessions, row.label) == (user, ["s"], "person1@example.com")

    def test_a_sign_in_during_the_walk_is_not_missing(self, ory: FakeOry) -> None:
        add_identities(ory, make_identity(5), make_identity(6))
        call_during(
            ory,
            "GET /admin/identities",
            lambda: Identity.objects.create(identity_id=UUID(int=1), label="new"),
            before=True,
        )
        assert sync_identities("default").missing == 0

    def test_a_later_answer_is_not_overwritten_by_an_earlier_one(self, ory: FakeOry) -> None:
        add_identities(ory, make_identity(1))
        sync_identities("default")
        page = make_identity(1)

        def deactivated_while_the_page_is_under_way() -> None:
            set_identity_state("default", UUID(int=1), Identity.State.INACTIVE)
            ory.kratos.identities.identities[page["id"]] = page  # what was read before

        call_during(ory, "GET /admin/identities", deactivated_while_the_page_is_under_way, before=True)
        assert counts(sync_identities("default")) == (1, 0, 0, 1, 0)
        assert Identity.objects.get().state == "inactive"

    def test_what_was_deleted_while_its_page_was_under_way_does_not_come_back(
        self, ory: FakeOry, synced: list[tuple[str, bool]]
    ) -> None:
        add_identities(ory, make_identity(1))
        sync_identities("default")
        add_identities(ory, make_identity(2))
        synced.clear()
        call_during(ory, "GET /admin/identities", lambda: delete_identity("default", UUID(int=1)))
        assert counts(sync_identities("default")) == (2, 1, 0, 0, 0)
        assert [row.identity_id.int for row in Identity.objects.all()] == [2]
        assert synced == [("person2@example.com", True)]

    def test_only_the_page_under_way_is_doubted(self, ory: FakeOry) -> None:
        add_identities(ory, make_identity(1))
        sync_identities("default")
        add_identities(ory, *(make_identity(number) for number in range(2, 6)))
        ory.requests.clear()
        call_during(ory, "GET /admin/identities", lambda: delete_identity("default", UUID(int=1)))
        assert counts(sync_identities("default", page_size=2)) == (5, 4, 0, 0, 0)
        asked = [
            call
            for call in list_calls(ory, "/admin/identities")
            if call.startswith("GET") and "?" not in call
        ]
        assert asked == [f"GET /admin/identities/{UUID(int=number)}" for number in (1, 2)]

    def test_doubts_are_not_cleared_after_time_is_up(self, ory: FakeOry) -> None:
        add_identities(ory, make_identity(1))
        sync_identities("default")
        add_identities(ory, make_identity(2))
        call_during(ory, "GET /admin/identities", lambda: delete_identity("default", UUID(int=1)))
        report = sync_identities("default", stop_after=0)
        assert counts(report) == (2, 0, 0, 0, 0)
        assert not report.complete
        assert not Identity.objects.exists()

    def test_other_projects_are_left_alone(self, ory: FakeOry) -> None:
        Identity.objects.create(alias="other", identity_id=UUID(int=1))
        add_identities(ory, make_identity(1))
        assert counts(sync_identities("default")) == (1, 1, 0, 0, 0)
        assert Identity.objects.get(alias="other").missing_since is None

    def test_odd_identities_do_not_stop_it(self, ory: FakeOry) -> None:
        add_identities(
            ory,
            make_identity(1, traits=None, state=None, verifiable_addresses=None, created_at=None),
            make_identity(
                2, traits={"email": ["a"], "username": "", "phone": "+1\x00 555"}, schema_id="s" * 400
            ),
            make_identity(3, traits={"email": "x" * 400 + "@example.com"}, tomorrow={"new": 1}),
        )
        assert sync_identities("default").created == 3
        rows = {row.identity_id.int: row for row in Identity.objects.all()}
        assert (rows[1].label, rows[1].traits, rows[1].state) == ("", {}, "active")
        assert rows[2].label == "a"
        assert len(rows[3].label) == 320
        assert rows[3].data["tomorrow"] == {"new": 1}

    def test_the_label_is_the_adapters(self, ory: FakeOry, settings: Any) -> None:
        settings.ORY = {"default": {**settings.ORY["default"], "ADAPTER": f"{__name__}.ByNumber"}}
        add_identities(ory, make_identity(1, traits={"number": 7}))
        sync_identities("default")
        assert Identity.objects.get().label == "No. 7"


class TestForgetting:
    """What is remembered of somebody who changed is dropped, and of nobody else."""

    @pytest.fixture
    def forgotten(self, ory: FakeOry, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
        add_identities(ory, *(make_identity(number) for number in range(1, 4)))
        sync_identities("default")
        marked: list[int] = []

        def mark(_: Memory, identity_id: UUID | str, **_options: float) -> bool:
            marked.append(UUID(str(identity_id)).int)
            return True

        with override_settings(ORY=remembering()):
            monkeypatch.setattr(Memory, "mark", mark)
            yield marked

    def test_a_change_that_a_sync_finds(self, ory: FakeOry, forgotten: list[int]) -> None:
        add_identities(
            ory, make_identity(1, state="inactive"), make_identity(2, traits={"email": "new@example.com"})
        )
        sync_identities("default")
        assert forgotten == [1, 2]

    def test_what_a_sync_does_not_find(self, ory: FakeOry, forgotten: list[int]) -> None:
        del ory.kratos.identities.identities[str(UUID(int=3))]
        sync_identities("default", dry_run=True)
        assert forgotten == []
        sync_identities("default")
        sync_identities("default")
        assert forgotten == [3]

    @pytest.mark.parametrize("state", Identity.State)
    def test_a_change_of_somebody_who_is_gone(
        self, ory: FakeOry, forgotten: list[int], state: Identity.State
    ) -> None:
        ory.kratos.identities.identities.clear()
        with pytest.raises(OryNotFound):
            set_identity_state("default", UUID(int=1), state)
        assert forgotten == [1]

    def test_a_cache_that_does_not_take_it_is_told(
        self, ory: FakeOry, forgotten: list[int], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(Memory, "mark", lambda *_, **_options: False)
        changes = [
            set_identity_state("default", UUID(int=1), Identity.State.INACTIVE),
            delete_identity("default", UUID(int=1)),
        ]
        assert ["SESSION_CACHE_SECONDS" in str(change.problems) for change in changes] == [True, True]

    def test_a_refresh(self, ory: FakeOry, forgotten: list[int]) -> None:
        del ory.kratos.identities.identities[str(UUID(int=2))]
        refresh_identity("default", UUID(int=1))
        refresh_identity("default", UUID(int=2))
        assert forgotten == [1, 2]


def remembering() -> Any:
    return {"default": {**settings.ORY["default"], "SESSION_CACHE_SECONDS": 60}}


class ByNumber(OryAdapter):
    def get_identity_label(self, identity: Any) -> str:
        return f"No. {identity.traits['number']}"


class TestRefresh:
    def test_the_row_is_rewritten(self, ory: FakeOry, synced: list[tuple[str, bool]]) -> None:
        add_identities(ory, make_identity(1))
        row = refresh_identity("default", str(UUID(int=1)))
        assert row.label == "person1@example.com"
        add_identities(ory, make_identity(1, traits={"email": "new@example.com"}))
        assert refresh_identity("default", UUID(int=1)).label == "new@example.com"
        assert synced == [("person1@example.com", True), ("new@example.com", False)]

    def test_a_row_without_an_identity_is_marked(self, ory: FakeOry) -> None:
        Identity.objects.create(identity_id=UUID(int=1))
        first = refresh_identity("default", UUID(int=1)).missing_since
        assert first is not None
        assert refresh_identity("default", UUID(int=1)).missing_since == first

    def test_an_earlier_answer_does_not_overwrite_a_later_one(
        self, ory: FakeOry, synced: list[tuple[str, bool]]
    ) -> None:
        add_identities(ory, make_identity(1))
        call_during(
            ory,
            "GET /admin/identities/{id}",
            lambda: set_identity_state("default", UUID(int=1), Identity.State.INACTIVE),
        )
        assert refresh_identity("default", UUID(int=1)).state == "inactive"
        assert Identity.objects.get().state == "inactive"
        assert len(synced) == 1

    def test_neither_row_nor_identity(self, ory: FakeOry) -> None:
        with pytest.raises(OryNotFound):
            refresh_identity("default", uuid4())


class TestState:
    def test_deactivating_ends_everything(self, ory: FakeOry) -> None:
        add_identities(ory, make_identity(1))
        change = set_identity_state("default", UUID(int=1), Identity.State.INACTIVE)
        assert change.problems == ()
        assert change.row is not None
        assert change.row.state == "inactive"
        key = UUID(int=1)
        assert list_calls(ory) == [
            f"PATCH /admin/identities/{key}",
            f"DELETE /admin/identities/{key}/sessions",
            f"DELETE /admin/oauth2/auth/sessions/login?subject={key}",
            f"DELETE /admin/oauth2/auth/sessions/consent?subject={key}&all=true",
        ]

    def test_somebody_activates_while_the_sessions_are_being_ended(self, ory: FakeOry) -> None:
        add_identities(ory, make_identity(1))
        call_during(
            ory,
            "DELETE /admin/identities/{id}/sessions",
            lambda: set_identity_state("default", UUID(int=1), Identity.State.ACTIVE),
        )
        set_identity_state("default", UUID(int=1), Identity.State.INACTIVE)
        assert (
            Identity.objects.get().state
            == ory.kratos.identities.identities[str(UUID(int=1))]["state"]
            == "active"
        )

    def test_activating_ends_nothing(self, ory: FakeOry) -> None:
        add_identities(ory, make_identity(1, state="inactive"))
        change = set_identity_state("default", str(UUID(int=1)), Identity.State.ACTIVE)
        assert change.row is not None
        assert change.row.state == "active"
        assert len(list_calls(ory, "/admin/identities")) == 1

    def test_a_refusal_changes_nothing(self, ory: FakeOry) -> None:
        add_identities(ory, make_identity(1))
        sync_identities("default")
        fail(ory, "PATCH /admin/identities/{id}", 500, "no")
        with pytest.raises(OryServerError):
            set_identity_state("default", UUID(int=1), Identity.State.INACTIVE)
        assert Identity.objects.get().state == "active"
        assert not any(call.startswith("DELETE") for call in list_calls(ory, "/admin/identities"))

    def test_an_identity_that_is_gone_is_marked(self, ory: FakeOry) -> None:
        Identity.objects.create(identity_id=UUID(int=1))
        with pytest.raises(OryNotFound):
            set_identity_state("default", UUID(int=1), Identity.State.ACTIVE)
        assert Identity.objects.get().missing_since is not None

    def test_what_else_failed_is_told(self, ory: FakeOry) -> None:
        fail_hydra_sessions(ory, 500)
        add_identities(ory, make_identity(1))
        ory.respond("DELETE /admin/identities/{id}/sessions", fault="down")
        change = set_identity_state("default", UUID(int=1), Identity.State.INACTIVE)
        assert change.row is not None
        assert change.row.state == "inactive"
        assert [problem.split(" were")[0] for problem in change.problems] == [
            "Kratos' sessions",
            "Hydra's login sessions",
            "Hydra's consents",
        ]
        assert "Hydra is busy" in change.problems[1]

    def test_nothing_to_end_is_no_problem(self, ory: FakeOry) -> None:
        fail_hydra_sessions(ory, 404)
        add_identities(ory, make_identity(1))
        assert set_identity_state("default", UUID(int=1), Identity.State.INACTIVE).problems == ()

    def test_without_hydra(self, ory: FakeOry, settings: Any) -> None:
        settings.ORY = {"default": {"KRATOS_ADMIN_URL": "http://kratos.test:4434"}}
        add_identities(ory, make_identity(1))
        assert set_identity_state("default", UUID(int=1), Identity.State.INACTIVE).problems == ()


class TestDelete:
    def test_ory_first_then_the_row(self, ory: FakeOry) -> None:
        add_identities(ory, make_identity(1))
        sync_identities("default")
        assert delete_identity("default", UUID(int=1)).problems == ()
        assert not ory.kratos.identities.identities
        assert not Identity.objects.exists()

    def test_already_gone(self, ory: FakeOry) -> None:
        Identity.objects.create(identity_id=UUID(int=1))
        delete_identity("default", UUID(int=1))
        assert not Identity.objects.exists()

    def test_ory_is_down(self, ory: FakeOry) -> None:
        add_identities(ory, make_identity(1))
        sync_identities("default")
        ory.respond("DELETE /admin/identities/{id}", fault="down")
        with pytest.raises(OryConnectionError):
            delete_identity("default", UUID(int=1))
        assert Identity.objects.exists()


def test_times_without_time_zones(ory: FakeOry, settings: Any) -> None:
    settings.USE_TZ = False
    add_identities(ory, make_identity(1))
    sync_identities("default")
    row = refresh_identity("default", UUID(int=1))
    assert row.created_at is not None
    assert row.created_at.tzinfo is None
    assert json.dumps(row.data)
