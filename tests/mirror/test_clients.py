"""OAuth2 clients: syncs with offsets, and changes that are sent to Hydra first."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection

from django_ory.client import (
    OryBadRequest,
    OryConnectionError,
    OryDecodeError,
    OryNotFound,
    OryServerError,
    OryTimeout,
)
from django_ory.exceptions import EditConflict, RotationUnsupported
from django_ory.mirror import client_tokens
from django_ory.mirror.client_secrets import remove_old_client_secrets, rotate_client_secret
from django_ory.mirror.client_tokens import (
    get_client_lifespans,
    revoke_client_tokens,
    set_client_lifespans,
)
from django_ory.mirror.clients import (
    create_client,
    delete_client,
    refresh_client,
    sync_clients,
    update_client,
)
from django_ory.mirror.pacing import Pacer
from django_ory.models import OAuth2Client
from django_ory.testing.fake.http import json_response
from tests.support.resources import (
    SECRET,
    add_clients,
    call_during,
    fail,
    list_calls,
    lose_response,
    make_client,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from django_ory.testing import FakeOry, FakeRequest, FakeResponse

pytestmark = pytest.mark.django_db

PRIVATE = {"kty": "RSA", "kid": "1", "n": "public", "e": "AQAB", "d": SECRET, "p": SECRET, "k": SECRET}
LIFESPAN = "authorization_code_grant_access_token_lifespan"


def rotate_keeping_old(alias: str, client_id: str) -> object:
    return rotate_client_secret(alias, client_id, keep_old=True)


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
            (
                {"jwks": {"keys": [PRIVATE]}},
                {"jwks_uri": "https://a.example/jwks", "jwks": None},
                False,
            ),
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

    def test_keys_beside_jwks_uri_are_rejected(self, ory: FakeOry) -> None:
        add_clients(ory, make_client("a", jwks={"keys": [PRIVATE]}))
        with pytest.raises(OryBadRequest, match="can not both be set"):
            update_client("default", "a", {"jwks_uri": "https://a.example/jwks"})


class TestLostResponses:
    """Hydra makes a change, and the response does not arrive or cannot be read."""

    @pytest.mark.parametrize("fault", ["slow", "truncated", "html"])
    def test_change_that_was_made_is_found_by_reading_again(self, ory: FakeOry, fault: str) -> None:
        add_clients(ory, make_client("a", owner="eva"))
        lose_response(ory, "PATCH /admin/clients/{id}", fault=fault)
        change = update_client("default", "a", {"client_name": "New", "owner": "", "audience": []})
        assert (change.row.name, change.row.owner) == ("New", "")
        assert "the change was made" in change.problems[0]

    def test_change_that_was_not_made_raises_and_writes_the_row(self, ory: FakeOry) -> None:
        add_clients(ory, make_client("a"))
        lose_response(ory, "PATCH /admin/clients/{id}", made=False)
        with pytest.raises(OryTimeout):
            update_client("default", "a", {"client_name": "New"})
        assert OAuth2Client.objects.get().name == "Shop a"

    def test_value_that_hydra_ignored_is_a_problem(self, ory: FakeOry) -> None:
        add_clients(ory, make_client("a"))
        ory.respond("PATCH /admin/clients/{id}", json=make_client("a", client_name="New"))
        change = update_client("default", "a", {"client_name": "New", "owner": "eva", "contacts": []})
        assert change.problems == ("Ory has accepted the change, but stored other values for: owner.",)

    def test_error_of_hydra_itself_is_not_read_again(self, ory: FakeOry) -> None:
        add_clients(ory, make_client("a"))
        lose_response(ory, "PATCH /admin/clients/{id}", fault="error")
        lose_response(ory, "POST /admin/clients", fault="error", made=False)
        with pytest.raises(OryServerError):
            update_client("default", "a", {"client_name": "New"})
        with pytest.raises(OryServerError):
            rotate_client_secret("default", "a", keep_old=False)
        with pytest.raises(OryServerError):
            create_client("default", {"client_id": "b"})

    def test_new_client_keeps_the_secret_that_was_chosen(self, ory: FakeOry) -> None:
        lose_response(ory, "POST /admin/clients")
        change = create_client("default", {"client_id": "a", "client_secret": SECRET})
        assert (change.secret, ory.hydra.clients.secrets["a"]) == (SECRET, SECRET)
        assert change.row.client_id == "a"
        assert change.problems

    def test_new_client_that_was_not_created_raises(self, ory: FakeOry) -> None:
        lose_response(ory, "POST /admin/clients", made=False)
        for body in ({"client_id": "a"}, {}):
            with pytest.raises(OryTimeout):
                create_client("default", body)
        assert not OAuth2Client.objects.exists()

    def test_lifespans_that_were_set_are_found_by_reading_again(self, ory: FakeOry) -> None:
        add_clients(ory, make_client("a"))
        lose_response(ory, "PUT /admin/clients/{id}/lifespans")
        change = set_client_lifespans("default", "a", {LIFESPAN: "90m"})
        assert change.row.data[LIFESPAN] == "1h30m0s"


class TestOtherClientReturned:
    """A proxy answers with the client of another request."""

    def test_read_writes_no_row(self, ory: FakeOry) -> None:
        ory.respond("GET /admin/clients/a", json=make_client("b"))
        with pytest.raises(OryDecodeError):
            refresh_client("default", "a")
        with pytest.raises(OryDecodeError):
            update_client("default", "a", {"client_name": "New"})
        assert not OAuth2Client.objects.exists()
        assert not list_calls(ory, method="PATCH")

    def test_change_and_creation_write_no_row_of_the_other(self, ory: FakeOry) -> None:
        add_clients(ory, make_client("a"))
        ory.respond("PATCH /admin/clients/a", json=make_client("b", client_secret=SECRET))
        with pytest.raises(OryDecodeError):
            update_client("default", "a", {"client_name": "New"})
        ory.respond("POST /admin/clients", json=make_client("b", client_secret=SECRET), status=201)
        with pytest.raises(OryDecodeError):
            create_client("default", {"client_id": "c"})
        assert [row.client_id for row in OAuth2Client.objects.all()] == ["a"]


class TestSecrets:
    def test_replaced_secret_is_returned_and_not_stored(self, ory: FakeOry) -> None:
        add_clients(ory, make_client("a"))
        first = rotate_client_secret("default", "a", keep_old=False)
        second = rotate_client_secret("default", "a", keep_old=False)
        assert len(first.secret) > 40
        assert ory.hydra.clients.secrets["a"] == second.secret != first.secret
        assert second.secret not in read_table() + repr(second)

    @pytest.mark.parametrize("call", [rotate_keeping_old, remove_old_client_secrets])
    def test_server_without_rotation_changes_nothing(
        self, ory: FakeOry, call: Callable[[str, str], object]
    ) -> None:
        add_clients(ory, make_client("a"))
        with pytest.raises(RotationUnsupported):
            call("default", "a")
        assert not list_calls(ory, method="PATCH")

    def test_rotation_of_a_newer_server_keeps_the_old_secret(self, ory: FakeOry) -> None:
        add_clients(ory, make_client("a"))

        def rotate(request: FakeRequest) -> FakeResponse:
            return json_response(
                {**ory.hydra.clients.get("a"), "client_secret": request.json["client_secret"]}
            )

        ory.respond("POST /admin/clients/{id}/secrets/rotate", rotate)
        ory.respond("DELETE /admin/clients/{id}/secrets/rotate", json=make_client("a"))
        change = rotate_client_secret("default", "a", keep_old=True)
        assert (len(change.secret), change.problems) == (43, ())
        assert change.secret not in read_table()
        assert remove_old_client_secrets("default", "a").secret == ""

    def test_secret_that_the_server_chose_is_returned(self, ory: FakeOry) -> None:
        add_clients(ory, make_client("a"))
        ory.respond("POST /admin/clients/{id}/secrets/rotate", json=make_client("a", client_secret=SECRET))
        assert rotate_client_secret("default", "a", keep_old=True).secret == SECRET

    @pytest.mark.parametrize("fault", ["slow", "html"])
    def test_lost_response_returns_the_secret_with_a_warning(self, ory: FakeOry, fault: str) -> None:
        add_clients(ory, make_client("a"))
        ory.respond("PATCH /admin/clients/{id}", fault=fault)
        change = rotate_client_secret("default", "a", keep_old=False)
        assert change.secret
        assert "unknown whether this secret is valid" in change.problems[0]
        assert change.row.client_id == "a"

    def test_deleted_client_is_marked_missing(self, ory: FakeOry) -> None:
        OAuth2Client.objects.create(client_id="a")
        with pytest.raises(OryNotFound):
            rotate_client_secret("default", "a", keep_old=False)
        assert OAuth2Client.objects.get().missing_since is not None


class TestTokens:
    def test_lifespans_are_set_and_cleared_and_others_stay(self, ory: FakeOry) -> None:
        newer = {"of_a_newer_server_lifespan": "1h0m0s"}
        add_clients(ory, make_client("a", **newer))
        set_client_lifespans("default", "a", {LIFESPAN: "90m", "implicit_grant_id_token_lifespan": "1h"})
        row = set_client_lifespans("default", "a", {"implicit_grant_id_token_lifespan": None}).row
        assert (row.data[LIFESPAN], row.data["implicit_grant_id_token_lifespan"]) == ("1h30m0s", None)
        bodies = [request.json for request in ory.requests if request.method == "PUT"]
        assert bodies[1] == {LIFESPAN: "1h30m0s", **newer}
        assert get_client_lifespans(row.data).keys() >= {LIFESPAN, *newer}

    def test_lifespans_of_a_changed_client_are_a_conflict(self, ory: FakeOry) -> None:
        add_clients(ory, make_client("a"))
        seen = refresh_client("default", "a").data
        set_client_lifespans("default", "a", {LIFESPAN: "90m"}, seen=seen)
        with pytest.raises(EditConflict):
            set_client_lifespans("default", "a", {LIFESPAN: None}, seen=seen)

    def test_revoked_tokens_are_not_cached_either(
        self, ory: FakeOry, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        calls: list[Any] = []
        monkeypatch.setattr(client_tokens, "invalidate_tokens", lambda **values: calls.append(values))
        revoke_client_tokens("default", "a")
        assert list_calls(ory) == ["DELETE /admin/oauth2/tokens?client_id=a"]
        ory.set_fault("hydra", "down")
        with pytest.raises(OryConnectionError):
            revoke_client_tokens("default", "a")
        assert calls == [{"alias": "default", "client_id": "a"}] * 2


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
