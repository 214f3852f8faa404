"""OAuth2 clients: syncs with offsets, and changes that are sent to Hydra first."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection

from django_ory.client import OryBadRequest, OryConnectionError, OryNotFound
from django_ory.exceptions import EditConflict
from django_ory.mirror.clients import (
    create_client,
    delete_client,
    refresh_client,
    sync_clients,
    update_client,
)
from django_ory.mirror.pacing import Pacer
from django_ory.models import OAuth2Client
from tests.support.resources import SECRET, add_clients, call_during, fail, list_calls, make_client

if TYPE_CHECKING:
    from django_ory.testing import FakeOry

pytestmark = pytest.mark.django_db

PRIVATE = {"kty": "RSA", "kid": "1", "n": "public", "e": "AQAB", "d": SECRET, "p": SECRET, "k": SECRET}


def read_table() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM django_ory_oauth2client")
        return str(cursor.fetchall())


class TestSync:
    def test_new_clients_are_created_and_counted(self, ory: FakeOry) -> None:
        add_clients(ory, *(make_client(name, owner="eva") for name in "abc"))
        report = sync_clients("default", page_size=2)
        assert (report.seen, report.created, report.complete) == (3, 3, True)
        row = OAuth2Client.objects.get(client_id="b")
        assert (row.name, row.owner, row.data["scope"]) == ("Shop b", "eva", "openid")
        again = sync_clients("default", page_size=2)
        assert (again.created, again.updated, again.unchanged) == (0, 0, 3)

    def test_secrets_and_private_keys_are_not_stored(self, ory: FakeOry) -> None:
        add_clients(
            ory,
            make_client(
                "a", client_secret=SECRET, registration_access_token=SECRET, jwks={"keys": [PRIVATE]}
            ),
            make_client("b", jwks=None),
        )
        sync_clients("default")
        assert SECRET not in read_table()
        row = OAuth2Client.objects.get(client_id="a")
        assert row.data["jwks"]["keys"] == [{"kty": "RSA", "kid": "1", "n": "public", "e": "AQAB"}]

    def test_deleted_client_is_marked_missing(self, ory: FakeOry) -> None:
        add_clients(ory, make_client("a"), make_client("b"))
        sync_clients("default")
        del ory.hydra.clients.clients["b"]
        assert sync_clients("default").missing == 1
        assert OAuth2Client.objects.get(client_id="b").missing_since is not None

    def test_client_missing_from_the_list_only_is_not_marked(self, ory: FakeOry) -> None:
        add_clients(ory, make_client("a"), make_client("b"))
        sync_clients("default")
        hidden = ory.hydra.clients.clients.pop("b")
        ory.respond("GET /admin/clients/b", json=hidden)  # only missing from the list
        assert sync_clients("default").missing == 0

    def test_confirming_missing_clients_stops_after_the_time_limit(
        self, ory: FakeOry, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        OAuth2Client.objects.bulk_create(OAuth2Client(client_id=f"gone{n}") for n in range(9))
        add_clients(ory, make_client("a"))
        calls = count()
        monkeypatch.setattr(Pacer, "is_late", lambda _: next(calls) > 4)
        report = sync_clients("default", stop_after=5)
        assert not report.complete
        assert report.missing == 0
        assert not OAuth2Client.objects.exclude(missing_since=None).exists()
        assert 1 < len(list_calls(ory, "/admin/clients")) < 9


class TestRefresh:
    def test_existing_client_rewrites_the_row(self, ory: FakeOry) -> None:
        add_clients(ory, make_client("a"))
        assert refresh_client("default", "a").name == "Shop a"

    def test_deleted_client_marks_the_row_or_raises(self, ory: FakeOry) -> None:
        with pytest.raises(OryNotFound):
            refresh_client("default", "a")
        OAuth2Client.objects.create(client_id="a")
        assert refresh_client("default", "a").missing_since is not None

    def test_client_created_during_the_request_is_not_marked(self, ory: FakeOry) -> None:
        OAuth2Client.objects.create(client_id="a")
        call_during(ory, "GET /admin/clients/{id}", lambda: create_client("default", {"client_id": "a"}))
        assert refresh_client("default", "a").missing_since is None


class TestCreate:
    def test_secret_is_returned_and_not_stored(self, ory: FakeOry) -> None:
        change = create_client("default", {"client_id": "a", "client_name": "Shop"})
        assert change.secret == ory.hydra.clients.secrets["a"]
        assert change.secret not in repr(change)
        for secret in (change.secret, "ory_at_"):  # the prefix of registration access tokens
            assert secret not in read_table()
        assert OAuth2Client.objects.get() == change.row

    def test_rejected_client_creates_no_row(self, ory: FakeOry) -> None:
        fail(ory, "POST /admin/clients", 400, "redirect_uris must not contain fragments")
        with pytest.raises(OryBadRequest, match="fragments"):
            create_client("default", {"client_id": "a"})
        assert not OAuth2Client.objects.exists()


class TestUpdate:
    def test_only_changed_members_are_sent(self, ory: FakeOry) -> None:
        add_clients(ory, make_client("a"))
        change = update_client(
            "default", "a", {"client_name": "New", "redirect_uris": ["https://new.example/"]}
        )
        assert (change.row.name, change.secret) == ("New", "")
        assert change.row.data["scope"] == "openid"

    def test_deleted_client_is_marked_missing(self, ory: FakeOry) -> None:
        OAuth2Client.objects.create(client_id="a")
        with pytest.raises(OryNotFound):
            update_client("default", "a", {"client_name": "New"})
        assert OAuth2Client.objects.get().missing_since is not None

    def test_client_changed_since_it_was_seen_raises_edit_conflict(self, ory: FakeOry) -> None:
        add_clients(ory, make_client("a"))
        seen = refresh_client("default", "a").data
        add_clients(ory, make_client("a", scope="openid email"))
        with pytest.raises(EditConflict):
            update_client("default", "a", {"client_name": "New"}, seen=seen)
        row = OAuth2Client.objects.get()
        assert (row.name, row.data["scope"]) == ("Shop a", "openid email")
        assert update_client("default", "a", {"client_name": "New"}, seen=row.data).row.name == "New"

    @pytest.mark.parametrize(
        ("read_table", "changes", "with_jwks"),
        [
            ({"jwks_uri": "https://a.example/jwks", "jwks": {}}, {"client_name": "New"}, True),
            ({"jwks": {}}, {"jwks_uri": "https://a.example/jwks"}, True),
            ({"jwks_uri": "https://a.example/jwks", "jwks": {}}, {"jwks_uri": ""}, False),
            ({"jwks": {"keys": [PRIVATE]}}, {"jwks_uri": "https://a.example/jwks"}, False),
            ({"jwks_uri": "https://a.example/jwks", "jwks": None}, {"client_name": "New"}, False),
            ({"jwks": {}}, {"client_name": "New"}, False),
        ],
    )
    def test_empty_jwks_beside_jwks_uri_is_removed(
        self, ory: FakeOry, read_table: dict[str, Any], changes: dict[str, Any], with_jwks: bool
    ) -> None:
        add_clients(ory, make_client("a", **read_table))
        update_client("default", "a", changes)
        [patch] = [request.json for request in ory.requests if request.method == "PATCH"]
        assert {step["path"].strip("/"): step["value"] for step in patch} == {
            **changes,
            **({"jwks": None} if with_jwks else {}),
        }


class TestDelete:
    def test_client_and_row_are_deleted(self, ory: FakeOry) -> None:
        add_clients(ory, make_client("a"))
        sync_clients("default")
        delete_client("default", "a")
        assert not ory.hydra.clients.clients
        assert not OAuth2Client.objects.exists()
        delete_client("default", "a")  # already gone

    def test_failed_deletion_keeps_the_row(self, ory: FakeOry) -> None:
        OAuth2Client.objects.create(client_id="a")
        ory.respond("DELETE /admin/clients/{id}", fault="down")
        with pytest.raises(OryConnectionError):
            delete_client("default", "a")
        assert OAuth2Client.objects.exists()


def test_long_names_are_truncated(ory: FakeOry) -> None:
    values: dict[str, Any] = {"client_name": "x" * 300, "owner": "y" * 300}
    add_clients(ory, make_client("a", **values))
    sync_clients("default")
    row = OAuth2Client.objects.get()
    assert (len(row.name), len(row.owner)) == (255, 255)
