"""Hydra's operations beyond their specification: credentials, redirects, texts, leniency, strictness."""

from __future__ import annotations

import base64
import inspect
import json
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
import responses

from django_ory.client import (
    ChallengeGone,
    OryBadRequest,
    OryClient,
    OryDecodeError,
    OryUnauthorized,
    OryUsageError,
    models,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

PUBLIC = "http://hydra.test:4444"
ADMIN = "http://hydra.test:4445"


@pytest.fixture
def hydra() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mock:
        yield mock


@pytest.fixture
def client() -> Iterator[OryClient]:
    with OryClient(hydra_public_url=PUBLIC, hydra_admin_url=ADMIN, api_key="ory_pat_key") as client:
        yield client


def sent(hydra: responses.RequestsMock) -> Any:
    return hydra.calls[-1].request


def form(hydra: responses.RequestsMock) -> dict[str, str]:
    body = sent(hydra).body
    return dict(parse_qsl(body.decode() if isinstance(body, bytes) else body))


def test_basic_authentication_encodes_id_and_secret_first(
    client: OryClient, hydra: responses.RequestsMock
) -> None:
    hydra.post(
        f"{PUBLIC}/oauth2/token", json={"access_token": "a", "expires_in": 3600, "token_type": "bearer"}
    )
    tokens = client.perform_o_auth2_token_flow(
        grant_type="client_credentials", basic_auth=("my app", "p:ss wörd%+")
    )
    assert (tokens.access_token, tokens.expires_in) == ("a", 3600)
    scheme, _, credentials = sent(hydra).headers["Authorization"].partition(" ")
    assert (scheme, base64.b64decode(credentials)) == ("Basic", b"my+app:p%3Ass+w%C3%B6rd%25%2B")
    assert form(hydra) == {"grant_type": "client_credentials"}


@pytest.mark.parametrize(
    "credentials",
    [
        ("only-one",),
        ("id", None),
        ("a", "b", "c"),
        "ab",
        5,
        b"cd",
        {"a": "b", "c": "d"},
        ("planted\ud800", "s"),
    ],
)
def test_basic_auth_that_is_not_a_pair_is_rejected(credentials: Any, client: OryClient) -> None:
    with pytest.raises(OryUsageError, match="basic_auth") as caught:
        client.revoke_o_auth2_token(token="t", basic_auth=credentials)
    assert "planted" not in str(caught.value)


def test_empty_token_ends_the_iteration(client: OryClient, hydra: responses.RequestsMock) -> None:
    hydra.get(f"{PUBLIC}/userinfo", status=401)
    with pytest.raises(OryUnauthorized):
        client.get_oidc_user_info(access_token="")
    assert "Authorization" not in sent(hydra).headers


def test_client_authenticates_with_form_fields(client: OryClient, hydra: responses.RequestsMock) -> None:
    hydra.post(f"{PUBLIC}/oauth2/revoke", body="")
    client.revoke_o_auth2_token(token="t", client_id="app", client_secret="s")
    assert form(hydra) == {"token": "t", "client_id": "app", "client_secret": "s"}
    assert "Authorization" not in sent(hydra).headers


@pytest.mark.parametrize(
    ("claim", "value", "read"),
    [
        ("updated_at", 1700000000, 1700000000),
        ("updated_at", 1700000000.5, None),
        ("updated_at", "2026-01-01T00:00:00Z", None),
        ("email_verified", True, True),
        ("email_verified", "true", True),
        ("email_verified", "maybe", None),
        ("email_verified", {}, None),
        ("name", {"first": "a"}, None),
        ("locale", ["de"], None),
        ("phone_number", 491511234567, "491511234567"),
        ("name", None, None),
    ],
)
def test_claim_of_a_wrong_type_is_none(
    claim: str, value: Any, read: Any, client: OryClient, hydra: responses.RequestsMock
) -> None:
    hydra.get(f"{PUBLIC}/userinfo", json={"sub": "s", claim: value, "email": "eva@example.org"})
    claims = client.get_oidc_user_info(access_token="a")
    assert isinstance(claims, models.OidcUserInfo)
    assert (claims.sub, claims.email, getattr(claims, claim)) == ("s", "eva@example.org", read)


@pytest.mark.parametrize("value", [7, True, ["s"], {}, 1.5])
def test_numeric_subject_becomes_text(value: Any, client: OryClient, hydra: responses.RequestsMock) -> None:
    hydra.get(f"{PUBLIC}/userinfo", json={"sub": value})
    with pytest.raises(OryDecodeError):
        client.get_oidc_user_info(access_token="a")


def test_token_flow_sends_the_parameters_of_each_grant(
    client: OryClient, hydra: responses.RequestsMock
) -> None:
    hydra.post(f"{PUBLIC}/oauth2/token", json={})
    parameters: dict[str, Any] = {
        "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "client_id": "app",
        "client_secret": "s",
        "code": "c",
        "redirect_uri": "https://app.test/cb",
        "code_verifier": "v",
        "refresh_token": "r",
        "scope": "a b",
        "audience": "https://api.test",
        "device_code": "d",
        "assertion": "j",
        "client_assertion": "k",
        "client_assertion_type": "urn:x",
    }
    client.oauth2_token_exchange(**parameters)
    assert form(hydra) == parameters


def test_authorization_is_a_redirect_with_cookies(client: OryClient, hydra: responses.RequestsMock) -> None:
    hydra.get(
        f"{PUBLIC}/oauth2/auth",
        status=302,
        headers={
            "Location": "https://site.test/login?login_challenge=c",
            "Set-Cookie": "ory_hydra_login_csrf=x",
        },
    )
    info = client.with_http_info.o_auth2_authorize(
        client_id="app", response_type="code", scope="openid", code_challenge="cc", max_age=0, cookie="a=b"
    )
    assert (info.data, info.status) == ("https://site.test/login?login_challenge=c", 302)
    assert info.set_cookies == ["ory_hydra_login_csrf=x"]
    assert parse_qs(urlsplit(sent(hydra).url).query) == {
        "client_id": ["app"],
        "response_type": ["code"],
        "scope": ["openid"],
        "code_challenge": ["cc"],
        "max_age": ["0"],
    }
    assert sent(hydra).headers["Cookie"] == "a=b"


def test_authorization_sends_all_parameters_of_the_standards(
    client: OryClient, hydra: responses.RequestsMock
) -> None:
    hydra.get(f"{PUBLIC}/oauth2/auth", body="<form>", content_type="text/html")
    parameters = {
        name: f"some {name}"
        for name in inspect.signature(OryClient.o_auth2_authorize).parameters
        if name not in ("self", "resource", "cookie")
    }
    assert {"response_mode", "display", "acr_values", "code_challenge_method"} <= parameters.keys()
    page = client.o_auth2_authorize(**cast("dict[str, Any]", parameters), resource=["https://api.test"])
    assert page == "<form>"
    query = dict(parse_qsl(urlsplit(sent(hydra).url).query))
    assert query == {**parameters, "resource": "https://api.test"}


def test_logout_through_the_browser_is_a_page(client: OryClient, hydra: responses.RequestsMock) -> None:
    hydra.get(f"{PUBLIC}/oauth2/sessions/logout", body="<iframe>", content_type="text/html")
    info = client.with_http_info.revoke_oidc_session(logout_verifier="v", cookie="a=b")
    assert (info.data, info.status) == ("<iframe>", 200)
    assert urlsplit(sent(hydra).url).query == "logout_verifier=v"


def test_device_flow_sends_the_client(client: OryClient, hydra: responses.RequestsMock) -> None:
    hydra.post(f"{PUBLIC}/oauth2/device/auth", json={"user_code": "AB-CD", "device_code": "d", "interval": 5})
    device = client.o_auth2_device_flow(scope="openid", basic_auth=("tv", "s"))
    assert (device.user_code, device.interval) == ("AB-CD", 5)
    assert "AB-CD" not in repr(device)
    assert form(hydra) == {"scope": "openid"}
    assert sent(hydra).headers["Authorization"].startswith("Basic ")


def test_userinfo_sends_the_token_and_returns_a_jwt(client: OryClient, hydra: responses.RequestsMock) -> None:
    hydra.get(f"{PUBLIC}/userinfo", json={"sub": "s", "color": "blue"})
    hydra.get(f"{PUBLIC}/userinfo", body="a.b.c", content_type="application/jwt; charset=utf-8")
    claims = client.get_oidc_user_info(access_token="ory_at_x")
    assert isinstance(claims, models.OidcUserInfo)
    assert (claims.sub, claims.model_extra) == ("s", {"color": "blue"})
    assert sent(hydra).headers["Authorization"] == "Bearer ory_at_x"
    assert client.get_oidc_user_info(access_token="ory_at_x") == "a.b.c"


def test_userinfo_of_another_type_is_a_decode_error(client: OryClient, hydra: responses.RequestsMock) -> None:
    hydra.get(f"{PUBLIC}/userinfo", body="<html>", content_type="text/html")
    with pytest.raises(OryDecodeError):
        client.get_oidc_user_info(access_token="ory_at_x")


def test_token_with_line_break_is_not_sent(client: OryClient) -> None:
    with pytest.raises(OryUsageError) as caught:
        client.get_oidc_user_info(access_token="secret\r\nX-Evil: 1")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(("name", "method"), [("get", "GET"), ("update", "PUT"), ("delete", "DELETE")])
def test_registration_access_token_is_sent(
    name: str, method: str, client: OryClient, hydra: responses.RequestsMock
) -> None:
    hydra.add(method, f"{PUBLIC}/oauth2/register/app", json={"client_id": "app"})
    body = {"body": models.OAuth2Client(client_name="New")} if name == "update" else {}
    operation = getattr(client, f"dynamic_client_registration_{name}_o_auth2_client")
    operation("app", registration_access_token="ory_rt_x", **body)
    assert sent(hydra).headers["Authorization"] == "Bearer ory_rt_x"


def test_nonce_for_a_credential_is_in_the_error(client: OryClient, hydra: responses.RequestsMock) -> None:
    hydra.post(f"{PUBLIC}/credentials", status=400, json={"error": "missing_proof", "c_nonce": "n"})
    with pytest.raises(OryBadRequest) as caught:
        client.create_verifiable_credential(body={"format": "jwt_vc_json"}, access_token="ory_at_x")
    assert caught.value.body["c_nonce"] == "n"
    assert sent(hydra).headers["Authorization"] == "Bearer ory_at_x"


@pytest.mark.parametrize("kind", ["login", "consent", "logout"])
def test_answered_challenge_has_redirect_to(
    kind: str, client: OryClient, hydra: responses.RequestsMock
) -> None:
    hydra.get(
        f"{ADMIN}/admin/oauth2/auth/requests/{kind}",
        status=410,
        json={"redirect_to": f"{PUBLIC}/oauth2/auth?x"},
    )
    with pytest.raises(ChallengeGone) as caught:
        getattr(client, f"get_o_auth2_{kind}_request")(**{f"{kind}_challenge": "very-secret"})
    assert caught.value.redirect_to == f"{PUBLIC}/oauth2/auth?x"
    assert "very-secret" not in f"{caught.value}{caught.value!r}"


def test_only_what_is_set_is_sent(client: OryClient, hydra: responses.RequestsMock) -> None:
    hydra.put(f"{ADMIN}/admin/oauth2/auth/requests/consent/accept", json={"redirect_to": "/x"})
    session = models.AcceptOAuth2ConsentRequestSession(id_token={"a": 1})
    body = models.AcceptOAuth2ConsentRequest(grant_scope=["openid"], remember=False, session=session)
    assert client.accept_o_auth2_consent_request(consent_challenge="c", body=body).redirect_to == "/x"
    assert json.loads(sent(hydra).body) == {
        "grant_scope": ["openid"],
        "remember": False,
        "session": {"id_token": {"a": 1}},
    }


def test_patch_may_be_models(client: OryClient, hydra: responses.RequestsMock) -> None:
    hydra.patch(f"{ADMIN}/admin/clients/app", json={"client_id": "app"})
    move = models.JsonPatch(op="move", path="/a", from_="/b")
    client.patch_o_auth2_client("app", body=[move, {"op": "remove", "path": "/c"}])
    assert json.loads(sent(hydra).body) == [
        {"op": "move", "path": "/a", "from": "/b"},
        {"op": "remove", "path": "/c"},
    ]


def test_responses_are_parsed_leniently(client: OryClient, hydra: responses.RequestsMock) -> None:
    hydra.get(
        f"{ADMIN}/admin/oauth2/auth/requests/consent",
        json={
            "challenge": "c",
            "client": {
                "client_id": "app",
                "grant_types": None,
                "jwks": {},
                "subject_type": "tomorrow",
                "novel": 1,
            },
            "amr": None,
            "context": "any JSON",
            "oidc_context": None,
        },
    )
    request = client.get_o_auth2_consent_request(consent_challenge="c")
    assert (request.client.grant_types, request.amr, request.context) == ([], [], "any JSON")
    assert request.client.model_extra == {"novel": 1}
    assert (request.skip, request.subject, request.client.subject_type) == (False, "", "tomorrow")


def test_client_model_survives_a_round_trip(client: OryClient, hydra: responses.RequestsMock) -> None:
    whole = {
        "client_id": "app",
        "created_at": "2026-01-02T03:04:05Z",
        "metadata": {"a": [1]},
        "skip_consent": False,
    }
    hydra.get(f"{ADMIN}/admin/clients/app", json=whole)
    hydra.put(f"{ADMIN}/admin/clients/app", json=whole)
    app = client.get_o_auth2_client("app")
    app.client_name = "Renamed"
    client.set_o_auth2_client("app", body=app)
    assert json.loads(sent(hydra).body) == {**whole, "client_name": "Renamed"}
