"""OAuth2 clients: syncs that survive offsets, and changes that Hydra makes first."""

from __future__ import annotations

from itertools import count
from types import SimpleNamespace
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
from django_ory.models import OAuth2Client
from tests.support.resources import SECRET, add_clients, call_during, fail, list_calls, make_client

if TYPE_CHECKING:
    from django_ory.testing import FakeOry

pytestmark = pytest.mark.django_db

PRIVATE = {"kty": "RSA", "kid": "1", "n": "public", "e": "AQAB", "d": SECRET, "p": SECRET, "k": SECRET}


def stored() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM django_ory_oauth2client")
        return str(cursor.fetchall())


class TestSync:
    def test_rows_and_counts(self, ory: FakeOry) -> None:
        add_clients(ory, *(make_client(name, owner="eva") for name in "abc"))
        report = sync_clients("default", page_size=2)
        assert (report.seen, report.created, report.complete) == (3, 3, True)
        row = OAuth2Client.objects.get(client_id="b")
        assert (row.name, row.owner, row.data["scope"]) == ("Shop b", "eva", "openid")
        again = sync_clients("default", page_size=2)
        assert (again.created, again.updated, again.unchanged) == (0, 0, 3)

    def test_no_secret_is_kept(self, ory: FakeOry) -> None:
        add_clients(
            ory,
            make_client(
                "a", client_secret=SECRET, registration_access_token=SECRET, jwks={"keys": [PRIVATE]}
            ),
            make_client("b", jwks=None),
        )
        sync_clients("default")
        assert SECRET not in stored()
        row = OAuth2Client.objects.get(client_id="a")
        assert row.data["jwks"]["keys"] == [{"kty": "RSA", "kid": "1", "n": "public", "e": "AQAB"}]

    def test_gone_clients_are_marked(self, ory: FakeOry) -> None:
        add_clients(ory, make_client("a"), make_client("b"))
        sync_clients("default")
        del ory.hydra.clients.clients["b"]
        assert sync_clients("default").missing == 1
        assert OAuth2Client.objects.get(client_id="b").missing_since is not None

    def test_a_client_that_slipped_between_two_pages_is_not_marked(self, ory: FakeOry) -> None:
        add_clients(ory, make_client("a"), make_client("b"))
        sync_clients("default")
        hidden = ory.hydra.clients.clients.pop("b")
        ory.respond("GET /admin/clients/b", json=hidden)  # the list lacks it, Hydra has it
        assert sync_clients("default").missing == 0

    def test_asking_for_each_ends_in_time(self, ory: FakeOry, monkeypatch: pytest.MonkeyPatch) -> None:
        OAuth2Client.objects.bulk_create(OAuth2Client(client_id=f"gone{n}") for n in range(9))
        add_clients(ory, make_client("a"))
        clock = SimpleNamespace(monotonic=count().__next__)  # a second passes between two looks at it
        monkeypatch.setattr("django_ory.mirror.rows.time", clock)
        report = sync_clients("default", stop_after=5)
        assert not report.complete
        assert report.missing == 0
        assert not OAuth2Client.objects.exclude(missing_since=None).exists()
        assert 1 < len(list_calls(ory, "/admin/clients")) < 9


class TestRefresh:
    def test_the_row_is_rewritten(self, ory: FakeOry) -> None:
        add_clients(ory, make_client("a"))
        assert refresh_client("default", "a").name == "Shop a"

    def test_gone(self, ory: FakeOry) -> None:
        with pytest.raises(OryNotFound):
            refresh_client("default", "a")
        OAuth2Client.objects.create(client_id="a")
        assert refresh_client("default", "a").missing_since is not None

    def test_made_again_while_the_answer_is_under_way(self, ory: FakeOry) -> None:
        OAuth2Client.objects.create(client_id="a")
        call_during(ory, "GET /admin/clients/{id}", lambda: create_client("default", {"client_id": "a"}))
        assert refresh_client("default", "a").missing_since is None


