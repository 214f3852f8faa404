"""Error reports of the admin have no traits, keys, passwords or secrets: neither the POST nor variables."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from django.core.signals import got_request_exception
from django.urls import reverse
from django.views.debug import ExceptionReporter

from django_ory.mirror.clients import sync_clients
from django_ory.mirror.identities import sync_identities
from django_ory.models import Identity, OAuth2Client
from tests.support.resources import add_clients, add_identities, make_client, make_identity

if TYPE_CHECKING:
    from django.test import Client

    from django_ory.testing import FakeOry

pytestmark = pytest.mark.django_db

SECRET = "s3cret-value-of-the-post"


@pytest.fixture
def urls(ory: FakeOry) -> dict[str, str]:
    add_identities(ory, make_identity(1))
    add_clients(ory, make_client("shop"))
    sync_identities("default")
    sync_clients("default")
    rows = {"identity": Identity.objects.get(identity_id=UUID(int=1)), "client": OAuth2Client.objects.get()}
    return {
        "identity": reverse("admin:django_ory_identity_change", args=[rows["identity"].pk]),
        "new identity": reverse("admin:django_ory_identity_add"),
        "client": reverse("admin:django_ory_oauth2client_change", args=[rows["client"].pk]),
        "new client": reverse("admin:django_ory_oauth2client_add"),
        "password": reverse("admin:django_ory_identity_set-password", args=[rows["identity"].pk]),
        "recovery": reverse("admin:django_ory_identity_recovery", args=[rows["identity"].pk]),
        "secret": reverse("admin:django_ory_oauth2client_secret", args=[rows["client"].pk]),
    }


#: The function that fails, and what is posted.
FAULTS: dict[str, tuple[str, dict[str, str]]] = {
    "identity": ("django_ory.admin.identities.editing.load_version", {"traits": SECRET}),
    "new identity": ("django_ory.admin.identities.editing.get_schema_store", {"traits": SECRET}),
    "client": ("django_ory.admin.clients.conflicts.load_version", {"jwks": SECRET}),
    "new client": ("django_ory.admin.clients.forms.configured_aliases", {"jwks": SECRET}),
    "password": (
        "django_ory.admin.identities.passwords.set_password",
        {"new_password1": SECRET, "new_password2": SECRET},
    ),
    "recovery": (
        "django_ory.admin.identities.recovery.create_recovery",
        {"method": "code", "lifetime": "3600", "x": SECRET},
    ),
    "secret": ("django_ory.admin.clients.secret_page.rotate_client_secret", {"mode": "keep", "x": SECRET}),
}


@pytest.mark.parametrize("name", FAULTS)
def test_report_about_a_fault_has_nothing_that_was_posted(
    admin: Client, urls: dict[str, str], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    target, values = FAULTS[name]

    def fail(*args: Any, **kwargs: Any) -> Any:
        copies = (args, kwargs, SECRET)
        raise RuntimeError(f"{len(copies)} variables")

    monkeypatch.setattr(target, fail)
    reports: list[str] = []

    def write_report(sender: object, request: Any, **_kwargs: Any) -> None:
        reporter = ExceptionReporter(request, *sys.exc_info())
        reports.extend([reporter.get_traceback_html(), reporter.get_traceback_text()])

    got_request_exception.connect(write_report)
    admin.raise_request_exception = False
    try:
        if "new" in name:
            values = {**values, "schema_id": "person"}
        assert admin.post(urls[name], values).status_code == 500
    finally:
        got_request_exception.disconnect(write_report)
    assert len(reports) == 2
    for report in reports:
        assert "3 variables" in report
        assert SECRET not in report
