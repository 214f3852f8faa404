"""Identities: syncs with pages, and changes that are sent to Kratos first."""

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
from django_ory.authentication.session_cache import SessionCache
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
    received: list[tuple[str, bool]] = []

    def record(*, identity: Identity, created: bool, **_: Any) -> None:
        received.append((identity.label, created))

    identity_synced.connect(record)
    yield received
    identity_synced.disconnect(record)


def counts(report: Any) -> tuple[int, int, int, int, int]:
    return report.seen, report.created, report.updated, report.unchanged, report.missing


class TestSync:
    def test_identities_of_several_pages_are_created(self, ory: FakeOry) -> None:
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

    def test_credentials_are_not_stored(self, ory: FakeOry) -> None:
        add_identities(ory, make_identity(1))
        sync_identities("default")
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM django_ory_identity")
            assert SECRET not in str(cursor.fetchall())

    def test_second_sync_only_updates_changed_rows(
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

    def test_number_of_queries_does_not_depend_on_the_page_size(self, ory: FakeOry) -> None:
        def queries(number: int) -> int:
            add_identities(ory, *(make_identity(n) for n in range(1, number + 1)))
            with CaptureQueriesContext(
                connection,
            ) as captured:
                sync_identities("default")
            return len(captured)

        queries(1)
        assert queries(3) == queries(40)

    def test_deleted_identity_is_marked_until_it_returns(self, ory: FakeOry) -> None:
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

    def test_failed_sync_keeps_read_rows_and_marks_none(self, ory: FakeOry) -> None:
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

    def test_sync_over_the_time_limit_marks_none(self, ory: FakeOry) -> None:
        add_identities(ory, *(make_identity(number) for number in range(1, 5)))
        sync_identities("default")
        ory.kratos.identities.identities.pop(str(UUID(int=4)))
        report = sync_identities("default", page_size=2, stop_after=0)
        assert counts(report) == (2, 0, 0, 2, 0)
        assert not report.complete

    def test_dry_run_counts_and_writes_nothing(self, ory: FakeOry, synced: list[tuple[str, bool]]) -> None:
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

    def test_link_and_recent_sessions_are_not_changed(self, ory: FakeOry) -> None:
        user = get_user_model().objects.create()
        add_identities(ory, make_identity(1))
        row = Identity.objects.create(identity_id=UUID(int=1), user=user, recent_sessions=["s"])
        sync_identities("default")
        row.refresh_from_db()
        assert (row.user, row.recent_sessions, row.label) == (user, ["s"], "person1@example.com")

    @pytest.mark.usefixtures("pages_in_place")
    def test_row_created_during_the_sync_is_not_marked(self, ory: FakeOry) -> None:
        add_identities(ory, make_identity(5), make_identity(6))
        call_during(
            ory,
            "GET /admin/identities",
            lambda: Identity.objects.create(identity_id=UUID(int=1), label="new"),
            before=True,
        )
        assert sync_identities("default").missing == 0

    @pytest.mark.usefixtures("pages_in_place")
    def test_row_from_a_later_response_is_not_overwritten(self, ory: FakeOry) -> None:
        add_identities(ory, make_identity(1))
        sync_identities("default")
        page = make_identity(1)

        def deactivated_while_the_page_is_under_way() -> None:
            set_identity_state("default", UUID(int=1), Identity.State.INACTIVE)
            ory.kratos.identities.identities[page["id"]] = page  # as it was read before

        call_during(ory, "GET /admin/identities", deactivated_while_the_page_is_under_way, before=True)
        assert counts(sync_identities("default")) == (1, 0, 0, 1, 0)
        assert Identity.objects.get().state == "inactive"

    @pytest.mark.usefixtures("pages_in_place")
    def test_identity_deleted_during_the_sync_is_not_recreated(
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

    @pytest.mark.usefixtures("pages_in_place")
    def test_only_the_page_of_the_deletion_is_confirmed(self, ory: FakeOry) -> None:
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

    @pytest.mark.usefixtures("pages_in_place")
    def test_time_limit_stops_confirmation(self, ory: FakeOry) -> None:
        add_identities(ory, make_identity(1))
        sync_identities("default")
        add_identities(ory, make_identity(2))
        call_during(ory, "GET /admin/identities", lambda: delete_identity("default", UUID(int=1)))
        report = sync_identities("default", stop_after=0)
        assert counts(report) == (2, 0, 0, 0, 0)
        assert not report.complete
        assert not Identity.objects.exists()

    def test_rows_of_other_projects_are_not_changed(self, ory: FakeOry) -> None:
        Identity.objects.create(alias="other", identity_id=UUID(int=1))
        add_identities(ory, make_identity(1))
        assert counts(sync_identities("default")) == (1, 1, 0, 0, 0)
        assert Identity.objects.get(alias="other").missing_since is None

    def test_unusual_identities_are_created(self, ory: FakeOry) -> None:
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

    def test_adapter_decides_the_label(self, ory: FakeOry, settings: Any) -> None:
        settings.ORY = {"default": {**settings.ORY["default"], "ADAPTER": f"{__name__}.ByNumber"}}
        add_identities(ory, make_identity(1, traits={"number": 7}))
        sync_identities("default")
        assert Identity.objects.get().label == "No. 7"


class TestInvalidation:
    """Only the cached sessions of a changed identity are dropped."""

    @pytest.fixture
    def invalidated(self, ory: FakeOry, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
        add_identities(ory, *(make_identity(number) for number in range(1, 4)))
        sync_identities("default")
        marked: list[int] = []

        def mark(_: SessionCache, identity_id: UUID | str, **_options: float) -> bool:
            marked.append(UUID(str(identity_id)).int)
            return True

        with override_settings(ORY=cached_settings()):
            monkeypatch.setattr(SessionCache, "invalidate_identity", mark)
            yield marked

    def test_change_found_by_a_sync_invalidates_the_identity(
        self, ory: FakeOry, invalidated: list[int]
    ) -> None:
        add_identities(
            ory, make_identity(1, state="inactive"), make_identity(2, traits={"email": "new@example.com"})
        )
        sync_identities("default")
        assert invalidated == [1, 2]

    def test_missing_identity_is_invalidated_once(self, ory: FakeOry, invalidated: list[int]) -> None:
        del ory.kratos.identities.identities[str(UUID(int=3))]
        sync_identities("default", dry_run=True)
        assert invalidated == []
        sync_identities("default")
        sync_identities("default")
        assert invalidated == [3]

    @pytest.mark.parametrize("state", Identity.State)
    def test_change_of_a_deleted_identity_invalidates_it(
        self, ory: FakeOry, invalidated: list[int], state: Identity.State
    ) -> None:
        ory.kratos.identities.identities.clear()
        with pytest.raises(OryNotFound):
            set_identity_state("default", UUID(int=1), state)
        assert invalidated == [1]

    def test_failed_cache_is_reported(
        self, ory: FakeOry, invalidated: list[int], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(SessionCache, "invalidate_identity", lambda *_, **_options: False)
        changes = [
            set_identity_state("default", UUID(int=1), Identity.State.INACTIVE),
            delete_identity("default", UUID(int=1)),
        ]
        assert ["SESSION_CACHE_SECONDS" in str(change.problems) for change in changes] == [True, True]

    def test_refresh_invalidates_the_identity(self, ory: FakeOry, invalidated: list[int]) -> None:
        del ory.kratos.identities.identities[str(UUID(int=2))]
        refresh_identity("default", UUID(int=1))
        refresh_identity("default", UUID(int=2))
        assert invalidated == [1, 2]


def cached_settings() -> Any:
    return {"default": {**settings.ORY["default"], "SESSION_CACHE_SECONDS": 60}}


class ByNumber(OryAdapter):
    def get_identity_label(self, identity: Any) -> str:
        return f"No. {identity.traits['number']}"


class TestRefresh:
    def test_existing_identity_rewrites_the_row(self, ory: FakeOry, synced: list[tuple[str, bool]]) -> None:
        add_identities(ory, make_identity(1))
        row = refresh_identity("default", str(UUID(int=1)))
        assert row.label == "person1@example.com"
        add_identities(ory, make_identity(1, traits={"email": "new@example.com"}))
        assert refresh_identity("default", UUID(int=1)).label == "new@example.com"
        assert synced == [("person1@example.com", True), ("new@example.com", False)]

    def test_deleted_identity_marks_the_row(self, ory: FakeOry) -> None:
        Identity.objects.create(identity_id=UUID(int=1))
        first = refresh_identity("default", UUID(int=1)).missing_since
        assert first is not None
        assert refresh_identity("default", UUID(int=1)).missing_since == first

    def test_earlier_response_does_not_overwrite_a_later_one(
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

    def test_unknown_id_raises_not_found(self, ory: FakeOry) -> None:
        with pytest.raises(OryNotFound):
            refresh_identity("default", uuid4())


class TestState:
    def test_deactivation_ends_all_sessions(self, ory: FakeOry) -> None:
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

    def test_activation_during_the_deactivation_wins(self, ory: FakeOry) -> None:
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

    def test_activation_ends_no_session(self, ory: FakeOry) -> None:
        add_identities(ory, make_identity(1, state="inactive"))
        change = set_identity_state("default", str(UUID(int=1)), Identity.State.ACTIVE)
        assert change.row is not None
        assert change.row.state == "active"
        assert len(list_calls(ory, "/admin/identities")) == 1

    def test_rejected_change_changes_nothing(self, ory: FakeOry) -> None:
        add_identities(ory, make_identity(1))
        sync_identities("default")
        fail(ory, "PATCH /admin/identities/{id}", 500, "no")
        with pytest.raises(OryServerError):
            set_identity_state("default", UUID(int=1), Identity.State.INACTIVE)
        assert Identity.objects.get().state == "active"
        assert not any(call.startswith("DELETE") for call in list_calls(ory, "/admin/identities"))

    def test_deleted_identity_is_marked_missing(self, ory: FakeOry) -> None:
        Identity.objects.create(identity_id=UUID(int=1))
        with pytest.raises(OryNotFound):
            set_identity_state("default", UUID(int=1), Identity.State.ACTIVE)
        assert Identity.objects.get().missing_since is not None

    def test_failed_steps_are_reported(self, ory: FakeOry) -> None:
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

    def test_missing_sessions_are_no_problem(self, ory: FakeOry) -> None:
        fail_hydra_sessions(ory, 404)
        add_identities(ory, make_identity(1))
        assert set_identity_state("default", UUID(int=1), Identity.State.INACTIVE).problems == ()

    def test_project_without_hydra_has_no_problem(self, ory: FakeOry, settings: Any) -> None:
        settings.ORY = {"default": {"KRATOS_ADMIN_URL": "http://kratos.test:4434"}}
        add_identities(ory, make_identity(1))
        assert set_identity_state("default", UUID(int=1), Identity.State.INACTIVE).problems == ()


class TestDelete:
    def test_identity_and_row_are_deleted(self, ory: FakeOry) -> None:
        add_identities(ory, make_identity(1))
        sync_identities("default")
        assert delete_identity("default", UUID(int=1)).problems == ()
        assert not ory.kratos.identities.identities
        assert not Identity.objects.exists()

    def test_deleted_identity_only_deletes_the_row(self, ory: FakeOry) -> None:
        Identity.objects.create(identity_id=UUID(int=1))
        delete_identity("default", UUID(int=1))
        assert not Identity.objects.exists()

    def test_failed_deletion_keeps_the_row(self, ory: FakeOry) -> None:
        add_identities(ory, make_identity(1))
        sync_identities("default")
        ory.respond("DELETE /admin/identities/{id}", fault="down")
        with pytest.raises(OryConnectionError):
            delete_identity("default", UUID(int=1))
        assert Identity.objects.exists()


def test_times_are_naive_without_use_tz(ory: FakeOry, settings: Any) -> None:
    settings.USE_TZ = False
    add_identities(ory, make_identity(1))
    sync_identities("default")
    row = refresh_identity("default", UUID(int=1))
    assert row.created_at is not None
    assert row.created_at.tzinfo is None
    assert json.dumps(row.data)
