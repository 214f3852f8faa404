"""Syncs on bad days: interrupted, slowed down, twice at once, and with rows that cannot be written."""

from __future__ import annotations

import threading
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from django.utils import timezone

from django_ory.adapter import OryAdapter
from django_ory.client import OryConnectionError, OryServerError
from django_ory.mirror.clients import sync_clients
from django_ory.mirror.identities import delete_identity, sync_identities
from django_ory.mirror.identity_rows import IDENTITY_MIRROR
from django_ory.mirror.pacing import Pacer
from django_ory.models import Identity, OAuth2Client, SyncProgress
from django_ory.testing import FakeResponse
from tests.support.resources import add_clients, add_identities, list_calls, make_client, make_identity

if TYPE_CHECKING:
    from django_ory.testing import FakeOry, FakeRequest

pytestmark = pytest.mark.django_db

LIST = "GET /admin/identities"


def fail_after(ory: FakeOry, pages: int, response: FakeResponse | None = None) -> None:
    """Answer a number of pages, then only errors."""
    left = [None] * pages

    def respond(request: FakeRequest) -> FakeResponse:
        if left:
            left.pop()
            return ory.answer(request)
        return response or FakeResponse(503)

    ory.respond(LIST, respond)


def interrupt(ory: FakeOry, *, pages: int) -> None:
    """Run a sync with two identities per page that fails after a number of pages. Then Kratos works again."""
    fail_after(ory, pages)
    with pytest.raises(OryServerError):
        sync_identities("default", page_size=2)
    ory.respond(LIST, ory.answer)
    ory.requests.clear()


def get_missing() -> set[int]:
    return {row.identity_id.int for row in Identity.objects.exclude(missing_since=None)}


class TestContinuation:
    def test_interrupted_sync_is_continued_after_its_last_page(self, ory: FakeOry) -> None:
        add_identities(ory, *(make_identity(number) for number in range(1, 8)))
        interrupt(ory, pages=2)
        assert Identity.objects.count() == 4
        report = sync_identities("default", page_size=500)
        assert (report.seen, report.created, report.complete) == (3, 3, True)
        assert report.continued_from is not None
        assert list_calls(ory, "/admin/identities") == [
            f"GET /admin/identities?page_size=2&page_token={UUID(int=4)}",
            f"GET /admin/identities?page_size=2&page_token={UUID(int=6)}",
        ]
        assert not SyncProgress.objects.filter(kind="identity").exists()
        assert sync_identities("default").continued_from is None

    def test_both_parts_decide_which_rows_are_missing(self, ory: FakeOry) -> None:
        add_identities(ory, *(make_identity(number) for number in range(1, 9)))
        sync_identities("default")
        for number in (1, 8):
            del ory.kratos.identities.identities[str(UUID(int=number))]
        interrupt(ory, pages=2)
        assert get_missing() == set()
        assert sync_identities("default").missing == 2
        assert get_missing() == {1, 8}

    def test_row_of_a_login_between_the_parts_is_not_missing(self, ory: FakeOry) -> None:
        add_identities(ory, *(make_identity(number) for number in range(2, 8)))
        interrupt(ory, pages=1)
        # From a session that was cached before the sync.
        Identity.objects.create(identity_id=UUID(int=1), synced_at=timezone.now() - timedelta(hours=1))
        assert sync_identities("default").missing == 0

    def test_time_limit_is_continued(self, ory: FakeOry) -> None:
        add_identities(ory, *(make_identity(number) for number in range(1, 7)))
        reports = [sync_identities("default", page_size=2, stop_after=0) for _ in range(2)]
        assert [(report.seen, report.complete) for report in reports] == [(2, False), (2, False)]
        assert sync_identities("default").complete
        assert Identity.objects.count() == 6

    def test_progress_of_yesterday_is_not_continued(self, ory: FakeOry) -> None:
        add_identities(ory, *(make_identity(number) for number in range(1, 7)))
        interrupt(ory, pages=1)
        SyncProgress.objects.filter(kind="identity").update(started_at=timezone.now() - timedelta(hours=25))
        report = sync_identities("default")
        assert (report.seen, report.continued_from) == (6, None)

    @pytest.mark.parametrize("status", [400, 404])
    def test_rejected_token_starts_again(self, ory: FakeOry, status: int) -> None:
        add_identities(ory, *(make_identity(number) for number in range(1, 7)))
        interrupt(ory, pages=1)

        ory.respond(
            LIST, lambda request: FakeResponse(status) if "token" in request.target else ory.answer(request)
        )
        report = sync_identities("default")
        assert (report.seen, report.complete, report.continued_from) == (6, True, None)

    def test_outage_keeps_the_progress(self, ory: FakeOry) -> None:
        add_identities(ory, *(make_identity(number) for number in range(1, 7)))
        interrupt(ory, pages=1)
        ory.set_fault("kratos", "down")
        with pytest.raises(OryConnectionError):
            sync_identities("default")
        assert SyncProgress.objects.get(kind="identity").page_token == str(UUID(int=2))

    def test_dry_run_neither_continues_nor_stores_progress(self, ory: FakeOry) -> None:
        add_identities(ory, *(make_identity(number) for number in range(1, 7)))
        assert sync_identities("default", page_size=2, dry_run=True).created == 6
        assert not SyncProgress.objects.filter(kind="identity").exists()
        interrupt(ory, pages=1)
        assert sync_identities("default", dry_run=True).seen == 6
        assert SyncProgress.objects.filter(kind="identity").exists()

    def test_progress_of_one_kind_and_project_is_not_that_of_another(
        self, ory: FakeOry, settings: Any
    ) -> None:
        settings.ORY = {"default": settings.ORY["default"], "acme": settings.ORY["default"]}
        add_identities(ory, *(make_identity(number) for number in range(1, 7)))
        add_clients(ory, make_client("a"))
        interrupt(ory, pages=1)
        assert sync_identities("acme").seen == 6
        assert sync_clients("default").seen == 1
        assert SyncProgress.objects.get(kind="identity").alias == "default"

    def test_clients_are_continued_with_the_same_page_size(self, ory: FakeOry) -> None:
        add_clients(ory, *(make_client(name) for name in "abcde"))
        sync_clients("default", page_size=2, stop_after=0)
        report = sync_clients("default", page_size=3)
        assert (report.seen, report.created, report.complete) == (3, 3, True)
        assert OAuth2Client.objects.count() == 5


