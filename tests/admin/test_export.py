"""The export of identities: CSV without formulas, JSON, permissions and log entries."""

from __future__ import annotations

import csv
import json
from io import StringIO
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from asgiref.sync import async_to_sync
from django.contrib.admin import site
from django.contrib.admin.models import LogEntry
from django.core.management import call_command
from django.test import AsyncRequestFactory
from django.urls import reverse

from django_ory.admin import IdentityAdmin
from django_ory.admin.identities.export import respond_with_export
from django_ory.mirror import exports
from django_ory.mirror.identities import sync_identities
from django_ory.models import BulkJob, Identity
from tests.support.resources import SECRET, add_identities, make_identity

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from django_ory.testing import FakeOry

pytestmark = pytest.mark.django_db

LIST = reverse("admin:django_ory_identity_changelist")
HOSTILE = {
    "email": "=cmd|' /C calc'!A0@example.com",
    "phone": "+49 30 123",
    "tags": ["@SUM(1)", "plain", "-1"],
    "nested": {"=key": "\t=1+1", "score": -5, "ok": True, "nothing": None},
    "rows": [{"a": "=1"}],
    "wide": "\uff1d1",
}


@pytest.fixture
def identities(ory: FakeOry) -> list[Identity]:
    add_identities(ory, make_identity(1), make_identity(2, traits=HOSTILE), make_identity(3, traits={}))
    sync_identities("default")
    return list(Identity.objects.order_by("identity_id"))


def start(client: Client, rows: list[Identity], **form: str) -> Any:
    """Select rows, and confirm the export."""
    data = {"action": "export", "_selected_action": [row.pk for row in rows]}
    chosen = client.post(LIST, data)
    return client.post(f"{chosen['Location']}start/", form)


def read(response: Any) -> str:
    content: str = b"".join(response.streaming_content).decode("utf-8-sig")
    return content


def test_json_has_the_traits_and_no_credentials(admin: Client, identities: list[Identity]) -> None:
    response = start(admin, identities, format="json")
    assert response["Content-Disposition"].endswith('.json"')
    assert "no-store" in response["Cache-Control"]
    text = read(response)
    found = json.loads(text)
    assert [each["id"] for each in found] == [str(row.identity_id) for row in identities]
    assert found[0]["traits"] == {"email": "person1@example.com", "name": {"first": "Zoë"}}
    assert found[0]["verifiable_addresses"][0]["value"] == "person1@example.com"
    assert found[1]["traits"] == HOSTILE
    assert SECRET not in text
    assert "credentials" not in text


def test_csv_has_no_formulas(admin: Client, identities: list[Identity]) -> None:
    text = read(start(admin, identities, format="csv"))
    rows = list(csv.DictReader(StringIO(text)))
    assert rows[0]["traits.name.first"] == "Zoë"
    assert rows[0]["id"] == str(UUID(int=1))
    hostile = rows[1]
    assert hostile["traits.email"] == f"'{HOSTILE['email']}"
    assert hostile["traits.phone"] == "'+49 30 123"
    assert hostile["traits.tags"] == "'@SUM(1); plain; '-1"
    assert hostile["traits.nested.=key"] == "'\t=1+1"
    assert hostile["traits.wide"] == "'\uff1d1"
    assert (hostile["traits.nested.score"], hostile["traits.nested.ok"]) == ("-5", "true")
    assert hostile["traits.rows"] == '[{"a": "=1"}]'
    for line in csv.reader(StringIO(text)):
        assert not any(cell.startswith(("=", "+", "@", "\t", "\r")) for cell in line)


def test_header_and_first_text_of_a_list_are_no_formulas() -> None:
    assert exports.format_cell("=a") == "'=a"
    assert exports.format_cell(["=a"]) == "'=a"
    assert exports.format_cell("\r=a") == "'\r=a"
    assert exports.format_cell(-1.5) == "-1.5"


def test_values_beyond_the_columns_are_kept(
    admin: Client, identities: list[Identity], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "MAX_COLUMNS", 3)
    rows = list(csv.DictReader(StringIO(read(start(admin, identities, format="csv")))))
    assert len(rows[1]) == 4
    assert json.loads(rows[1]["other"])["traits.phone"] == "+49 30 123"


