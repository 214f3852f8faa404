"""Unusual values of one user or client never stop a sync, and never create an unreadable row."""

from __future__ import annotations

import json
from io import StringIO
from itertools import product
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from django.core.management import call_command
from django.test import override_settings
from django.urls import reverse

from django_ory.client import OryDecodeError, RouteNotFound
from django_ory.mirror.clients import delete_client, refresh_client, sync_clients, update_client
from django_ory.mirror.identities import (
    delete_identity,
    refresh_identity,
    set_identity_state,
    sync_identities,
)
from django_ory.models import Identity, OAuth2Client
from django_ory.signals import identity_synced
from tests.admin.conftest import admin, staff
from tests.support.resources import add_clients, add_identities, list_calls, make_client, make_identity

if TYPE_CHECKING:
    from django.test import Client

    from django_ory.testing import FakeOry

__all__ = ["admin", "staff"]

pytestmark = pytest.mark.django_db

JSON = {"Content-Type": "application/json"}
UNUSUAL_ID = str(UUID(int=2))
# Members of the traits, as text: json.dumps cannot write all of them.
REPAIRED = {
    "half a surrogate pair": r'"A\ud800"',
    "half a pair in a name": r'{"a\ud800": 1}',
    "NUL": r'"A\u0000"',
    "NUL in a name": r'{"a\u0000": 1}',
    "infinity": "1e999",
    "minus infinity": "-1e999",
    "5000 digits and an exponent": "1e5000",
    "400 digits": "1" * 400,
    "5000 digits": "1" * 5000,
    "150 levels": "[" * 150 + "]" * 150,
    "250 levels": "[" * 250 + "]" * 250,
    "a tiny number": "1e-999999",
    "19 digits": "12345678901234567890",
}
UNREADABLE = {
    "120,000 levels": "[" * 120_000 + "]" * 120_000,
    "large, and half a surrogate pair": r'"\ud800' + "x" * 300_000 + '"',
}
EVERY = {**REPAIRED, **UNREADABLE}


def with_trait(thing: dict[str, Any], text: str) -> str:
    """Return the resource as JSON text, with ``"MEMBER"`` replaced by any text."""
    return json.dumps(thing).replace('"MEMBER"', text)


def make_person_text(text: str, **values: Any) -> str:
    return with_trait(
        make_identity(2, traits={"email": "person2@example.com", "odd": "MEMBER"}, **values), text
    )


def respond_with_identities(ory: FakeOry, *odd: str) -> None:
    items = [json.dumps(make_identity(1)), *odd, json.dumps(make_identity(3))]
    ory.respond("GET /admin/identities", body=f"[{','.join(items)}]", headers=JSON)


@pytest.mark.parametrize("text", EVERY.values(), ids=list(EVERY))
def test_sync_creates_all_rows(text: str, ory: FakeOry, admin: Client) -> None:
    respond_with_identities(ory, make_person_text(text))
    report = sync_identities("default")
    assert (report.seen, report.created) == (3, 3)
    assert set(Identity.objects.values_list("label", flat=True)) >= {
        "person1@example.com",
        "person3@example.com",
    }
    row = Identity.objects.get(identity_id=UNUSUAL_ID)
    assert row.state == "active"
    assert json.loads(json.dumps(row.data, allow_nan=False)) == row.data
    assert "\\u0000" not in json.dumps(row.data)
    json.dumps(row.data, ensure_ascii=False).encode()
    assert sync_identities("default").unchanged == 3
    for url in (
        reverse("admin:django_ory_identity_changelist"),
        reverse("admin:django_ory_identity_changelist") + "?q=person1",
        reverse("admin:django_ory_identity_change", args=[row.pk]),
        reverse("admin:django_ory_identity_delete", args=[row.pk]),
    ):
        assert admin.get(url).status_code == 200


@pytest.mark.parametrize("text", REPAIRED.values(), ids=list(REPAIRED))
def test_refresh_makes_the_same_row_as_a_sync(text: str, ory: FakeOry) -> None:
    respond_with_identities(ory, make_person_text(text))
    sync_identities("default")
    data = Identity.objects.get(identity_id=UNUSUAL_ID).data
    ory.respond(f"GET /admin/identities/{UNUSUAL_ID}", body=make_person_text(text), headers=JSON)
    assert refresh_identity("default", UNUSUAL_ID).data == data
    assert data["traits"]["email"] == "person2@example.com"


@pytest.mark.parametrize("text", UNREADABLE.values(), ids=list(UNREADABLE))
def test_unreadable_identity_has_a_row_without_traits(text: str, ory: FakeOry) -> None:
    respond_with_identities(ory, make_person_text(text, state="inactive"))
    report = sync_identities("default")
    assert report.unreadable == [UNUSUAL_ID]
    row = Identity.objects.get(identity_id=UNUSUAL_ID)
    assert (row.traits, row.label, row.state, row.schema_id) == ({}, "", "inactive", "person")
    assert row.missing_since is None