@pytest.mark.usefixtures("pages_in_place")
class TestConcurrency:
    def test_two_syncs_at_once_write_the_same_rows(self, ory: FakeOry) -> None:
        add_identities(ory, *(make_identity(number) for number in range(1, 10)))
        sync_identities("default")
        del ory.kratos.identities.identities[str(UUID(int=1))]
        add_identities(ory, make_identity(3, state="inactive"), make_identity(10))
        others: list[Any] = []

        def run_another(*_: object) -> None:
            if len(others) < 2:
                others.append(None)
                others[-1] = sync_identities("default", page_size=3)

        report = sync_identities("default", page_size=2, on_page=run_another)
        assert report.complete
        assert all(other.complete for other in others)
        assert get_missing() == {1}
        assert Identity.objects.count() == 10
        assert Identity.objects.get(identity_id=UUID(int=3)).state == "inactive"
        assert not SyncProgress.objects.filter(kind="identity").exists()

    def test_sync_with_a_later_start_does_not_take_over_the_progress(self, ory: FakeOry) -> None:
        add_identities(ory, *(make_identity(number) for number in range(1, 7)))
        started = timezone.now() + timedelta(seconds=30)  # after the pages of the sync below
        SyncProgress.objects.create(
            alias="default", kind="identity", started_at=started, last_row=0, page_size=2, page_token="x"
        )
        sync_identities("default", page_size=2)
        assert SyncProgress.objects.get(kind="identity").page_token == "x"

    def test_identity_deleted_after_the_next_page_was_requested_is_not_created_again(
        self, ory: FakeOry
    ) -> None:
        add_identities(ory, make_identity(1))
        sync_identities("default")
        add_identities(ory, *(make_identity(number) for number in range(2, 6)))
        Identity.objects.create(identity_id=UUID(int=4))
        pages = list(IDENTITY_MIRROR.list_pages("default", page_size=2))  # all requested before the deletion

        def delete_in_between(report: Any, _: int) -> None:
            if report.seen == 2:
                delete_identity("default", UUID(int=4))

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(type(IDENTITY_MIRROR), "list_pages", lambda *_, **__: iter(pages))
            patch.setattr("django_ory.mirror.page_reader.timezone.now", partial(_return, timezone.now()))
            sync_identities("default", page_size=2, on_page=delete_in_between)
        assert sorted(row.identity_id.int for row in Identity.objects.all()) == [1, 2, 3, 5]