def test_export_is_logged_for_each_identity(
    admin: Client, identities: list[Identity], staff: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("django_ory.admin.identities.export.ROWS_PER_CHUNK", 1)
    response = start(admin, identities, format="csv")
    assert not LogEntry.objects.exists()  # nothing was sent yet
    assert len(read(response).splitlines()) >= 4
    entries = LogEntry.objects.order_by("object_repr")
    assert [entry.object_repr for entry in entries] == [str(row.identity_id) for row in identities]
    assert {(entry.user, entry.get_change_message()) for entry in entries} == {(staff, "Exported as CSV.")}
    job = BulkJob.objects.get()
    assert (job.state, set(job.rows.values_list("outcome", flat=True))) == ("done", {"done"})


def test_second_post_sends_no_file(admin: Client, identities: list[Identity]) -> None:
    data = {"action": "export", "_selected_action": [row.pk for row in identities]}
    url = f"{admin.post(LIST, data)['Location']}start/"
    assert admin.post(url, {"format": "xls"}).status_code == 400
    assert json.loads(read(admin.post(url, {"format": "json"})))
    assert admin.post(url, {"format": "json"}).status_code == 302
    assert LogEntry.objects.count() == 3


def test_select_across_exports_the_search(admin: Client, identities: list[Identity]) -> None:
    data = {"action": "export", "_selected_action": [identities[0].pk], "select_across": "1"}
    chosen = admin.post(f"{LIST}?q=person1", data)
    url = chosen["Location"].replace("?", "start/?")
    assert len(json.loads(read(admin.post(url, {"format": "json"})))) == 1


def test_row_deleted_after_the_choice_is_left_out(admin: Client, identities: list[Identity]) -> None:
    data = {"action": "export", "_selected_action": [row.pk for row in identities]}
    url = f"{admin.post(LIST, data)['Location']}start/"
    identities[0].delete()
    assert len(json.loads(read(admin.post(url, {"format": "json"})))) == 2
    assert sorted(BulkJob.objects.get().rows.values_list("outcome", flat=True)) == ["done", "done", "pending"]


@pytest.mark.parametrize("permission", ["export_identity", "view_personal_data"])
def test_export_needs_both_permissions(
    staff_with: Callable[..., Client], identities: list[Identity], permission: str
) -> None:
    client = staff_with("view_identity", permission)
    client.post(LIST, {"action": "export", "_selected_action": [identities[0].pk]})
    assert not BulkJob.objects.exists()


def test_lost_permission_prevents_the_download(
    staff_with: Callable[..., Client], identities: list[Identity]
) -> None:
    client = staff_with("view_identity", "export_identity", "view_personal_data")
    data = {"action": "export", "_selected_action": [identities[0].pk]}
    url = f"{client.post(LIST, data)['Location']}start/"
    user = BulkJob.objects.get().user
    assert user is not None
    user.user_permissions.clear()
    assert client.post(url, {"format": "json"}).status_code == 403
    assert not LogEntry.objects.exists()


def test_asgi_request_streams_too(admin: Client, identities: list[Identity], staff: Any) -> None:
    admin.post(LIST, {"action": "export", "_selected_action": [row.pk for row in identities]})
    request = AsyncRequestFactory().post("/", {"format": "json"})
    request.user = staff
    response: Any = respond_with_export(IdentityAdmin(Identity, site), request, BulkJob.objects.get())
    assert response.is_async

    async def collect() -> bytes:
        return b"".join([part async for part in response])

    assert len(json.loads(async_to_sync(collect)())) == 3


def test_export_of_nothing_is_an_empty_list() -> None:
    assert list(exports.export_json(list)) == ["[]\n"]


def test_command_writes_the_rows_that_exist(identities: list[Identity]) -> None:
    Identity.objects.filter(pk=identities[0].pk).update(missing_since="2026-01-01T00:00:00Z")
    out = StringIO()
    call_command("ory_export_identities", stdout=out)
    assert [each["id"] for each in json.loads(out.getvalue())] == [str(UUID(int=2)), str(UUID(int=3))]
    out = StringIO()
    call_command("ory_export_identities", alias="acme", format="csv", stdout=out)
    assert out.getvalue() == "\ufeff\r\n"