@pytest.mark.parametrize("text", UNREADABLE.values(), ids=list(UNREADABLE))
def test_unreadable_identity_can_be_deleted_in_the_admin(text: str, ory: FakeOry, admin: Client) -> None:
    add_identities(ory, make_identity(2))
    respond_with_identities(ory, make_person_text(text))
    sync_identities("default")
    row = Identity.objects.get(identity_id=UNUSUAL_ID)
    admin.post(reverse("admin:django_ory_identity_delete", args=[row.pk]), {"post": "yes"})
    assert f"DELETE /admin/identities/{UNUSUAL_ID}" in list_calls(ory, "/admin/identities")
    assert not Identity.objects.filter(identity_id=UNUSUAL_ID).exists()


def test_unreadable_identity_is_reported_by_command_and_admin(ory: FakeOry, admin: Client) -> None:
    respond_with_identities(ory, make_person_text(UNREADABLE["120,000 levels"]))
    out, err = StringIO(), StringIO()
    call_command("ory_sync_identities", stdout=out, stderr=err, no_color=True)
    assert out.getvalue().startswith("default: 3 seen, 3 created")
    assert err.getvalue().startswith(f"default: 1 could not be read: {UNUSUAL_ID}. ")
    page = admin.post(reverse("admin:django_ory_identity_sync"), follow=True)
    assert any(f"1 could not be read: {UNUSUAL_ID}." in str(message) for message in page.context["messages"])


def test_identity_without_a_valid_id_is_counted(ory: FakeOry) -> None:
    respond_with_identities(
        ory, json.dumps(make_identity(2, id="no uuid")), json.dumps(make_identity(2, id={"a": 1}))
    )
    report = sync_identities("default")
    assert (report.seen, report.created, report.unreadable) == (4, 2, ["", ""])


def test_row_of_an_unreadable_id_is_not_marked_missing(ory: FakeOry) -> None:
    add_identities(ory, make_identity(1), make_identity(2), make_identity(3), make_identity(4))
    sync_identities("default")
    del ory.kratos.identities.identities[str(UUID(int=4))]
    respond_with_identities(ory, json.dumps(make_identity(2, id={"a": 1})))
    assert sync_identities("default").missing == 1
    assert Identity.objects.get(identity_id=UNUSUAL_ID).missing_since is None


def test_unreadable_identity_can_be_deactivated(ory: FakeOry) -> None:
    add_identities(ory, make_identity(1), make_identity(2))
    sync_identities("default")
    text = make_person_text(UNREADABLE["120,000 levels"], state="inactive")
    ory.respond(f"PATCH /admin/identities/{UNUSUAL_ID}", body=text, headers=JSON)
    change = set_identity_state("default", UNUSUAL_ID, Identity.State.INACTIVE)
    assert len(change.problems) == 1
    assert "could not be read" in change.problems[0]
    assert f"DELETE /admin/identities/{UNUSUAL_ID}/sessions" in list_calls(ory, "/admin/identities")
    assert len(list_calls(ory, "/oauth2/auth/sessions/")) == 2


def test_undecodable_response_raises(ory: FakeOry) -> None:
    add_identities(ory, make_identity(2))
    ory.respond("PATCH /admin/identities/{id}", body="no gzip", headers={**JSON, "Content-Encoding": "gzip"})
    with pytest.raises(OryDecodeError):
        set_identity_state("default", UNUSUAL_ID, Identity.State.INACTIVE)


@pytest.mark.parametrize("text", EVERY.values(), ids=list(EVERY))
def test_clients_with_unusual_metadata_are_created(text: str, ory: FakeOry) -> None:
    odd = with_trait(make_client("b", metadata={"odd": "MEMBER"}, client_name="B\x00\ud800"), text)
    items = [json.dumps(make_client("a")), odd, json.dumps(make_client("c"))]
    ory.respond("GET /admin/clients", body=f"[{','.join(items)}]", headers={**JSON, "X-Total-Count": "3"})
    assert sync_clients("default").created == 3
    row = OAuth2Client.objects.get(client_id="b")
    json.dumps(row.data, allow_nan=False, ensure_ascii=False).encode()
    assert "\x00" not in row.name
    row.name.encode()


TIMES = [
    "0001-01-01T00:00:00Z",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59Z",
    "9999-12-31T23:59:59-14:00",
]


@pytest.mark.parametrize("zone", ["America/New_York", "Pacific/Kiritimati", "UTC"])
@pytest.mark.parametrize("use_tz", [True, False])
def test_time_at_an_end_of_the_calendar_is_unknown(
    zone: str, use_tz: bool, ory: FakeOry, admin: Client
) -> None:
    with override_settings(TIME_ZONE=zone, USE_TZ=use_tz):
        for number, time in enumerate(TIMES, start=1):
            add_identities(
                ory, make_identity(number, created_at=time, updated_at=time, state_changed_at=time)
            )
            add_clients(ory, make_client(f"client{number}", created_at=time, updated_at=time))
        sync_identities("default")
        sync_clients("default")
        rows: list[Identity | OAuth2Client] = [*Identity.objects.all(), *OAuth2Client.objects.all()]
        assert [(row.created_at, row.updated_at) for row in rows] == [(None, None)] * 2 * len(TIMES)
        for model in ("identity", "oauth2client"):
            assert admin.get(reverse(f"admin:django_ory_{model}_changelist")).status_code == 200
        for row in rows:
            url = reverse(f"admin:django_ory_{row._meta.model_name}_change", args=[row.pk])
            assert admin.get(url).status_code == 200


