"""The admin lists of Kratos' messages, and the page of one message."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.urls import reverse

from django_ory.mirror.identities import sync_identities
from django_ory.models import Identity
from tests.support.resources import add_identities, fail, list_calls, make_identity

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from django_ory.testing import FakeOry

pytestmark = pytest.mark.django_db

LIST = reverse("admin:django_ory_messages")
PAGE = reverse("admin:django_ory_message")
ADDRESS = "person1@example.com"
CODE = "123456"


@pytest.fixture
def row(ory: FakeOry) -> Identity:
    add_identities(ory, make_identity(1), make_identity(2))
    sync_identities("default")
    return Identity.objects.get(identity_id=UUID(int=1))


def get_row_url(row: Identity, name: str = "messages") -> str:
    return reverse(f"admin:django_ory_identity_{name}", args=[row.pk])


class TestList:
    def test_messages_are_listed_without_their_texts(
        self, admin: Client, row: Identity, ory: FakeOry
    ) -> None:
        message = ory.create_message(ADDRESS)
        ory.create_message("else@example.com", status="abandoned", send_count=5, type="phone", html_body=CODE)
        html = admin.get(LIST).content.decode()
        for text in (ADDRESS, "else@example.com", "Not sent", "Text message", "recovery_code_valid"):
            assert text in html
        assert f"{PAGE}?id={message.id}" in html
        assert CODE not in html
        assert message.subject not in html

    @pytest.mark.parametrize(
        ("query", "shown"),
        [({"status": "abandoned"}, ["b"]), ({"recipient": "a@example.com"}, ["a"]), ({}, ["a", "b"])],
    )
    def test_filter_selects_messages(
        self, admin: Client, row: Identity, ory: FakeOry, query: dict[str, str], shown: list[str]
    ) -> None:
        ory.create_message("a@example.com", template_type="template-a")
        ory.create_message("b@example.com", template_type="template-b", status="abandoned")
        html = admin.get(LIST, query).content.decode()
        assert [name for name in ("a", "b") if f"template-{name}" in html] == shown

    def test_pages_are_followed_by_tokens(
        self, admin: Client, row: Identity, ory: FakeOry, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("django_ory.admin.live.messages.PAGE_SIZE", 2)
        made = [ory.create_message(ADDRESS).id for _ in range(5)]
        for start in (LIST, get_row_url(row)):
            seen, url = [], start
            while url:
                context = admin.get(url).context
                seen += [item["key"] for item in context["items"]]
                url = context["next_url"] and f"{start}{context['next_url']}"
            assert seen == made[::-1]

    def test_addresses_need_the_permission(
        self, staff_with: Callable[..., Client], row: Identity, ory: FakeOry
    ) -> None:
        message = ory.create_message(ADDRESS)
        client = staff_with("view_message", "view_identity")
        urls = [f"{LIST}?recipient={ADDRESS}", get_row_url(row), f"{PAGE}?id={message.id}"]
        for url in urls:
            html = client.get(url).content.decode().replace(f"?recipient={ADDRESS}", "")
            assert ADDRESS not in html
            assert 'name="recipient"' not in html
        assert all(ADDRESS not in call for call in list_calls(ory, f"messages?recipient={ADDRESS}")[:-1])

    def test_staff_without_the_permission_get_403(
        self, staff_with: Callable[..., Client], row: Identity, ory: FakeOry
    ) -> None:
        client = staff_with("view_identity", "view_message_body", "view_personal_data")
        key = ory.create_message(ADDRESS).id
        for url in (LIST, get_row_url(row), f"{PAGE}?id={key}", f"{get_row_url(row, 'message')}?id={key}"):
            assert client.get(url).status_code == 403
            assert client.post(url).status_code == 403

    @pytest.mark.parametrize("kind", ["down", "slow", "error", "html", "truncated", "rate_limited"])
    def test_failing_kratos_is_a_message(self, admin: Client, row: Identity, ory: FakeOry, kind: str) -> None:
        key = ory.create_message(ADDRESS).id
        for url in (LIST, get_row_url(row), f"{PAGE}?id={key}", f"{get_row_url(row, 'message')}?id={key}"):
            with ory.fault("kratos", kind):
                response = admin.get(url)
            assert response.status_code in (200, 503)
            assert 'role="alert"' in response.content.decode()

    def test_strange_messages_are_shown(self, admin: Client, row: Identity, ory: FakeOry) -> None:
        ory.respond(
            "GET /admin/courier/messages",
            json=[
                {"id": str(UUID(int=1)), "status": "postponed", "send_count": "many", "body": CODE},
                {"id": "x", "status": "new", "type": "pigeon", "template_type": "<i>\u202e" + "x" * 9000},
            ],
        )
        html = admin.get(LIST).content.decode()
        assert "pigeon" in html
        assert "could not be read" in html
        assert "<i>" not in html
        assert CODE not in html
        assert len(html) < 60_000


class TestIdentity:
    def test_messages_to_all_addresses_are_listed(self, admin: Client, ory: FakeOry) -> None:
        second = make_identity(3)
        second["verifiable_addresses"].append(
            {**second["verifiable_addresses"][0], "value": "+4930", "via": "sms", "id": str(UUID(int=99))}
        )
        add_identities(ory, second)
        sync_identities("default")
        row = Identity.objects.get()
        first = ory.create_message("person3@example.com", created_at="2026-01-01T00:00:00Z").id
        ory.create_message("person4@example.com")
        last = ory.create_message("+4930", created_at="2026-01-02T00:00:00+01:00").id
        items = admin.get(get_row_url(row)).context["items"]
        assert [item["key"] for item in items] == [last, first]
        items = admin.get(get_row_url(row), {"address": "1"}).context["items"]
        assert [item["key"] for item in items] == [last]
        for value in ("7", "-1", "x"):
            response = admin.get(get_row_url(row), {"address": value})
            assert response.status_code == 200
            assert response.context["items"] == []

    def test_identity_without_addresses_has_no_messages(self, admin: Client, ory: FakeOry) -> None:
        add_identities(ory, make_identity(3, verifiable_addresses=None, recovery_addresses=None))
        sync_identities("default")
        ory.create_message("person4@example.com")
        response = admin.get(get_row_url(Identity.objects.get()))
        assert response.context["items"] == []

    def test_deleted_identity_is_a_message(self, admin: Client, row: Identity, ory: FakeOry) -> None:
        ory.delete_identity(str(row.identity_id))
        response = admin.get(get_row_url(row))
        assert response.status_code == 200
        assert 'role="alert"' in response.content.decode()

    def test_message_to_another_identity_is_not_shown(
        self, admin: Client, row: Identity, ory: FakeOry
    ) -> None:
        message = ory.create_message("person2@example.com")
        url = f"{get_row_url(row, 'message')}?id={message.id}"
        for response in (admin.get(url), admin.post(url)):
            html = response.content.decode()
            assert "does not exist any more" in html
            assert CODE not in html
        assert not LogEntry.objects.exists()


class TestText:
    def test_text_is_in_the_response_to_a_post_only(
        self, admin: Client, row: Identity, ory: FakeOry, staff: Any, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        message = ory.create_message(ADDRESS)
        url = f"{get_row_url(row, 'message')}?id={message.id}"
        html = admin.get(url).content.decode()
        assert CODE not in html
        assert "Show the text" in html
        assert not LogEntry.objects.exists()
        response = admin.post(url)
        assert CODE in response.content.decode()
        assert "no-store" in response.headers["Cache-Control"]
        entry = LogEntry.objects.get()
        assert (entry.object_id, entry.user_id) == (str(row.pk), staff.pk)
        assert entry.change_message == f"Text of message {message.id} read."
        assert CODE not in json.dumps([entry.object_repr, entry.change_message]) + caplog.text
        assert CODE not in admin.get(url).content.decode()

    def test_reading_outside_of_an_identity_is_logged_for_the_message(
        self, admin: Client, row: Identity, ory: FakeOry
    ) -> None:
        message = ory.create_message(ADDRESS)
        assert CODE in admin.post(f"{PAGE}?id={message.id}").content.decode()
        assert LogEntry.objects.get().object_id == f"message:{message.id}"

    def test_text_needs_its_permission(
        self, staff_with: Callable[..., Client], row: Identity, ory: FakeOry
    ) -> None:
        message = ory.create_message(ADDRESS)
        client = staff_with("view_message", "view_identity", "view_personal_data")
        for url in (f"{PAGE}?id={message.id}", f"{get_row_url(row, 'message')}?id={message.id}"):
            assert "Show the text" not in client.get(url).content.decode()
            assert client.post(url).status_code == 403
        assert not LogEntry.objects.exists()

    def test_attempts_are_shown_with_their_errors(self, admin: Client, row: Identity, ory: FakeOry) -> None:
        failed = {"id": "1", "status": "failed", "error": {"reason": "550 <b>unknown</b>"}}
        odd = {"id": "2", "status": "failed", "error": ["x"]}
        message = ory.create_message(ADDRESS, dispatches=[failed, odd])
        html = admin.get(f"{PAGE}?id={message.id}").content.decode()
        assert "550 &lt;b&gt;unknown&lt;/b&gt;" in html

    @pytest.mark.parametrize("key", ["", "x", str(UUID(int=5)), "../identities", "x" * 3000])
    def test_unknown_id_is_a_message(self, admin: Client, row: Identity, key: str) -> None:
        response = admin.get(PAGE, {"id": key})
        assert response.status_code == 200
        assert 'role="alert"' in response.content.decode()

    def test_post_without_the_csrf_token_is_forbidden(self, admin_with_csrf: Client, ory: FakeOry) -> None:
        message = ory.create_message(ADDRESS)
        assert admin_with_csrf.post(f"{PAGE}?id={message.id}").status_code == 403


class TestAccess:
    """The code in a message signs in as the owner of the address."""

    @pytest.fixture
    def row(self, ory: FakeOry) -> Identity:
        identity = make_identity(1)
        identity["credentials"]["password"]["identifiers"] = [ADDRESS]
        add_identities(ory, identity)
        sync_identities("default")
        return Identity.objects.get()

    @pytest.fixture
    def reader(self, staff_with: Callable[..., Client]) -> Client:
        return staff_with("view_message", "view_message_body", "view_identity")

    def list_urls(self, row: Identity, message: Any) -> list[str]:
        return [f"{PAGE}?id={message.id}", f"{get_row_url(row, 'message')}?id={message.id}"]

    def test_text_to_a_user_without_more_rights_is_shown(
        self, reader: Client, row: Identity, ory: FakeOry
    ) -> None:
        for url in self.list_urls(row, ory.create_message(ADDRESS)):
            assert "Show the text" in reader.get(url).content.decode()
            assert CODE in reader.post(url).content.decode()

    def test_text_to_a_superuser_is_only_for_superusers(
        self, reader: Client, admin: Client, staff: Any, row: Identity, ory: FakeOry
    ) -> None:
        Identity.objects.filter(pk=row.pk).update(user=staff)
        for url in self.list_urls(row, ory.create_message(ADDRESS)):
            html = reader.get(url).content.decode()
            assert "Show the text" not in html
            assert "Only superusers" in html
            response = reader.post(url)
            assert response.status_code == 403
            assert CODE not in response.content.decode()
            assert not LogEntry.objects.exists()
            assert "Show the text" in admin.get(url).content.decode()

    def test_text_to_the_address_of_a_superuser_without_an_identity_is_only_for_superusers(
        self, reader: Client, staff: Any, row: Identity, ory: FakeOry
    ) -> None:
        field = get_user_model().get_email_field_name()
        get_user_model().objects.filter(pk=staff.pk).update(**{field: ADDRESS.upper()})
        for url in self.list_urls(row, ory.create_message(ADDRESS)):
            assert reader.post(url).status_code == 403

    def test_text_to_an_address_without_an_identity_is_only_for_superusers(
        self, reader: Client, admin: Client, row: Identity, ory: FakeOry
    ) -> None:
        url = f"{PAGE}?id={ory.create_message('nobody@example.com').id}"
        assert reader.post(url).status_code == 403
        assert CODE in admin.post(url).content.decode()

    def test_text_to_an_address_that_is_only_a_user_name_of_another_is_only_for_superusers(
        self, reader: Client, row: Identity, ory: FakeOry
    ) -> None:
        named = make_identity(3, verifiable_addresses=[], recovery_addresses=[])
        named["credentials"]["password"]["identifiers"] = ["boss@example.com"]
        add_identities(ory, named)
        url = f"{PAGE}?id={ory.create_message('boss@example.com').id}"
        assert reader.post(url).status_code == 403

    def test_text_is_not_shown_while_the_owner_is_unknown(
        self, reader: Client, row: Identity, ory: FakeOry
    ) -> None:
        message = ory.create_message(ADDRESS)
        fail(ory, "GET /admin/identities", 500, "Down")
        response = reader.post(f"{PAGE}?id={message.id}")
        assert response.status_code == 503
        assert CODE not in response.content.decode()
