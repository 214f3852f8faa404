"""The admin pages of OAuth2 clients on a real Hydra: every field, the secret, tokens and a test sign-in."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from django.urls import reverse

from django_ory.clients import get_client
from django_ory.mirror.clients import create_client, delete_client
from django_ory.models import OAuth2Client

from .test_clients import ADD, build_body, build_form, read_form, token

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.test import Client

    from django_ory.devstack import StackAddresses
    from django_ory.mirror.clients import ClientChange

pytestmark = [pytest.mark.live, pytest.mark.django_db]

LIFESPAN = "client_credentials_grant_access_token_lifespan"
KEYS = {
    "keys": [
        {
            "kty": "EC",
            "kid": "1",
            "crv": "P-256",
            "x": "6SJCPnuu4qqXJ9g3UKStaDzwYtV-k9VJabWNJ-7F1oo",
            "y": "sp8T5pnlZ5S7ELdTCmBp05aYMkFksj0QdxNZsTx-k9Y",
        }
    ]
}
#: Field -> the input; the values that Hydra then has are those of ``EXPECTED``, or the input.
TYPED = {
    "client_name": "Shed \u202e door",
    "owner": "eva",
    "grant_types": ["authorization_code", "refresh_token", "client_credentials", "implicit"],
    "response_types": ["code", "code id_token"],
    "scope": "openid offline_access photos.*",
    "audience": "https://api.example\nhttps://other.example",
    "redirect_uris": "https://a.example/1\ncom.example.app:/cb",
    "post_logout_redirect_uris": "https://a.example/bye",
    "allowed_cors_origins": "https://app.example\nhttp://localhost:3000",
    "request_uris": "https://a.example/request.jwt",
    "token_endpoint_auth_method": "private_key_jwt",
    "token_endpoint_auth_signing_alg": "ES256",
    "jwks": json.dumps(KEYS),
    "skip_consent": "on",
    "skip_logout_consent": "false",
    "frontchannel_logout_uri": "https://a.example/front",
    "frontchannel_logout_session_required": "on",
    "backchannel_logout_uri": "https://a.example/back",
    "backchannel_logout_session_required": "on",
    "access_token_strategy": "jwt",
    "userinfo_signed_response_alg": "RS256",
    "request_object_signing_alg": "RS256",
    "client_uri": "https://a.example",
    "logo_uri": "https://a.example/logo.svg",
    "policy_uri": "https://a.example/privacy",
    "tos_uri": "https://a.example/terms",
    "contacts": "eva@a.example\nbo@a.example",
    "metadata": '{"team": ["a", null, 1.5]}',
}
LISTS = (
    *("audience", "redirect_uris", "post_logout_redirect_uris", "allowed_cors_origins"),
    *("request_uris", "contacts"),
)
EXPECTED = {
    **{name: TYPED[name].split("\n") for name in LISTS},  # type: ignore[attr-defined]
    "jwks": KEYS,
    "metadata": json.loads(str(TYPED["metadata"])),
    "skip_consent": True,
    "skip_logout_consent": False,
    "frontchannel_logout_session_required": True,
    "backchannel_logout_session_required": True,
}


@pytest.fixture
def made() -> Iterator[ClientChange]:
    """A client with a secret that gets tokens on its own behalf."""
    change = create_client("default", build_body())
    yield change
    delete_client("default", change.row.client_id)


def get_url(name: str, client_id: str) -> str:
    row = OAuth2Client.objects.get(client_id=client_id)
    return reverse(f"admin:django_ory_oauth2client_{name}", args=[row.pk])


def read_client(client_id: str) -> dict[str, Any]:
    return get_client().admin_get_o_auth2_client(client_id).model_dump(mode="json", exclude_unset=True)


def test_every_field_is_stored_shown_and_cleared(
    servers: StackAddresses, admin: Client, made: ClientChange
) -> None:
    client_id = made.row.client_id
    url = get_url("change", client_id)
    before = read_client(client_id)
    response = admin.post(url, {**read_form(admin, url), **TYPED})
    assert response.status_code == 302, response.context["adminform"].form.errors
    stored = read_client(client_id)
    assert {name: stored[name] for name in TYPED} == {**TYPED, **EXPECTED}

    # Submitted as shown, nothing is changed.
    assert admin.post(url, read_form(admin, url)).status_code == 302
    assert read_client(client_id) == stored

    # The values of before, in the form again. The client needs a secret again, which is shown.
    original = {name: before.get(name) for name in TYPED}
    lines = {name: "\n".join(original[name] or []) for name in LISTS}
    texts = {
        name: value for name, value in {**original, **lines, "metadata": "", "jwks": ""}.items() if value
    }
    again = {"version": read_form(admin, url)["version"], "subject_type": "public", **texts}
    response = admin.post(url, again)
    assert response.status_code == 200
    found = re.search(r'id="ory-client-secret">([^<]+)<', response.content.decode())
    assert found is not None, response.context["adminform"].form.errors
    assert token(servers, client_id, found[1]).status_code == 200
    cleared = read_client(client_id)
    cleared["skip_logout_consent"] = before["skip_logout_consent"]  # False, which means the same as null
    assert {**cleared, "updated_at": ""} == {**before, "updated_at": ""}


def test_new_client_with_every_field_is_created_and_copied(admin: Client) -> None:
    values = build_form(**TYPED)
    response = admin.post(ADD, values)
    assert response.status_code == 200
    assert "has no secret" in response.content.decode(), response.context["adminform"].form.errors
    stored = read_client(values["client_id"])
    assert {name: stored[name] for name in TYPED} == {**TYPED, **EXPECTED}
    row = OAuth2Client.objects.get(client_id=values["client_id"])

    copy_url = f"{ADD}?duplicate={row.pk}"
    data = read_form(admin, copy_url)
    response = admin.post(copy_url, data)
    assert "has no secret" in response.content.decode(), response.context["adminform"].form.errors
    copied = read_client(data["client_id"])
    assert {name: copied[name] for name in TYPED} == {
        **TYPED,
        **EXPECTED,
        "client_name": f"{TYPED['client_name']} (copy)",
    }
    for client_id in (values["client_id"], data["client_id"]):
        delete_client("default", client_id)


def test_client_that_skipped_the_logout_page_asks_again(admin: Client, made: ClientChange) -> None:
    url = get_url("change", made.row.client_id)
    for choice, stored in (("true", True), ("", False)):
        data = {**read_form(admin, url), "skip_logout_consent": choice}
        assert admin.post(url, data).status_code == 302
        assert read_client(made.row.client_id)["skip_logout_consent"] is stored


@pytest.mark.parametrize(
    ("values", "field", "part"),
    [
        ({"subject_type": "pairwise", "redirect_uris": "https://a.example"}, "subject_type", "not supported"),
        ({"allowed_cors_origins": "https://a.example?x"}, "allowed_cors_origins", "not an origin"),
        (
            {"sector_identifier_uri": "https://127.0.0.1:1/uris.json"},
            "sector_identifier_uri",
            "not read this URL",
        ),
    ],
)
def test_refusal_of_hydra_is_shown_at_its_field(
    admin: Client, made: ClientChange, values: dict[str, str], field: str, part: str
) -> None:
    url = get_url("change", made.row.client_id)
    errors = admin.post(url, {**read_form(admin, url), **values}).context["adminform"].form.errors
    assert list(errors) == [field]
    assert part in errors[field][0]


def test_new_secret_works_and_the_old_one_is_refused(
    servers: StackAddresses, admin: Client, made: ClientChange
) -> None:
    client_id = made.row.client_id
    url = get_url("secret", client_id)
    html = admin.post(url, {"mode": "keep"}).content.decode()
    assert "cannot keep the old secret" in html  # this version cannot
    assert token(servers, client_id, made.secret).status_code == 200
    found = re.search(
        r'id="ory-client-secret">([^<]+)<', admin.post(url, {"mode": "replace"}).content.decode()
    )
    assert found is not None
    assert token(servers, client_id, found[1]).status_code == 200
    assert token(servers, client_id, made.secret).status_code == 401


def test_lifespan_applies_to_new_tokens_until_it_is_cleared(
    servers: StackAddresses, admin: Client, made: ClientChange
) -> None:
    client_id = made.row.client_id
    url = get_url("lifespans", client_id)
    default = token(servers, client_id, made.secret).json()["expires_in"]
    for typed, expected in (("90s", 90), ("", default)):
        form = admin.get(url).context["form"]
        data = {name: form[name].value() for name in form.fields}
        assert admin.post(url, {**data, LIFESPAN: typed}).status_code == 302
        assert abs(token(servers, client_id, made.secret).json()["expires_in"] - expected) <= 2


def test_revoked_access_token_is_inactive(servers: StackAddresses, admin: Client, made: ClientChange) -> None:
    access_token = token(servers, made.row.client_id, made.secret).json()["access_token"]
    assert get_client().admin_introspect_o_auth2_token(token=access_token).active
    assert admin.post(get_url("revoke", made.row.client_id), {"tokens": "1"}).status_code == 302
    assert not get_client().admin_introspect_o_auth2_token(token=access_token).active


@pytest.mark.parametrize("method", ["none", "client_secret_basic"])
def test_test_sign_in_leads_to_the_login_page(servers: StackAddresses, admin: Client, method: str) -> None:
    made = create_client(
        "default",
        {
            "redirect_uris": ["https://a.example/callback"],
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            "scope": "openid offline_access",
            "token_endpoint_auth_method": method,
        },
    )
    page = admin.get(get_url("connect", made.row.client_id))
    assert f"{servers.hydra_public_url}/oauth2/token" in page.content.decode()
    answer = requests.get(page.context["login_url"], allow_redirects=False, timeout=10)
    assert answer.status_code == 302
    target = urlsplit(answer.headers["Location"])
    assert "login_challenge" in parse_qs(target.query), answer.headers["Location"]
    request = get_client().admin_get_o_auth2_login_request(
        login_challenge=parse_qs(target.query)["login_challenge"][0]
    )
    assert request.client is not None
    assert request.client.client_id == made.row.client_id
    delete_client("default", made.row.client_id)
