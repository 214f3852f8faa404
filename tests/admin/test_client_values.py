"""Every field of an OAuth2 client in the admin: values, checks, conflicts, refusals and lost responses."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from django_ory.admin.clients.client_fields import ClientFields
from django_ory.admin.clients.fieldsets import TRUST_FIELDS, VALUE_FIELDSETS
from django_ory.admin.clients.refusals import find_refused_field
from django_ory.client import models
from django_ory.mirror.clients import sync_clients
from django_ory.models import OAuth2Client
from tests.support.resources import SECRET, add_clients, fail, list_calls, lose_response

from .test_client_edit import get_errors, get_form_values, get_sent, make_shop
from .test_clients import ADD, get_form_data
from .test_clients import get_sent as get_created

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from django_ory.testing import FakeOry

pytestmark = pytest.mark.django_db

KEY = {"kty": "EC", "kid": "1", "crv": "P-256", "x": "eA", "y": "eQ"}
KEYS = {"keys": [KEY]}
#: Members that staff cannot edit in the form, with the reason.
NOT_IN_THE_FORM = {
    "client_id": "cannot be changed",
    "client_secret": "has a page of its own",
    "client_secret_expires_at": "always 0",
    "created_at": "set by Hydra",
    "updated_at": "set by Hydra",
    "registration_access_token": "for dynamic registration",
    "registration_client_uri": "for dynamic registration",
}


@pytest.fixture
def stored(ory: FakeOry) -> Callable[..., str]:
    """Puts a client into Hydra and the mirror. Returns the address of its page."""

    def store(**values: Any) -> str:
        add_clients(ory, make_shop(**values))
        sync_clients("default")
        ory.requests.clear()
        return reverse("admin:django_ory_oauth2client_change", args=[OAuth2Client.objects.get().pk])

    return store


def test_form_has_every_member_of_a_client() -> None:
    members = {name for name in models.OAuth2Client.model_fields if not name.endswith("_lifespan")}
    assert members - NOT_IN_THE_FORM.keys() == ClientFields.base_fields.keys()


def test_each_field_is_in_one_group() -> None:
    names = [name for _title, options in VALUE_FIELDSETS for name in options["fields"]]
    assert sorted(ClientFields.base_fields) == sorted([*names, "client_name", "owner"])
    assert {*names}.issuperset(TRUST_FIELDS)


class TestValues:
    @pytest.mark.parametrize(
        ("name", "typed", "value"),
        [
            ("allowed_cors_origins", "https://app.example\nhttp://localhost:3000", None),
            (
                "request_uris",
                "https://shop.example/request.jwt#digest",
                ["https://shop.example/request.jwt#digest"],
            ),
            ("token_endpoint_auth_signing_alg", "ES256", "ES256"),
            ("jwks", json.dumps(KEYS), KEYS),
            ("skip_logout_consent", "true", True),
            ("skip_logout_consent", "false", False),
            ("frontchannel_logout_uri", "https://shop.example/logout?a=b", "https://shop.example/logout?a=b"),
            ("frontchannel_logout_session_required", "on", True),
            ("backchannel_logout_uri", "http://shop:8000/logout", "http://shop:8000/logout"),
            ("backchannel_logout_session_required", "on", True),
            ("subject_type", "pairwise", "pairwise"),
            ("sector_identifier_uri", "https://shop.example/uris.json", "https://shop.example/uris.json"),
            ("access_token_strategy", "jwt", "jwt"),
            ("userinfo_signed_response_alg", "RS256", "RS256"),
            ("request_object_signing_alg", "none", "none"),
            ("client_uri", "https://shop.example", "https://shop.example"),
            ("logo_uri", "https://shop.example/logo.svg", "https://shop.example/logo.svg"),
            ("policy_uri", "https://shop.example/privacy#data", "https://shop.example/privacy#data"),
            ("tos_uri", "https://shop.example/terms", "https://shop.example/terms"),
            ("contacts", "eva@shop.example\r\nbo@shop.example", ["eva@shop.example", "bo@shop.example"]),
            ("metadata", '{"team": ["a", 1, null, true, 1.5]}', {"team": ["a", 1, None, True, 1.5]}),
            ("metadata", '"text"', "text"),
        ],
    )
    def test_changed_field_is_sent_shown_and_cleared(
        self, admin: Client, stored: Callable[..., str], ory: FakeOry, name: str, typed: str, value: Any
    ) -> None:
        value = typed.split("\n") if value is None else value
        url = stored()
        data = get_form_values(admin, url)
        assert admin.post(url, {**data, name: typed}).status_code == 302
        assert get_sent(ory) == {name: value}
        assert OAuth2Client.objects.get().data[name] == value

        ory.requests.clear()
        again = get_form_values(admin, url, with_html=True)
        assert admin.post(url, again).status_code == 302
        assert not list_calls(ory, method="PATCH")  # submitted as shown

        del again[name]
        assert admin.post(url, again).status_code == 302
        [(sent_name, cleared)] = get_sent(ory).items()
        assert (sent_name, bool(cleared)) == (name, False)

    def test_all_fields_of_a_new_client_are_sent(self, admin: Client, ory: FakeOry) -> None:
        values = {
            "client_id": "my-shop_1.test~",
            "jwks_uri": "https://shop.example/jwks.json",
            "token_endpoint_auth_method": "private_key_jwt",
            "skip_logout_consent": "false",
            "allowed_cors_origins": "https://app.example",
            "metadata": '{"a": 1}',
            "backchannel_logout_uri": "https://shop.example/logout",
            "subject_type": "public",
        }
        response = admin.post(ADD, get_form_data(**values))
        assert response.status_code == 200, response.context["adminform"].form.errors
        sent = get_created(ory)
        expected = {"skip_logout_consent": False, "allowed_cors_origins": ["https://app.example"]}
        assert sent.items() >= {**values, **expected, "metadata": {"a": 1}}.items()
        assert "client_secret" not in sent

    def test_members_without_a_field_are_kept_and_shown(
        self, admin: Client, stored: Callable[..., str], ory: FakeOry
    ) -> None:
        newer = {"of_a_newer_server": {"a": [1]}, "implicit_grant_id_token_lifespan": "1h0m0s"}
        url = stored(**newer)
        assert "of_a_newer_server" in admin.get(url).content.decode()
        assert admin.post(url, {**get_form_values(admin, url), "client_name": "New"}).status_code == 302
        assert get_sent(ory) == {"client_name": "New"}
        assert ory.hydra.clients.clients["a"].items() >= newer.items()

    def test_view_only_page_shows_each_value(
        self, staff_with: Callable[..., Client], stored: Callable[..., str]
    ) -> None:
        url = stored(
            jwks=KEYS, metadata={"team": "Zoë"}, skip_logout_consent=True, contacts=["eva@x.example"]
        )
        html = staff_with("view_oauth2client").get(url).content.decode()
        for text in ("P-256", "Zoë", "eva@x.example", "Skip the logout page", "Sector identifier URI"):
            assert text in html


class TestChecks:
    @pytest.mark.parametrize(
        ("values", "field", "message"),
        [
            ({"redirect_uris": "https://a.example/cb#top"}, "redirect_uris", "contains a fragment"),
            ({"redirect_uris": "https://a.example:99999/cb"}, "redirect_uris", "not a valid URI"),
            ({"request_uris": "ftp://a.example/x"}, "request_uris", "must start with https:// or http://"),
            (
                {"allowed_cors_origins": "https://app.example/path"},
                "allowed_cors_origins",
                "Did you mean https://app.example?",
            ),
            ({"allowed_cors_origins": "https://app.example/"}, "allowed_cors_origins", "Did you mean"),
            ({"allowed_cors_origins": "https://eva@app.example"}, "allowed_cors_origins", "Did you mean"),
            ({"allowed_cors_origins": "*"}, "allowed_cors_origins", "has no scheme"),
            (
                {"sector_identifier_uri": "http://a.example"},
                "sector_identifier_uri",
                "must start with https://",
            ),
            ({"backchannel_logout_uri": "nope"}, "backchannel_logout_uri", "has no scheme"),
            ({"backchannel_logout_uri": "https://a.example/#x"}, "backchannel_logout_uri", "fragment"),
            ({"frontchannel_logout_uri": "shop:logout"}, "frontchannel_logout_uri", "must start with"),
            ({"logo_uri": "javascript:alert(1)"}, "logo_uri", "is not allowed"),
            (
                {"token_endpoint_auth_method": "none", "backchannel_logout_uri": "http://shop/logout"},
                "backchannel_logout_uri",
                "must start with https://",
            ),
            ({"token_endpoint_auth_method": "private_key_jwt"}, "jwks_uri", "needs the public keys"),
            ({"jwks_uri": "https://a.example", "jwks": json.dumps(KEYS)}, "jwks", "not both"),
            (
                {"subject_type": "pairwise", "redirect_uris": "https://a.example/1\nhttps://a.example/2"},
                "sector_identifier_uri",
                "exactly one redirect URI",
            ),
            ({"subject_type": "pairwise", "access_token_strategy": "jwt"}, "subject_type", "needs opaque"),
            ({"jwks": json.dumps({"keys": [{**KEY, "d": "secret"}]})}, "jwks", "contains a secret part"),
            ({"jwks": json.dumps({"keys": [{"kty": "oct", "k": "x"}]})}, "jwks", "contains a secret part"),
            ({"jwks": json.dumps({"keys": [KEY, {"kty": "RSA", "n": 1}]})}, "jwks", "Key 2 lacks n, e."),
            ({"jwks": json.dumps({"keys": [{"kty": ["EC"]}]})}, "jwks", "needs a “kty”"),
            ({"jwks": json.dumps([KEY])}, "jwks", "Enter a JWK set"),
            ({"jwks": '{"keys": []}'}, "jwks", "Enter a JWK set"),
            ({"metadata": '{"a":\n oops}'}, "metadata", "line 2, column 2"),
            ({"metadata": "NaN"}, "metadata", "NaN is not allowed"),
            ({"metadata": "1e999"}, "metadata", "too large"),
            ({"metadata": "9" * 5000}, "metadata", "too large"),
            ({"metadata": "[" * 100_000}, "metadata", "nested too deeply"),
            ({"metadata": "[" * 60 + "]" * 60}, "metadata", "nested too deeply"),
            ({"metadata": '{"a": 1, "a": 2}'}, "metadata", "name is repeated"),
            ({"metadata": '"\\u0000"'}, "metadata", "cannot be stored"),
            ({"metadata": '"' + "a" * 100_000 + '"'}, "metadata", "at most 100000"),
            ({"client_name": "a\x00b"}, "client_name", "Null characters"),
            ({"client_name": "a" * 10_240}, "client_name", "at most 255"),
            ({"subject_type": "secret"}, "subject_type", "not one of the available choices"),
        ],
    )
    def test_invalid_input_is_an_error_at_its_field(
        self,
        admin: Client,
        stored: Callable[..., str],
        ory: FakeOry,
        values: dict[str, str],
        field: str,
        message: str,
    ) -> None:
        url = stored()
        errors = get_errors(admin.post(url, {**get_form_values(admin, url), **values}))
        assert list(errors) == [field]
        assert message in str(errors[field])
        assert list(get_errors(admin.post(ADD, get_form_data(**values)))) == [field]
        assert not list_calls(ory, method="PATCH") + list_calls(ory, method="POST")

    @pytest.mark.parametrize("client_id", ["a/b", "a b", "..", "ä", "a" * 256, "", "a?b"])
    def test_id_that_no_url_can_have_is_an_error(self, admin: Client, ory: FakeOry, client_id: str) -> None:
        assert list(get_errors(admin.post(ADD, get_form_data(client_id=client_id)))) == ["client_id"]
        assert not list_calls(ory, method="POST")

    @pytest.mark.parametrize(
        "values",
        [
            {"metadata": {"a": 10**30, "b": "\u202e\ud800"}},
            {"jwks": {"keys": [{"kty": "oct", "k": SECRET, "kid": "1"}]}},
            {"allowed_cors_origins": ["https://*.a.example", "nope"]},
            {"backchannel_logout_uri": "nope", "sector_identifier_uri": "http://a.example"},
            {"subject_type": "pairwise", "redirect_uris": ["https://a.example", "https://b.example"]},
            {"access_token_strategy": "magic", "userinfo_signed_response_alg": "ES256"},
            {"contacts": ["no address", "no address"]},
            {"client_name": "n\u0000ul", "owner": "\u202eright to left"},
            {"redirect_uris": [f"https://shop.example/{number}" for number in range(500)]},
        ],
    )
    def test_untouched_values_are_neither_validated_nor_changed(
        self, admin: Client, stored: Callable[..., str], ory: FakeOry, values: dict[str, Any]
    ) -> None:
        url = stored(**values)
        assert (
            admin.post(url, {**get_form_values(admin, url, with_html=True), "scope": "openid x"}).status_code
            == 302
        )
        assert get_sent(ory) == {"scope": "openid x"}

    def test_unencrypted_redirect_uri_is_a_warning(self, admin: Client, stored: Callable[..., str]) -> None:
        url = stored(redirect_uris=["http://old.example/cb"])
        uris = "http://old.example/cb\nhttp://new.example/cb\nhttp://localhost:8000/cb\nhttp://a.localhost/cb"
        page = admin.post(url, {**get_form_values(admin, url), "redirect_uris": uris}, follow=True)
        warnings = [str(each) for each in page.context["messages"] if each.level_tag == "warning"]
        assert warnings == [
            "“http://new.example/cb” is not encrypted. Hydra redirects there in development mode only."
        ]


PREAMBLE = (
    "The value of one of the Client Metadata fields is invalid and the server has rejected this request. "
    "Note that an Authorization Server MAY choose to substitute a valid value for any requested parameter "
    "of a Client's Metadata."
)


class TestRefusals:
    @pytest.mark.parametrize(
        ("reason", "field"),
        [
            ("Redirect URIs must not contain fragments (#).", "redirect_uris"),
            ("Origin URL https://a.example/p must have an empty path.", "allowed_cors_origins"),
            ("Subject type pairwise is not supported by server, only [public] are allowed.", "subject_type"),
            ("invalid access token strategy: expected 'jwt'", "access_token_strategy"),
            (
                "Only RS256 are supported as algorithms for private key authentication.",
                "token_endpoint_auth_signing_alg",
            ),
            (
                "Field userinfo_signed_response_alg can either be 'none' or 'RS256'.",
                "userinfo_signed_response_alg",
            ),
            ("post_logout_redirect_uris is bad", "post_logout_redirect_uris"),
            ("Fields jwks and jwks_uri can not both be set, you must choose one.", "jwks_uri"),
            ("The database is full.", None),
        ],
    )
    def test_reason_is_shown_at_the_field_without_preamble(self, reason: str, field: str | None) -> None:
        assert find_refused_field(f"{PREAMBLE} {reason}", ["scope"]) == (field, reason)

    def test_missing_reason_is_explained(self) -> None:
        name, text = find_refused_field(PREAMBLE, ["scope", "sector_identifier_uri"])
        assert (name, "list does not contain all redirect URIs" in text) == ("sector_identifier_uri", True)
        assert find_refused_field(PREAMBLE, ["scope"]) == (None, "Ory rejected the values without a reason.")

    def test_timeout_with_a_sector_identifier_is_an_error_at_its_field(
        self, admin: Client, stored: Callable[..., str], ory: FakeOry
    ) -> None:
        url = stored()
        ory.respond("PATCH /admin/clients/{id}", fault="slow")
        uri = "https://unreachable.example/uris.json"
        errors = get_errors(admin.post(url, {**get_form_values(admin, url), "sector_identifier_uri": uri}))
        assert list(errors) == ["sector_identifier_uri"]

    def test_secret_that_a_client_with_keys_cannot_use_is_not_shown(
        self, admin: Client, ory: FakeOry
    ) -> None:
        keys = {"token_endpoint_auth_method": "private_key_jwt", "jwks": json.dumps(KEYS)}
        html = admin.post(ADD, get_form_data(**keys)).content.decode()
        assert "This client has no secret" in html
        assert next(iter(ory.hydra.clients.secrets.values())) not in html

    def test_refused_field_shows_the_reason_and_keeps_the_input(
        self, admin: Client, stored: Callable[..., str], ory: FakeOry
    ) -> None:
        url = stored()
        reason = "Subject type pairwise is not supported by server, only [public] are allowed."
        fail(ory, "PATCH /admin/clients/{id}", 400, f"{PREAMBLE} {reason}")
        page = admin.post(url, {**get_form_values(admin, url), "subject_type": "pairwise"})
        assert get_errors(page) == {"subject_type": [reason]}
        assert '<option value="pairwise" selected>' in page.content.decode()
        assert OAuth2Client.objects.get().data["subject_type"] == "public"


class TestConflicts:
    def test_changes_of_others_are_shown_and_the_input_is_kept(
        self, admin: Client, stored: Callable[..., str], ory: FakeOry
    ) -> None:
        url = stored(skip_consent=True, contacts=["old@x.example"])
        data = {**get_form_values(admin, url), "client_name": "Mine", "owner": "my owner"}
        theirs = {
            "client_name": "Theirs",
            "scope": "openid photos",
            "skip_consent": False,
            "grant_types": ["authorization_code", "client_credentials"],
            "of_a_newer_server": "x",
        }
        add_clients(ory, make_shop(contacts=["old@x.example"], **theirs))
        page = admin.post(url, data)
        form = page.context["adminform"].form
        assert "It was changed in Ory" in str(get_errors(page))
        shown = {each.name: each for each in form.conflicts}
        assert shown.keys() == theirs.keys()
        name = shown["client_name"]
        assert (name.label, name.before, name.now, name.yours) == ("Name", "Shop a", "Theirs", "Mine")
        assert shown["scope"].yours is None
        html = page.content.decode()
        assert "Changed in Ory in the meantime" in html
        assert 'value="Mine"' in html
        assert not list_calls(ory, method="PATCH")

        # The form of the response, submitted again, changes the edited fields only.
        ory.requests.clear()
        again = {name: form[name].value() for name in form.fields}
        again = {name: value for name, value in again.items() if value not in (False, None, "")}
        assert admin.post(url, again).status_code == 302
        assert get_sent(ory) == {"client_name": "Mine", "owner": "my owner"}
        now = ory.hydra.clients.clients["a"]
        assert now.items() >= {**theirs, "client_name": "Mine"}.items()

    def test_replaced_secret_is_no_conflict(
        self, admin: Client, stored: Callable[..., str], ory: FakeOry
    ) -> None:
        url = stored()
        data = get_form_values(admin, url)
        ory.hydra.clients.clients["a"]["updated_at"] = "2026-02-02T03:04:05Z"
        sync_clients("default")
        assert admin.post(url, {**data, "client_name": "New"}).status_code == 302

    @pytest.mark.parametrize("version", ["", "forged", "of another client"])
    def test_invalid_version_changes_nothing(
        self, admin: Client, stored: Callable[..., str], ory: FakeOry, version: str
    ) -> None:
        url = stored()
        data = get_form_values(admin, url)
        if version == "of another client":
            add_clients(ory, make_shop(client_id="b"))
            sync_clients("default")
            other = reverse(
                "admin:django_ory_oauth2client_change", args=[OAuth2Client.objects.get(client_id="b").pk]
            )
            version = get_form_values(admin, other)["version"]
        page = admin.post(url, {**data, "client_name": "New", "version": version})
        assert get_errors(page)
        assert not list_calls(ory, method="PATCH")

    @pytest.mark.parametrize("was_made", [True, False])
    def test_lost_response_is_explained_and_the_input_is_kept(
        self, admin: Client, stored: Callable[..., str], ory: FakeOry, was_made: bool
    ) -> None:
        url = stored()
        data = get_form_values(admin, url)
        lose_response(ory, "PATCH /admin/clients/{id}", made=was_made)
        page = admin.post(url, {**data, "client_name": "New"}, follow=True)
        if was_made:
            assert "the change was made" in str([str(each) for each in page.context["messages"]])
            assert OAuth2Client.objects.get().name == "New"
            assert LogEntry.objects.count() == 1
        else:
            assert "unknown whether the change was made" in str(get_errors(page))
            assert 'value="New"' in page.content.decode()
            assert not LogEntry.objects.exists()
