"""The page that creates recovery links and codes, and the mail with them."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from django.contrib.admin.models import LogEntry
from django.core import mail
from django.urls import reverse

from django_ory.models import Identity
from tests.support.resources import fail, list_calls

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from django_ory.testing import FakeOry

pytestmark = pytest.mark.django_db

CODE = {"method": "code", "lifetime": "86400"}
LINK = {"method": "link", "lifetime": "3600"}


@pytest.fixture
def row(ory: FakeOry) -> Identity:
    stored = ory.kratos.identities.add(
        {
            "schema_id": "person",
            "traits": {"email": "ann@example.com"},
            "metadata_public": {"locale": "de"},
        }
    )
    return Identity.objects.create(identity_id=UUID(stored["id"]), label="ann@example.com")


@pytest.fixture
def operator(staff_with: Callable[..., Client]) -> Client:
    return staff_with("view_identity", "create_recovery", "view_personal_data")


def get_url(row: Identity) -> str:
    return reverse("admin:django_ory_identity_recovery", args=[row.pk])


def test_code_is_shown_once_on_a_page_that_is_not_stored(
    operator: Client, row: Identity, ory: FakeOry
) -> None:
    response = operator.post(get_url(row), CODE)
    html = response.content.decode()
    code = re.search(r'id="ory-recovery-code">(\d{6})<', html)
    assert code is not None
    assert "no-store" in response["Cache-Control"]
    (request,) = [each for each in ory.requests if each.path.endswith("/recovery/code")]
    assert request.json == {"identity_id": str(row.identity_id), "expires_in": "86400s"}
    assert code[1] not in operator.get(get_url(row)).content.decode()
    entry = LogEntry.objects.get()
    assert entry.get_change_message() == "Recovery code created in Ory."
    assert not mail.outbox


def test_link_is_shown_once(operator: Client, row: Identity) -> None:
    html = operator.post(get_url(row), LINK).content.decode()
    assert re.search(r'id="ory-recovery-link">http://kratos\.test:4433/self-service/recovery\?flow=', html)
    assert "ory-recovery-code" not in html


@pytest.mark.parametrize("data", [CODE, LINK])
def test_recovery_is_mailed_in_the_language_of_the_identity(
    operator: Client, row: Identity, caplog: pytest.LogCaptureFixture, data: dict[str, str], settings: Any
) -> None:
    settings.LANGUAGES = [("en", "English"), ("de", "German")]
    with caplog.at_level(logging.DEBUG):
        response = operator.post(get_url(row), {**data, "address": "1", "send": "1"}, follow=True)
    (message,) = mail.outbox
    assert message.to == ["ann@example.com"]
    link = re.search(r"http\S+recovery\S+", str(message.body))
    assert link is not None
    html, _type = message.alternatives[0]  # type: ignore[union-attr]
    assert 'lang="de"' in str(html)
    assert link[0].partition("&")[0] in str(html)
    assert "The mail was sent." in response.content.decode()
    code = re.search(r"^\d{6}$", str(message.body), re.MULTILINE)
    assert (code is not None) == (data is CODE)
    for secret in (link[0], *([code[0]] if code else [])):
        assert secret not in response.content.decode()
        assert secret not in caplog.text
        assert not LogEntry.objects.filter(change_message__contains=secret).exists()
    assert LogEntry.objects.get().get_change_message().endswith("and mailed.")


def test_failing_mail_is_a_message_without_the_address_in_the_log(
    operator: Client,
    row: Identity,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: Any) -> None:
        raise OSError("ann@example.com refused")

    monkeypatch.setattr("django.core.mail.EmailMultiAlternatives.send", refuse)
    response = operator.post(get_url(row), {**CODE, "address": "1", "send": "1"}, follow=True)
    assert "could not be sent" in response.content.decode()
    assert "not sent: OSError" in caplog.text
    assert "ann@" not in caplog.text


def test_addresses_are_numbered_without_the_permission_to_see_them(
    staff_with: Callable[..., Client], row: Identity
) -> None:
    client = staff_with("view_identity", "create_recovery")
    html = client.get(get_url(row)).content.decode()
    assert "ann@" not in html
    assert "Address 1" in html
    response = client.post(get_url(row), {**CODE, "address": "1", "send": "1"}, follow=True)
    assert "ann@" not in response.content.decode()
    assert mail.outbox[0].to == ["ann@example.com"]


@pytest.mark.parametrize("address", ["2", "0", "-1", "eve@example.com"])
def test_other_addresses_get_no_mail(operator: Client, row: Identity, ory: FakeOry, address: str) -> None:
    response = operator.post(get_url(row), {**CODE, "address": address, "send": "1"})
    assert response.status_code == 200
    assert not mail.outbox
    assert not list_calls(ory, "/recovery/")


@pytest.mark.parametrize(
    "data", [{}, {"method": "sms", "lifetime": "3600"}, {"method": "code", "lifetime": "1"}]
)
def test_invalid_input_creates_nothing(
    operator: Client, row: Identity, ory: FakeOry, data: dict[str, str]
) -> None:
    assert "errornote" in operator.post(get_url(row), data).content.decode()
    assert not list_calls(ory, "/recovery/")


def test_identity_without_addresses_can_only_be_shown_the_code(
    operator: Client, row: Identity, ory: FakeOry
) -> None:
    ory.kratos.identities.get(str(row.identity_id))["recovery_addresses"] = []
    html = operator.get(get_url(row)).content.decode()
    assert "Create and show once" in html
    assert "send by mail" not in html
    assert "ory-recovery-code" in operator.post(get_url(row), {**CODE, "send": "1"}).content.decode()


@pytest.mark.parametrize(("method", "status"), [("link", 404), ("code", 404), ("code", 400)])
def test_disabled_method_names_the_setting_of_kratos(
    operator: Client, row: Identity, ory: FakeOry, method: str, status: int
) -> None:
    fail(ory, f"POST /admin/recovery/{method}", status, "This endpoint was disabled")
    response = operator.post(get_url(row), {**CODE, "method": method}, follow=True)
    text = response.content.decode()
    assert "This endpoint was disabled" in text
    assert f"selfservice.methods.{method}.enabled" in text
    row.refresh_from_db()
    assert row.missing_since is None
    assert not LogEntry.objects.exists()


def test_inactive_identity_is_pointed_out(operator: Client, row: Identity, ory: FakeOry) -> None:
    ory.kratos.identities.get(str(row.identity_id))["state"] = "inactive"
    assert "The identity is inactive" in operator.get(get_url(row)).content.decode()


def test_identity_of_staff_is_only_for_superusers(
    operator: Client, row: Identity, ory: FakeOry, staff: Any
) -> None:
    Identity.objects.filter(pk=row.pk).update(user=staff)
    html = operator.get(get_url(row)).content.decode()
    assert "Only superusers" in html
    assert "Create and show once" not in html
    assert operator.post(get_url(row), CODE).status_code == 403
    assert not list_calls(ory, "/recovery/")


def test_page_needs_its_permission(staff_with: Callable[..., Client], row: Identity, ory: FakeOry) -> None:
    client = staff_with("view_identity", "view_personal_data", "change_credentials")
    assert client.post(get_url(row), CODE).status_code == client.get(get_url(row)).status_code == 403
    assert not list_calls(ory, "/recovery/")