SLASH = "https://app.example.org"
# The 404 of Hydra 2.3 for JSON, of Kratos, and of most proxies.
ROUTERS: dict[str, tuple[int, dict[str, str], str]] = {
    "Ory's router": (
        404,
        JSON,
        '{"error": {"code": 404, "message": "Not Found", "reason": "The requested route does not exist."}}',
    ),
    "text": (404, {"Content-Type": "text/plain"}, "404 page not found"),
    "another server": (404, JSON, '{"detail": "Not Found"}'),
}


@pytest.mark.parametrize("answer", ROUTERS.values(), ids=list(ROUTERS))
class TestRouterWithoutTheId:
    """Hydra 2.3 lists a client with a slash in its id, and returns 404 for its URL."""

    @pytest.fixture(autouse=True)
    def routed(self, ory: FakeOry, answer: Any) -> None:
        add_clients(ory, make_client(SLASH))
        add_identities(ory, make_identity(1))
        sync_clients("default")
        sync_identities("default")
        status, headers, body = answer
        for method, name in product(("GET", "PATCH", "DELETE"), ("clients", "identities")):
            ory.respond(f"{method} /admin/{name}/{{id}}", status=status, body=body, headers=headers)

    def test_all_services_raise_and_change_nothing(self) -> None:
        make_person_text = UUID(int=1)
        for change in (
            lambda: refresh_client("default", SLASH),
            lambda: update_client("default", SLASH, {"client_name": "New"}),
            lambda: delete_client("default", SLASH),
            lambda: refresh_identity("default", make_person_text),
            lambda: set_identity_state("default", make_person_text, Identity.State.INACTIVE),
            lambda: delete_identity("default", make_person_text),
        ):
            with pytest.raises(RouteNotFound):
                change()
        assert OAuth2Client.objects.get().missing_since is None
        assert Identity.objects.get().missing_since is None

    def test_admin_shows_that_ory_cannot_address_the_id(self, admin: Client) -> None:
        row = OAuth2Client.objects.get()
        for page in (
            admin.get(reverse("admin:django_ory_oauth2client_change", args=[row.pk])),
            admin.post(
                reverse("admin:django_ory_oauth2client_delete", args=[row.pk]), {"post": "yes"}, follow=True
            ),
        ):
            assert "cannot address this id" in " ".join(map(str, page.context["messages"]))
        row.refresh_from_db()
        assert row.missing_since is None

    def test_sync_marks_the_client_when_the_list_lacks_it(self, ory: FakeOry) -> None:
        ory.hydra.clients.clients.clear()
        assert sync_clients("default").missing == 1


def test_row_of_a_later_response_is_skipped(ory: FakeOry) -> None:
    """The first row was written after the page was requested. The other rows are written."""
    add_identities(ory, make_identity(1), make_identity(2), make_identity(3))
    sync_identities("default")
    add_identities(
        ory,
        make_identity(1, state="inactive"),
        make_identity(2, state="inactive"),
        make_identity(3, state="inactive"),
    )
    add_identities(ory, make_identity(4))
    Identity.objects.filter(identity_id=UUID(int=1)).update(synced_at="2100-01-01T00:00:00Z")
    report = sync_identities("default")
    assert (report.created, report.updated, report.unchanged) == (1, 2, 1)
    states = dict(Identity.objects.values_list("identity_id", "state"))
    assert [states[UUID(int=number)] for number in (1, 2, 3, 4)] == [
        "active",
        "inactive",
        "inactive",
        "active",
    ]


def test_rows_of_another_project_are_not_changed(ory: FakeOry) -> None:
    """An id exists in two projects. Sync and refresh only change one of them."""
    add_identities(ory, make_identity(1))
    for alias in ("default", "acme"):
        Identity.objects.create(alias=alias, identity_id=UUID(int=1), label="old")
        Identity.objects.create(alias=alias, identity_id=UUID(int=9), label="old")
    sync_identities("default")
    refresh_identity("default", UUID(int=1))
    assert refresh_identity("default", UUID(int=9)).alias == "default"
    other = Identity.objects.filter(alias="acme")
    assert [(row.label, row.missing_since, row.synced_at) for row in other] == [("old", None, None)] * 2
    own = Identity.objects.filter(alias="default")
    assert {row.label: row.missing_since is None for row in own} == {
        "person1@example.com": True,
        "old": False,
    }


def test_new_row_sends_one_signal_for_its_project(ory: FakeOry) -> None:
    add_identities(ory, make_identity(1))
    Identity.objects.create(alias="acme", identity_id=UUID(int=1))
    announced: list[tuple[str, bool]] = []

    def record(*, identity: Identity, created: bool, **_: Any) -> None:
        announced.append((identity.alias, created))

    identity_synced.connect(record)
    try:
        sync_identities("default")
    finally:
        identity_synced.disconnect(record)
    assert announced == [("default", True)]
