"""Actions on selections: the confirmation, the results, and jobs that continue later."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from io import StringIO
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin
from uuid import UUID, uuid4

import pytest
from django.contrib.admin import AdminSite, ModelAdmin, site
from django.contrib.admin.models import DELETION, LogEntry
from django.contrib.auth.models import Permission
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from django_ory.admin import IdentityAdmin
from django_ory.admin.jobs import drafts
from django_ory.admin.jobs.drafts import prune_jobs
from django_ory.admin.jobs.running import run_job, run_jobs
from django_ory.admin.reasons import redact_reason
from django_ory.mirror.clients import sync_clients
from django_ory.mirror.identities import sync_identities
from django_ory.mirror.tasks import QUEUES, run_task
from django_ory.models import BulkJob, BulkJobRow, Identity, OAuth2Client
from tests.gallery.test_admin_pages import INLINE
from tests.support.fixtures import change_ory
from tests.support.resources import (
    add_clients,
    add_identities,
    fail,
    list_calls,
    make_client,
    make_identity,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from django_ory.testing import FakeOry
    from tests.support.fixtures import ChangeOry

__all__ = ["change_ory"]

pytestmark = pytest.mark.django_db

LIST = reverse("admin:django_ory_identity_changelist")
CLIENTS = reverse("admin:django_ory_oauth2client_changelist")


@pytest.fixture
def identities(ory: FakeOry) -> list[Identity]:
    add_identities(ory, *(make_identity(number) for number in range(1, 5)))
    sync_identities("default")
    ory.requests.clear()
    return list(Identity.objects.order_by("label"))


def choose(client: Client, action: str, rows: list[Any], *, url: str = LIST, **extra: str) -> BulkJob:
    """Select rows in the list. Returns the new job."""
    data = {"action": action, "_selected_action": [row.pk for row in rows], **extra}
    assert client.post(url, data).status_code == 302
    return BulkJob.objects.latest("pk")


def get_job_url(job: BulkJob, button: str = "") -> str:
    name = f"admin:{job.model.replace('.', '_')}_bulk"
    return reverse(f"{name}_do", args=[job.pk, button]) if button else reverse(name, args=[job.pk])


def press(client: Client, job: BulkJob, button: str) -> Any:
    response = client.post(get_job_url(job, button), follow=True)
    if BulkJob.objects.filter(pk=job.pk).exists():
        job.refresh_from_db()
    return response


def get_outcomes(job: BulkJob) -> list[str]:
    return list(job.rows.values_list("outcome", flat=True))


def get_states(ory: FakeOry) -> list[str]:
    return [each["state"] for each in ory.kratos.identities.identities.values()]


class TestConfirmation:
    def test_confirmation_names_count_and_rows_and_changes_nothing(
        self, admin: Client, identities: list[Identity], ory: FakeOry, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("django_ory.admin.jobs.pages.MAX_NAMED_ROWS", 2)
        job = choose(admin, "deactivate", identities)
        html = admin.get(get_job_url(job)).content.decode()
        for text in ("Are you sure?", "end their sessions: 4 objects.", "person1@example.com", "and 2 more"):
            assert text in html
        assert "person3@example.com" not in html
        assert (job.state, get_outcomes(job)) == ("draft", ["pending"] * 4)
        assert not list_calls(ory, "/admin/identities")
        run_jobs()
        assert get_states(ory) == ["active"] * 4

    def test_confirmed_job_has_a_result_for_each_row(
        self, admin: Client, identities: list[Identity], ory: FakeOry, staff: Any
    ) -> None:
        fail(ory, f"PATCH /admin/identities/{UUID(int=2)}", 409, "Busy")
        fail(ory, f"DELETE /admin/identities/{UUID(int=3)}/sessions", 400, "Stuck")
        job = choose(admin, "deactivate", identities)
        html = press(admin, job, "start").content.decode()
        assert (job.state, get_outcomes(job)) == ("done", ["done", "failed", "incomplete", "done"])
        assert "Busy" in html
        assert "sessions were not ended. Stuck" in html
        assert f'href="/admin/django_ory/identity/{identities[1].pk}/change/">person2@example.com' in html
        assert [row.state for row in Identity.objects.order_by("label")] == [
            *("inactive", "active", "inactive", "inactive")
        ]
        entries = LogEntry.objects.all()
        assert {entry.user for entry in entries} == {staff}
        assert {entry.object_id for entry in entries} == {str(identities[n].pk) for n in (0, 2, 3)}
        assert len(entries) == 3

    def test_links_between_the_results_keep_the_outcome_and_the_filters_of_the_list(
        self, admin: Client, identities: list[Identity], ory: FakeOry, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("django_ory.admin.jobs.pages.ROWS_PER_PAGE", 1)
        fail(ory, f"PATCH /admin/identities/{UUID(int=1)}", 409, "Busy")
        job = choose(admin, "deactivate", identities)
        press(admin, job, "start")
        url = f"{get_job_url(job)}?_changelist_filters=q%3Dperson"
        found: list[str] = []
        for label in ("done (3)", "Next page", "Next page", "Previous page"):
            link = re.search(
                rf'<a href="([^"]+)"[^>]*>{re.escape(label)}</a>', admin.get(url).content.decode(), re.I
            )
            assert link is not None, label
            url = urljoin(url, unescape(link[1]))
            page = admin.get(url)
            found += [row["name"] for row in page.context["rows"]]
            assert f'href="{LIST}?q=person"' in page.content.decode()
        assert found == [f"person{number}@example.com" for number in (2, 3, 4, 3)]

    @pytest.mark.parametrize("action", ["deactivate", "export"])
    def test_pages_have_no_inline_script_or_style(
        self, admin: Client, identities: list[Identity], action: str
    ) -> None:
        job = choose(admin, action, identities)
        assert not INLINE.findall(admin.get(get_job_url(job)).content.decode())
        BulkJob.objects.update(state="open")
        assert not INLINE.findall(admin.get(get_job_url(job)).content.decode())

    def test_second_post_starts_nothing(
        self, admin: Client, identities: list[Identity], ory: FakeOry
    ) -> None:
        job = choose(admin, "deactivate", identities[:2])
        press(admin, job, "start")
        calls = len(ory.requests)
        press(admin, job, "start")
        assert len(ory.requests) == calls
        assert (BulkJob.objects.count(), LogEntry.objects.count()) == (1, 2)

    def test_canceled_draft_is_deleted_and_keeps_the_filters(
        self, admin: Client, identities: list[Identity]
    ) -> None:
        data = {"action": "activate", "_selected_action": [identities[1].pk]}
        response = admin.post(f"{LIST}?q=person2", data, follow=True)
        assert f'href="{LIST}?q=person2"' in response.content.decode()
        job = BulkJob.objects.get()
        url = f"{get_job_url(job, 'cancel')}?_changelist_filters=q%3Dperson2"
        assert admin.post(url, follow=True).redirect_chain[-1][0] == f"{LIST}?q=person2"
        assert not BulkJob.objects.exists()

    def test_select_across_includes_the_search_and_all_pages(
        self, admin: Client, identities: list[Identity], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(IdentityAdmin, "list_per_page", 1)
        data = {"action": "activate", "_selected_action": [identities[0].pk], "select_across": "1"}
        admin.post(LIST, data)
        assert BulkJob.objects.latest("pk").rows.count() == 4
        admin.post(f"{LIST}?q=person2", data)
        assert [row.name for row in BulkJob.objects.latest("pk").rows.all()] == [str(UUID(int=2))]

    def test_rows_that_appear_after_the_choice_are_not_changed(
        self, admin: Client, identities: list[Identity], ory: FakeOry
    ) -> None:
        job = choose(admin, "deactivate", identities, select_across="1")
        add_identities(ory, make_identity(9))
        sync_identities("default")
        press(admin, job, "start")
        assert Identity.objects.get(identity_id=UUID(int=9)).state == "active"

    def test_selection_that_is_too_large_is_a_message(
        self, admin: Client, identities: list[Identity], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(drafts, "MAX_JOB_ROWS", 3)
        monkeypatch.setattr(drafts, "CHUNK_SIZE", 2)
        data = {"action": "activate", "_selected_action": [row.pk for row in identities]}
        response = admin.post(LIST, data, follow=True)
        assert "At most" in str(next(iter(response.context["messages"])))
        assert not BulkJob.objects.exists()
        assert choose(admin, "activate", identities[:3]).rows.count() == 3

    def test_get_of_a_button_changes_nothing(
        self, admin: Client, identities: list[Identity], admin_with_csrf: Client
    ) -> None:
        job = choose(admin, "activate", identities)
        for button in ("start", "continue", "cancel", "repeat"):
            assert admin.get(get_job_url(job, button)).status_code == 405
            assert admin_with_csrf.post(get_job_url(job, button)).status_code == 403
        assert admin.post(get_job_url(job, "explode")).status_code == 404
        job.refresh_from_db()
        assert job.state == "draft"


class TestSessions:
    def test_sessions_are_ended_and_the_identity_stays_active(
        self, admin: Client, identities: list[Identity], ory: FakeOry
    ) -> None:
        fail(ory, f"DELETE /admin/identities/{UUID(int=2)}/sessions", 400, "Stuck")
        job = choose(admin, "end_sessions", identities[:2])
        press(admin, job, "start")
        assert get_outcomes(job) == ["done", "failed"]
        assert list_calls(ory, "/sessions", method="DELETE")
        assert get_states(ory) == ["active"] * 4
        assert LogEntry.objects.get().get_change_message() == "Sessions ended."

    def test_sessions_need_their_permission(
        self, staff_with: Callable[..., Client], identities: list[Identity]
    ) -> None:
        client = staff_with("view_identity", "change_identity_state")
        client.post(LIST, {"action": "end_sessions", "_selected_action": [identities[0].pk]})
        assert not BulkJob.objects.exists()


class TestDeletion:
    def test_confirmed_rows_are_deleted_and_logged(
        self, admin: Client, identities: list[Identity], ory: FakeOry
    ) -> None:
        job = choose(admin, "delete_selected", identities[:2])
        assert "Delete selected identities: 2 objects." in admin.get(get_job_url(job)).content.decode()
        fail(ory, f"DELETE /admin/identities/{UUID(int=1)}", 400, "Not this one")
        html = press(admin, job, "start").content.decode()
        assert "Not this one" in html
        assert {row.identity_id.int for row in Identity.objects.all()} == {1, 3, 4}
        entry = LogEntry.objects.get()
        assert (entry.action_flag, entry.object_repr) == (DELETION, str(UUID(int=2)))

    def test_rows_that_become_protected_are_not_deleted(
        self, admin: Client, identities: list[Identity], ory: FakeOry, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        job = choose(admin, "delete_selected", identities[:1])
        found: Any = ([], {}, set(), ["Bill: 7"])
        monkeypatch.setattr(IdentityAdmin, "get_deleted_objects", lambda *_: found)
        assert "Protected objects" in press(admin, job, "start").content.decode()
        assert not list_calls(ory, "/admin/identities")

    def test_deletion_of_clients_needs_a_confirmation(self, admin: Client, ory: FakeOry) -> None:
        add_clients(ory, make_client("a"), make_client("b"))
        sync_clients("default")
        job = choose(admin, "delete_selected", list(OAuth2Client.objects.all()), url=CLIENTS)
        press(admin, job, "start")
        assert get_outcomes(job) == ["done", "done"]
        assert not ory.hydra.clients.clients

    def test_refresh_of_clients_has_results(self, admin: Client, ory: FakeOry) -> None:
        add_clients(ory, make_client("a"), make_client("b"))
        sync_clients("default")
        del ory.hydra.clients.clients["b"]
        job = choose(admin, "refresh", list(OAuth2Client.objects.all()), url=CLIENTS)
        assert "no longer exists in Ory" in press(admin, job, "start").content.decode()
        assert get_outcomes(job) == ["done", "incomplete"]
        assert not LogEntry.objects.exists()


class TestContinuation:
    def test_rest_after_the_time_limit_waits_for_the_button_or_the_command(
        self, admin: Client, identities: list[Identity], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("django_ory.admin.jobs.pages.ACTION_SECONDS", -1.0)
        job = choose(admin, "deactivate", identities)
        response = press(admin, job, "start")
        assert get_outcomes(job) == ["done", "pending", "pending", "pending"]
        assert "manage.py ory_run_jobs" in response.content.decode()
        assert "Refresh" not in response
        press(admin, job, "continue")
        assert get_outcomes(job).count("done") == 2
        out = StringIO()
        call_command("ory_run_jobs", stdout=out)
        job.refresh_from_db()
        assert (job.state, get_outcomes(job)) == ("done", ["done"] * 4)
        assert out.getvalue() == f"deactivate #{job.pk}: finished, 4 of 4.\n"
        assert LogEntry.objects.count() == 4

    def test_outage_stops_the_job_and_the_next_attempt_continues(
        self, admin: Client, identities: list[Identity], ory: FakeOry
    ) -> None:
        ory.set_fault("kratos", "down")
        job = choose(admin, "deactivate", identities)
        html = press(admin, job, "start").content.decode()
        assert len(list_calls(ory, "/admin/identities")) == 1
        assert "Ory could not be reached." in html
        assert "Next attempt:" in html
        assert (job.state, job.failures, get_outcomes(job)) == ("open", 1, ["pending"] * 4)
        assert set(job.rows.values_list("attempts", flat=True)) == {0}
        ory.set_fault("kratos", None)
        run_jobs()  # too early
        assert get_states(ory) == ["active"] * 4
        BulkJob.objects.update(retry_at=timezone.now())
        run_jobs()
        job.refresh_from_db()
        assert (job.state, job.failures, job.reason) == ("done", 0, "")
        assert get_states(ory) == ["inactive"] * 4

    def test_attempts_are_farther_apart_after_each_outage(
        self, admin: Client, identities: list[Identity], ory: FakeOry, change_ory: ChangeOry
    ) -> None:
        change_ory(BREAKER_SECONDS=0)
        ory.set_fault("kratos", "down")
        job = choose(admin, "deactivate", identities)
        BulkJob.objects.update(state="open")
        waits = [run_job(job.pk, is_forced=True) for _ in range(8)]
        assert waits == [15, 30, 60, 120, 240, 480, 600, 600]

    def test_row_that_breaks_the_server_does_not_stop_the_others(
        self, admin: Client, identities: list[Identity], ory: FakeOry
    ) -> None:
        fail(ory, f"PATCH /admin/identities/{UUID(int=1)}", 500, "Crash")
        job = choose(admin, "deactivate", identities)
        press(admin, job, "start")
        assert (job.state, get_outcomes(job)) == ("open", ["pending", "done", "done", "done"])
        for _ in range(2):
            press(admin, job, "continue")
        assert (job.state, get_outcomes(job)) == ("done", ["failed", "done", "done", "done"])
        assert job.rows.earliest("pk").reason == "Crash"

    def test_unexpected_error_of_a_row_does_not_stop_the_others(
        self, admin: Client, identities: list[Identity], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def crash(identity_id: Any, **_: Any) -> None:
            if UUID(str(identity_id)).int == 2:
                raise KeyError("person2@example.com")

        monkeypatch.setattr("django_ory.admin.identities.model_admin.end_restore_link", crash)
        job = choose(admin, "deactivate", identities)
        press(admin, job, "start")
        assert get_outcomes(job) == ["done", "failed", "done", "done"]
        assert job.rows.get(outcome="failed").reason == "Internal error: KeyError."

    def test_killed_process_is_replaced_after_the_lock(
        self, admin: Client, identities: list[Identity]
    ) -> None:
        job = choose(admin, "deactivate", identities)
        BulkJob.objects.update(
            state="open", lock=uuid4(), locked_until=timezone.now() + timedelta(seconds=30)
        )
        first = job.rows.earliest("pk")
        BulkJobRow.objects.filter(pk=first.pk).update(outcome="started", attempts=1)
        assert 28 < (run_job(job.pk) or 0) <= 30
        assert "continues in the background" in admin.get(get_job_url(job)).content.decode()
        BulkJob.objects.update(locked_until=timezone.now())
        assert run_job(job.pk) is None
        assert get_outcomes(job) == ["done"] * 4
        assert LogEntry.objects.filter(object_id=first.object_id).count() == 1

    def test_deletion_interrupted_after_the_row_is_done_and_logged(
        self, admin: Client, identities: list[Identity]
    ) -> None:
        job = choose(admin, "delete_selected", identities[:2])
        BulkJob.objects.update(state="open")
        job.rows.filter(object_id=identities[0].pk).update(outcome="started", attempts=1)
        Identity.objects.filter(pk__in=[row.pk for row in identities[:2]]).delete()
        run_job(job.pk)
        assert get_outcomes(job) == ["done", "failed"]  # the second was deleted by another process
        assert [entry.object_repr for entry in LogEntry.objects.all()] == [str(UUID(int=1))]

    def test_row_that_kills_processes_is_given_up(self, admin: Client, identities: list[Identity]) -> None:
        job = choose(admin, "deactivate", identities[:2])
        BulkJob.objects.update(state="open")
        job.rows.filter(object_id=identities[0].pk).update(outcome="started", attempts=3)
        run_job(job.pk)
        assert get_outcomes(job) == ["failed", "done"]

    def test_other_process_with_the_lock_ends_the_first_one(
        self, admin: Client, identities: list[Identity], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        job = choose(admin, "deactivate", identities)
        BulkJob.objects.update(state="open")

        def lose_lock(*_: Any, **__: Any) -> None:
            until = timezone.now() + timedelta(seconds=30)
            BulkJob.objects.update(lock=uuid4(), locked_until=until)

        monkeypatch.setattr("django_ory.admin.identities.model_admin.end_restore_link", lose_lock)
        assert (run_job(job.pk) or 0) > 0
        assert get_outcomes(job) == ["done", "pending", "pending", "pending"]
        assert BulkJob.objects.get().lock is not None

    def test_canceled_job_stops(self, admin: Client, identities: list[Identity], ory: FakeOry) -> None:
        job = choose(admin, "deactivate", identities)
        BulkJob.objects.update(state="open")
        html = press(admin, job, "cancel").content.decode()
        assert run_job(job.pk) is None
        assert job.state == "canceled"
        assert "Canceled" in html
        assert not list_calls(ory, "/admin/identities")

    def test_failed_rows_can_be_chosen_again(
        self, admin: Client, identities: list[Identity], ory: FakeOry
    ) -> None:
        fail(ory, f"PATCH /admin/identities/{UUID(int=2)}", 409, "Busy")
        job = choose(admin, "deactivate", identities)
        press(admin, job, "start")
        press(admin, job, "repeat")
        again = BulkJob.objects.latest("pk")
        assert (again.state, [row.name for row in again.rows.all()]) == ("draft", [str(UUID(int=2))])

    def test_large_selection_is_left_to_the_queue(
        self,
        admin: Client,
        identities: list[Identity],
        change_ory: ChangeOry,
        monkeypatch: pytest.MonkeyPatch,
        ory: FakeOry,
    ) -> None:
        queued: list[Any] = []

        def enqueue(*call: Any) -> bool:
            queued.append(call)
            return True

        change_ory(TASKS="django")
        monkeypatch.setitem(QUEUES, "django", enqueue)
        monkeypatch.setattr("django_ory.admin.jobs.pages.MAX_REQUEST_ROWS", 3)
        job = choose(admin, "deactivate", identities)
        response = press(admin, job, "start")
        assert queued == [("run_job", 0.0, {"job_id": job.pk})]
        assert get_outcomes(job) == ["pending"] * 4
        assert response["Refresh"] == "5"
        run_job(job.pk)
        assert "Refresh" not in admin.get(get_job_url(job))
        small = choose(admin, "activate", identities[:3])
        press(admin, small, "start")
        assert small.state == "done"


class TestPermissions:
    def test_each_action_needs_its_permission(
        self, staff_with: Callable[..., Client], identities: list[Identity], ory: FakeOry
    ) -> None:
        client = staff_with("view_identity")
        data = {"action": "deactivate", "_selected_action": [identities[0].pk]}
        client.post(LIST, data)
        assert not BulkJob.objects.exists()

    def test_other_staff_see_results_with_the_permission_and_have_no_buttons(
        self, admin: Client, staff_with: Callable[..., Client], identities: list[Identity], ory: FakeOry
    ) -> None:
        job = choose(admin, "deactivate", identities)
        other = staff_with("view_identity", "change_identity_state", "view_bulkjob")
        assert other.get(get_job_url(job)).status_code == 403  # not confirmed
        for button in ("start", "continue", "cancel", "repeat"):
            assert other.post(get_job_url(job, button)).status_code == 403
        press(admin, job, "start")
        html = other.get(get_job_url(job)).content.decode()
        assert str(UUID(int=1)) in html
        assert "person1@example.com" not in html  # without view_personal_data
        assert "<button" not in html.partition('id="content-main"')[2]
        listed = other.get(reverse("admin:django_ory_bulkjob_changelist")).content.decode()
        assert f"deactivate #{job.pk}" in listed
        page = reverse("admin:django_ory_bulkjob_change", args=[job.pk])
        assert other.get(page)["Location"] == get_job_url(job)

    def test_job_of_another_user_is_denied(
        self, admin: Client, staff_with: Callable[..., Client], identities: list[Identity]
    ) -> None:
        job = choose(admin, "deactivate", identities)
        assert staff_with("view_identity").get(get_job_url(job)).status_code == 403

    def test_job_of_another_list_is_not_found(self, admin: Client, identities: list[Identity]) -> None:
        job = choose(admin, "deactivate", identities)
        assert admin.get(reverse("admin:django_ory_oauth2client_bulk", args=[job.pk])).status_code == 404

    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            ("permission", "does not have the permission"),
            ("is_active", "not active staff"),
            ("is_staff", "not active staff"),
            ("deleted", "not active staff"),
            ("identity", "The identity of the user is not active"),
        ],
    )
    def test_lost_right_stops_the_job(
        self,
        staff_with: Callable[..., Client],
        identities: list[Identity],
        ory: FakeOry,
        change: str,
        reason: str,
    ) -> None:
        job = choose(staff_with("view_identity", "change_identity_state"), "deactivate", identities[:2])
        BulkJob.objects.update(state="open")
        user = job.user
        assert user is not None
        if change == "permission":
            user.user_permissions.set(Permission.objects.none())
        elif change == "deleted":
            user.delete()
        elif change == "identity":
            Identity.objects.filter(pk=identities[3].pk).update(user=user, state="inactive")
        else:
            setattr(user, change, False)
            user.save()
        assert run_job(job.pk) is None
        job.refresh_from_db()
        assert (job.state, get_outcomes(job)) == ("stopped", ["pending"] * 2)
        assert reason in job.reason
        assert not list_calls(ory, "/admin/identities")

    def test_own_account_is_not_deactivated(
        self, admin: Client, identities: list[Identity], staff: Any, ory: FakeOry
    ) -> None:
        Identity.objects.filter(pk=identities[0].pk).update(user=staff)
        job = choose(admin, "deactivate", identities)
        html = press(admin, job, "start").content.decode()
        assert "You cannot do this to your own account." in html
        assert get_states(ory).count("active") == 1


class TestStorage:
    def test_no_personal_data_is_stored(
        self, admin: Client, identities: list[Identity], ory: FakeOry
    ) -> None:
        quoted = 'I[#/traits/email] "new@example.org" is no email; Zoë of person1@example.com is known'
        fail(ory, f"PATCH /admin/identities/{UUID(int=1)}", 400, quoted)
        fail(ory, f"DELETE /admin/identities/{UUID(int=2)}/sessions", 400, "person2@example.com is locked")
        job = choose(admin, "deactivate", identities)
        press(admin, job, "start")
        reasons = list(job.rows.values_list("reason", flat=True))
        assert reasons[0] == 'I[#/traits/email] "…" is no email; … of … is known'
        stored = (
            f"{list(job.rows.values())} {list(BulkJob.objects.values())} {list(LogEntry.objects.values())}"
        )
        for value in ("example.com", "example.org", "Zoë"):
            assert value not in stored

    def test_reason_of_a_waiting_job_has_no_text_of_ory(
        self, admin: Client, identities: list[Identity], ory: FakeOry
    ) -> None:
        fail(ory, "PATCH /admin/identities/{id}", 503, "person3@example.com is busy")
        job = choose(admin, "deactivate", identities)
        press(admin, job, "start")
        assert (job.state, job.reason) == ("open", "Ory returned status 503.")
        stored = f"{list(job.rows.values())} {list(BulkJob.objects.values())}"
        assert "example.com" not in stored

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("call +49 30 1234567 or bob@example.org.", "call … or …"),
            ("The id 00000000-0000-0000-0000-000000000001 is +1", None),
            ("Hydra: status 503", None),
        ],
    )
    def test_addresses_of_others_are_hidden(self, text: str, expected: str | None) -> None:
        assert redact_reason(text, Identity()) == (expected or text)

    def test_old_jobs_are_pruned(self, admin: Client, identities: list[Identity]) -> None:
        now = timezone.now()
        for state, days in (("done", 31), ("done", 29), ("draft", 2), ("draft", 0), ("open", 2)):
            job = choose(admin, "activate", identities[:1])
            BulkJob.objects.filter(pk=job.pk).update(state=state, created_at=now - timedelta(days=days))
        prune_jobs()
        assert sorted(BulkJob.objects.values_list("state", flat=True)) == ["done", "draft", "open"]
        assert BulkJobRow.objects.count() == 3

    def test_results_have_pages_and_a_filter(
        self, admin: Client, identities: list[Identity], ory: FakeOry, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("django_ory.admin.jobs.pages.ROWS_PER_PAGE", 2)
        fail(ory, f"PATCH /admin/identities/{UUID(int=4)}", 409, "Busy")
        job = choose(admin, "deactivate", identities)
        press(admin, job, "start")
        html = admin.get(get_job_url(job), {"p": 2}).content.decode()
        assert "Page 2 of 2" in html
        assert "person1@" not in html
        html = admin.get(get_job_url(job), {"outcome": "failed"}).content.decode()
        assert re.findall(r"person\d", html.partition('id="result_list"')[2]) == ["person4"]
        assert admin.get(get_job_url(job), {"outcome": "x", "p": "-3"}).status_code == 200

    def test_each_row_takes_a_few_queries(
        self, admin: Client, identities: list[Identity], django_assert_max_num_queries: Any
    ) -> None:
        job = choose(admin, "refresh", identities)
        BulkJob.objects.update(state="open")
        with django_assert_max_num_queries(30 + 12 * len(identities)):
            run_job(job.pk)
        assert get_outcomes(job) == ["done"] * 4


class TestUnusual:
    def test_job_of_a_removed_action_stops(self, admin: Client, identities: list[Identity]) -> None:
        job = choose(admin, "deactivate", identities)
        BulkJob.objects.update(state="open", action="explode")
        assert run_job(job.pk) is None
        job.refresh_from_db()
        assert (job.state, job.reason) == ("stopped", "This site does not have the action any more.")
        assert "explode" in admin.get(get_job_url(job)).content.decode()

    def test_job_of_a_removed_site_stops(self, admin: Client, identities: list[Identity]) -> None:
        job = choose(admin, "deactivate", identities)
        BulkJob.objects.update(state="open", site="gone")
        assert run_job(job.pk) is None
        assert BulkJob.objects.get(pk=job.pk).state == "stopped"

    def test_own_class_of_a_project_without_bulk_actions_stops_the_job(
        self, admin: Client, identities: list[Identity], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        job = choose(admin, "deactivate", identities)
        BulkJob.objects.update(state="open")
        plain = ModelAdmin(Identity, site)
        monkeypatch.setattr(AdminSite, "get_model_admin", lambda *_: plain)
        assert run_job(job.pk) is None
        assert BulkJob.objects.get(pk=job.pk).state == "stopped"

    def test_related_rows_without_permission_prevent_the_deletion(
        self, admin: Client, identities: list[Identity], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        job = choose(admin, "delete_selected", identities[:1])
        found: Any = ([], {}, {"badge"}, [])
        monkeypatch.setattr(IdentityAdmin, "get_deleted_objects", lambda *_: found)
        assert "without your permission" in press(admin, job, "start").content.decode()
        assert Identity.objects.count() == 4

    def test_rate_limit_of_ory_sets_the_next_attempt(
        self, admin: Client, identities: list[Identity], ory: FakeOry
    ) -> None:
        headers = {"Retry-After": "90"}
        ory.respond("PATCH /admin/identities/{id}", status=429, json={"error": {}}, headers=headers)
        job = choose(admin, "deactivate", identities)
        BulkJob.objects.update(state="open")
        assert 80 < (run_job(job.pk) or 0) <= 90
        assert set(job.rows.values_list("attempts", flat=True)) == {0}

    def test_command_reports_a_job_that_waits(
        self, admin: Client, identities: list[Identity], ory: FakeOry
    ) -> None:
        ory.set_fault("kratos", "down")
        job = choose(admin, "deactivate", identities)
        BulkJob.objects.update(state="open")
        out = StringIO()
        with pytest.raises(CommandError, match="1 not finished"):
            call_command("ory_run_jobs", stdout=out)
        assert out.getvalue() == (f"deactivate #{job.pk}: waits 15 s, 0 of 4. Ory could not be reached.\n")

    def test_task_of_the_schedule_runs_each_job(self, admin: Client, identities: list[Identity]) -> None:
        jobs = [choose(admin, action, identities[:1]) for action in ("deactivate", "activate")]
        BulkJob.objects.update(state="open")
        run_task("run_jobs", {})
        assert [get_outcomes(job) for job in jobs] == [["done"], ["done"]]

    def test_missing_job_is_ignored(self) -> None:
        assert run_task("run_job", {"job_id": 4711}) is None
