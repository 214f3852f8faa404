"""Clients that registered themselves are deleted, unless a user has given them access."""

from __future__ import annotations

import io
import logging
import time
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.test import Client

from django_ory.client import models
from django_ory.client_metadata import read_client_metadata
from django_ory.clients import get_client
from django_ory.mirror.clients import delete_client
from django_ory.models import OAuth2Client
from django_ory.provider.agents import lifetime
from django_ory.provider.agents.lifetime import is_unused, keep_client
from django_ory.testing import FakeOry
from tests.support.fixtures import ChangeOry

PAST, FUTURE = int(time.time()) - 60, int(time.time()) + 3_600


def build_client(ory: FakeOry, client_id: str, **own: Any) -> models.OAuth2Client:
    return ory.create_oauth2_client(client_id, metadata={"django_ory": own, "other": "kept"})


def run(**options: Any) -> str:
    output = io.StringIO()
    call_command("ory_delete_unused_clients", stdout=output, stderr=output, **options)
    return output.getvalue()


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        ({"django_ory": {"origin": "registration", "expires": PAST}}, True),
        ({"django_ory": {"origin": "document", "expires": PAST}}, True),
        ({"django_ory": {"origin": "registration", "expires": FUTURE}}, False),
        ({"django_ory": {"origin": "registration"}}, False),
        ({"django_ory": {"origin": "registration", "expires": "1"}}, False),
        ({"django_ory": {"origin": "registration", "expires": True}}, False),
        ({"django_ory": {"origin": "staff", "expires": PAST}}, False),
        ({"django_ory": {"expires": PAST}}, False),
        ({"django_ory": [PAST]}, False),
        ({}, False),
        (None, False),
    ],
)
def test_client_without_a_consent_is_unused_after_its_time(metadata: Any, expected: bool) -> None:
    client = models.OAuth2Client(client_id="app", metadata=metadata)
    assert is_unused(client, now=time.time()) is expected


@pytest.mark.django_db
class TestCommand:
    def test_unused_clients_are_deleted_with_their_rows(self, ory: FakeOry) -> None:
        for number in range(3):
            build_client(ory, f"old-{number}", origin="registration", expires=PAST)
        build_client(ory, "new", origin="registration", expires=FUTURE)
        build_client(ory, "used", origin="registration")
        build_client(ory, "staff", expires=PAST)
        OAuth2Client.objects.create(alias="default", client_id="old-1", name="x", data={})
        assert run() == "default: 3 clients deleted.\n"
        assert ory.hydra.clients.clients.keys() == {"new", "used", "staff"}
        assert not OAuth2Client.objects.exists()
        assert run() == "default: 0 clients deleted.\n"

    def test_client_that_got_access_since_it_was_listed_is_kept(
        self, ory: FakeOry, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in ("first", "second"):
            build_client(ory, name, origin="registration", expires=PAST)
        clients = ory.hydra.clients.clients

        def delete_and_give_access(alias: str, client_id: str) -> None:
            delete_client(alias, client_id)
            clients["second"]["metadata"]["django_ory"].pop("expires")

        monkeypatch.setattr(lifetime, "delete_client", delete_and_give_access)
        assert run() == "default: 1 clients deleted.\n"
        assert clients.keys() == {"second"}

    def test_dry_run_deletes_nothing(self, ory: FakeOry) -> None:
        build_client(ory, "old", origin="registration", expires=PAST)
        assert run(dry_run=True, alias="default") == "default (dry run): 1 clients deleted.\n"
        assert ory.hydra.clients.clients.keys() == {"old"}

    def test_failure_of_hydra_is_an_error(self, ory: FakeOry) -> None:
        ory.respond("GET /admin/clients", json={"error": "x"}, status=503)
        with pytest.raises(CommandError, match="Run the command again"):
            run()

    def test_project_without_hydra_is_left_out(self, ory: FakeOry, change_ory: ChangeOry) -> None:
        change_ory(HYDRA_ADMIN_URL="")
        assert run() == ""


@pytest.mark.django_db
class TestKeep:
    def test_client_in_use_no_longer_expires(self, ory: FakeOry) -> None:
        client = build_client(ory, "app", origin="registration", expires=FUTURE, ports={})
        keep_client(client, alias="default")
        kept = get_client().admin_get_o_auth2_client("app")
        assert dict(read_client_metadata(kept)) == {"origin": "registration", "ports": {}}
        assert kept.metadata is not None
        assert kept.metadata["other"] == "kept"

    def test_values_since_the_copy_of_a_challenge_are_kept(self, ory: FakeOry) -> None:
        copy = build_client(ory, "app", origin="registration", expires=FUTURE)
        ory.hydra.clients.clients["app"]["metadata"]["django_ory"]["verified"] = True
        keep_client(copy, alias="default")
        kept = get_client().admin_get_o_auth2_client("app")
        assert dict(read_client_metadata(kept)) == {"origin": "registration", "verified": True}

    def test_other_clients_cause_no_call(self, ory: FakeOry) -> None:
        client = build_client(ory, "app", origin="registration")
        keep_client(client, alias="default")
        assert ory.requests == []

    def test_failure_of_the_database_is_logged(
        self, ory: FakeOry, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(*_: Any, **__: Any) -> None:
            raise OperationalError

        client = build_client(ory, "app", origin="registration", expires=FUTURE)
        monkeypatch.setattr(lifetime, "update_client", fail)
        with caplog.at_level(logging.WARNING, "django_ory.provider"):
            keep_client(client, alias="default")
        assert "still expires" in caplog.text

    def test_failure_is_logged(self, ory: FakeOry, caplog: pytest.LogCaptureFixture) -> None:
        client = build_client(ory, "app", origin="registration", expires=FUTURE)
        ory.respond("PATCH /admin/clients/{id}", json={"error": "x"}, status=503)
        with caplog.at_level(logging.WARNING, "django_ory.provider"):
            keep_client(client, alias="default")
        assert "Client app is in use and still expires" in caplog.text

    def test_consent_keeps_the_client(self, ory: FakeOry, client: Client) -> None:
        build_client(ory, "app", origin="registration", expires=FUTURE)
        ory.login(client)
        response = client.get(ory.start_authorization("app", scope="openid"), follow=False)
        page = ory.continue_authorization(response["Location"])
        assert client.get(page).status_code == 200
        assert "expires" in ory.hydra.clients.clients["app"]["metadata"]["django_ory"]
        path, _, query = page.partition("?")
        fields = {"consent_challenge": query.partition("=")[2], "grant_scope": "openid", "accept": "1"}
        assert client.post(path, fields).status_code == 302
        assert "expires" not in ory.hydra.clients.clients["app"]["metadata"]["django_ory"]