def _return(value: Any) -> Any:
    return value


class FailsForTwo(OryAdapter):
    def get_identity_label(self, identity: Any) -> str:
        if identity.id == str(UUID(int=2)):
            raise KeyError("secret-trait")
        return "ok"


class TestFailures:
    def test_row_that_the_database_rejects_is_reported_and_the_rest_written(
        self, ory: FakeOry, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        add_identities(ory, *(make_identity(number) for number in range(1, 4)))
        sync_identities("default")
        add_identities(
            ory,
            make_identity(2, state="broken"),
            make_identity(3, state="inactive"),
            make_identity(4, state="broken"),
            make_identity(5),
        )
        build = type(IDENTITY_MIRROR).build_columns

        def build_columns(mirror: Any, alias: str, resource: Any) -> dict[str, Any]:
            values = build(mirror, alias, resource)
            return {**values, "label": None} if resource.state == "broken" else values  # NOT NULL

        monkeypatch.setattr(type(IDENTITY_MIRROR), "build_columns", build_columns)
        report = sync_identities("default")
        assert report.failed == [str(UUID(int=4)), str(UUID(int=2))]
        assert (report.created, report.updated, report.unchanged, report.missing) == (1, 1, 1, 0)
        states = {row.identity_id.int: row.state for row in Identity.objects.all()}
        assert states == {1: "active", 2: "active", 3: "inactive", 5: "active"}
        assert "could not be written (IntegrityError)" in caplog.text
        assert "person2@example.com" not in caplog.text

    def test_row_that_the_adapter_fails_for_is_reported_and_not_missing(
        self, ory: FakeOry, settings: Any, caplog: pytest.LogCaptureFixture
    ) -> None:
        settings.ORY = {"default": {**settings.ORY["default"], "ADAPTER": f"{__name__}.FailsForTwo"}}
        Identity.objects.create(identity_id=UUID(int=2))
        add_identities(ory, make_identity(1), make_identity(2))
        report = sync_identities("default")
        assert (report.failed, report.created, report.missing) == ([str(UUID(int=2))], 1, 0)
        assert "KeyError" in caplog.text
        assert "secret-trait" not in caplog.text


class TestThread:
    def test_pages_are_read_by_a_thread_that_ends(
        self, ory: FakeOry, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        add_identities(ory, *(make_identity(number) for number in range(1, 6)))
        readers, writers = set(), set()

        def respond(request: FakeRequest) -> FakeResponse:
            readers.add(threading.get_ident())
            return ory.answer(request)

        ory.respond(LIST, respond)
        sync_identities("default", page_size=2, on_page=lambda *_: writers.add(threading.get_ident()))
        assert writers == {threading.get_ident()}
        assert readers
        assert not readers & writers
        for stop_after in (0, None):
            fail_after(ory, 2)
            with suppress(OryServerError):
                sync_identities("default", page_size=1, stop_after=stop_after)
        assert not [each for each in threading.enumerate() if each.name.startswith("django-ory-read")]


def test_rate_limit_delays_the_sync_and_is_reported(ory: FakeOry, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []

    def sleep(seconds: float) -> bool:
        slept.append(seconds)
        return False

    pacer = partial(Pacer, sleep=sleep, clock=lambda: 5.0 + sum(slept))
    monkeypatch.setattr("django_ory.mirror.sync.Pacer", pacer)
    add_identities(ory, *(make_identity(number) for number in range(1, 5)))
    rejected = [FakeResponse(429, headers=(("x-ratelimit-reset", "9"), ("x-ratelimit-remaining", "0")))]

    def respond(request: FakeRequest) -> FakeResponse:
        return rejected.pop() if rejected and "token" in request.target else ory.answer(request)

    ory.respond(LIST, respond)
    report = sync_identities("default", page_size=2)
    assert (report.created, report.complete, report.waited_seconds) == (4, True, 9.0)
    assert slept == [9.0]