class TestCreate:
    def test_the_secret_is_handed_over_and_kept_nowhere(self, ory: FakeOry) -> None:
        change = create_client("default", {"client_id": "a", "client_name": "Shop"})
        assert change.secret == ory.hydra.clients.secrets["a"]
        assert change.secret not in repr(change)
        for secret in (change.secret, "ory_at_"):  # the second one begins a registration access token
            assert secret not in stored()
        assert OAuth2Client.objects.get() == change.row

    def test_a_refusal_makes_no_row(self, ory: FakeOry) -> None:
        fail(ory, "POST /admin/clients", 400, "redirect_uris must not contain fragments")
        with pytest.raises(OryBadRequest, match="fragments"):
            create_client("default", {"client_id": "a"})
        assert not OAuth2Client.objects.exists()


class TestUpdate:
    def test_only_what_changes_is_sent(self, ory: FakeOry) -> None:
        add_clients(ory, make_client("a"))
        change = update_client(
            "default", "a", {"client_name": "New", "redirect_uris": ["https://new.example/"]}
        )
        assert (change.row.name, change.secret) == ("New", "")
        assert change.row.data["scope"] == "openid"

    def test_gone(self, ory: FakeOry) -> None:
        OAuth2Client.objects.create(client_id="a")
        with pytest.raises(OryNotFound):
            update_client("default", "a", {"client_name": "New"})
        assert OAuth2Client.objects.get().missing_since is not None

    def test_only_if_hydra_still_has_what_was_seen(self, ory: FakeOry) -> None:
        add_clients(ory, make_client("a"))
        seen = refresh_client("default", "a").data
        add_clients(ory, make_client("a", scope="openid email"))
        with pytest.raises(EditConflict):
            update_client("default", "a", {"client_name": "New"}, seen=seen)
        row = OAuth2Client.objects.get()
        assert (row.name, row.data["scope"]) == ("Shop a", "openid email")
        assert update_client("default", "a", {"client_name": "New"}, seen=row.data).row.name == "New"

    @pytest.mark.parametrize(
        ("stored", "changes", "with_jwks"),
        [
            ({"jwks_uri": "https://a.example/jwks", "jwks": {}}, {"client_name": "New"}, True),
            ({"jwks": {}}, {"jwks_uri": "https://a.example/jwks"}, True),
            ({"jwks_uri": "https://a.example/jwks", "jwks": {}}, {"jwks_uri": ""}, False),
            ({"jwks": {"keys": [PRIVATE]}}, {"jwks_uri": "https://a.example/jwks"}, False),
            ({"jwks_uri": "https://a.example/jwks", "jwks": None}, {"client_name": "New"}, False),
            ({"jwks": {}}, {"client_name": "New"}, False),
        ],
    )
    def test_an_empty_set_of_keys_is_taken_away_beside_an_address_of_keys(
        self, ory: FakeOry, stored: dict[str, Any], changes: dict[str, Any], with_jwks: bool
    ) -> None:
        add_clients(ory, make_client("a", **stored))
        update_client("default", "a", changes)
        [patch] = [request.json for request in ory.requests if request.method == "PATCH"]
        assert {step["path"].strip("/"): step["value"] for step in patch} == {
            **changes,
            **({"jwks": None} if with_jwks else {}),
        }


class TestDelete:
    def test_ory_first_then_the_row(self, ory: FakeOry) -> None:
        add_clients(ory, make_client("a"))
        sync_clients("default")
        delete_client("default", "a")
        assert not ory.hydra.clients.clients
        assert not OAuth2Client.objects.exists()
        delete_client("default", "a")  # already gone

    def test_ory_is_down(self, ory: FakeOry) -> None:
        OAuth2Client.objects.create(client_id="a")
        ory.respond("DELETE /admin/clients/{id}", fault="down")
        with pytest.raises(OryConnectionError):
            delete_client("default", "a")
        assert OAuth2Client.objects.exists()


def test_long_names_fit(ory: FakeOry) -> None:
    values: dict[str, Any] = {"client_name": "x" * 300, "owner": "y" * 300}
    add_clients(ory, make_client("a", **values))
    sync_clients("default")
    row = OAuth2Client.objects.get()
    assert (len(row.name), len(row.owner)) == (255, 255)
