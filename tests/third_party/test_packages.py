"""django-unfold, -auditlog, -simple-history, -hijack, -axes: no crash, and no additional calls of Kratos."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from auditlog.models import LogEntry as AuditEntry
from auditlog.registry import auditlog
from axes.models import AccessLog
from django.contrib.auth import get_user_model
from django.urls import reverse

from django_ory.mirror.identities import set_identity_state, sync_identities
from django_ory.models import Identity
from tests.gallery.admin_pages import fill_ory, find_pages, sign_in_staff
from tests.settings import MIDDLEWARE
from tests.support.kratos import COOKIE

from .models import Note
from .settings import ADDED_MIDDLEWARE

if TYPE_CHECKING:
    from django.test import Client

    from django_ory.testing import FakeOry
    from tests.support.fixtures import ChangeOry
    from tests.support.kratos import Whoami

pytestmark = pytest.mark.django_db

User: Any = get_user_model()
COOKIE_NAME, _, COOKIE_VALUE = COOKIE.partition("=")


@pytest.fixture(params=["all", *ADDED_MIDDLEWARE], ids=lambda path: path.partition(".")[0])
def package(request: pytest.FixtureRequest, settings: Any) -> str:
    """One package at a time, then all together."""
    chosen = ADDED_MIDDLEWARE if request.param == "all" else [request.param]
    settings.MIDDLEWARE = [*MIDDLEWARE, *chosen]
    return str(request.param)


def test_each_admin_page_renders_under_unfold(ory: FakeOry) -> None:
    fill_ory(ory)
    browser = sign_in_staff()
    found = dict(find_pages(browser))
    assert {"identity_changelist", "identity_change", "identity_bulk", "oauth2client_add"} <= found.keys()
    assert {name: page.status_code for name, page in found.items()} == dict.fromkeys(found, 200)
    assert b"unfold/" in found["identity_changelist"].content
    rows = list(Identity.objects.values_list("pk", flat=True))
    data = {"action": "deactivate", "_selected_action": rows}
    chosen = browser.post(reverse("admin:django_ory_identity_changelist"), data, follow=True)
    assert "Are you sure?" in chosen.content.decode()
    done = browser.post(f"{chosen.redirect_chain[-1][0]}start/", follow=True)
    assert done.status_code == 200
    assert set(Identity.objects.values_list("state", flat=True)) == {"inactive"}


def test_visitor_without_a_cookie_costs_no_call(package: str, client: Client, kratos: Whoami) -> None:
    for path in ("/plain/", "/write/"):
        assert client.get(path).status_code == 200
    assert client.get("/name/").status_code == 302
    assert len(kratos.calls) == 0
    assert Note.history.get().history_user is None


@pytest.mark.parametrize("path", ["/plain/", "/write/", "/name/"])
def test_visitor_with_an_invalid_cookie_costs_one_call_at_most(
    package: str, client: Client, kratos: Whoami, path: str
) -> None:
    client.cookies[COOKIE_NAME] = COOKIE_VALUE
    client.get(path)
    assert len(kratos.calls) <= 1


@pytest.mark.parametrize("path", ["/plain/", "/name/", "/session/"])
def test_user_costs_one_call_at_most(package: str, client: Client, kratos: Whoami, path: str) -> None:
    kratos.signed_in()
    client.cookies[COOKIE_NAME] = COOKIE_VALUE
    assert client.get(path).status_code == 200
    assert len(kratos.calls) <= 1


def test_changes_are_recorded_for_the_user_of_ory(client: Client, kratos: Whoami) -> None:
    kratos.signed_in()
    client.cookies[COOKIE_NAME] = COOKIE_VALUE
    client.post("/write/")
    user = User.objects.get()
    assert Note.history.get().history_user == user
    assert AuditEntry.objects.get_for_model(Note).get().actor == user
    assert AccessLog.objects.get().username == user.get_username()


@pytest.mark.parametrize("path", ["/plain/", "/write/"])
def test_outage_is_no_error_500(
    package: str, client: Client, kratos: Whoami, change_ory: ChangeOry, path: str
) -> None:
    change_ory(BREAKER_SECONDS=0)
    kratos.refuse_connections()
    client.raise_request_exception = False  # as outside of tests
    client.cookies[COOKIE_NAME] = COOKIE_VALUE
    assert client.get(path).status_code == 200
    assert client.post("/write/").status_code in (200, 503)


def test_hijacked_user_is_seen_and_released(client: Client, ory: FakeOry) -> None:
    staff = User.objects.create(username="staff", is_staff=True, is_superuser=True)
    other = User.objects.create(username="other")
    client.force_login(staff, backend="django.contrib.auth.backends.ModelBackend")
    assert client.post("/hijack/acquire/", {"user_pk": other.pk, "next": "/name/"}).status_code == 302
    assert client.get("/name/").content.decode() == str(other.pk)
    assert client.post("/hijack/release/", {"next": "/name/"}).status_code == 302
    assert client.get("/name/").content.decode() == str(staff.pk)


def test_auditlog_of_identities_can_leave_out_personal_data(ory: FakeOry) -> None:
    auditlog.register(Identity, exclude_fields=["label", "data", "synced_at"])
    try:
        fill_ory(ory)
        row = Identity.objects.earliest("pk")
        set_identity_state(row.alias, row.identity_id, Identity.State.INACTIVE)
        sync_identities("default")
        entries = AuditEntry.objects.get_for_model(Identity)
        assert "example.org" not in "".join(str(entry.changes) for entry in entries)
    finally:
        auditlog.unregister(Identity)
