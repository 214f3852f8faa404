"""An API on Django REST framework, called with sessions and access tokens of FakeOry."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse
from django.test import Client

from django_ory.rest_framework.permissions import HasScope
from django_ory.testing import FakeOry
from django_ory.testing.fake.signing_keys import SigningKeys
from tests.rest_framework.urls import TwoPerHour

AUDIENCE = "https://api.example"
CLIENT_ID = "photo-lab"

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.rest_framework.urls")]


@pytest.fixture(autouse=True)
def api_settings(settings: Any) -> None:
    settings.ORY = {
        "default": {**settings.ORY["default"], "OAUTH2_AUDIENCE": [AUDIENCE], "OAUTH2_VERIFICATION": "auto"}
    }
    settings.REST_FRAMEWORK = {"EXCEPTION_HANDLER": "django_ory.rest_framework.handlers.exception_handler"}


@pytest.fixture
def identity_id(ory: FakeOry) -> str:
    return ory.create_identity({"email": "ann@example.org"}).id


@pytest.fixture(params=["opaque", "jwt"])
def token(request: pytest.FixtureRequest, ory: FakeOry, identity_id: str) -> Callable[..., str]:
    """Makes access tokens, opaque ones and JWTs. By default they belong to a user."""

    def make(*scopes: str, **values: Any) -> str:
        values = {"subject": identity_id, "audience": [AUDIENCE], **values}
        return ory.create_token(
            values.pop("client_id", CLIENT_ID), scope=scopes, as_jwt=request.param == "jwt", **values
        ).value

    return make


class KeyRecorder:
    """An empty cache that records the requested keys."""

    def __init__(self, keys: list[str]) -> None:
        self._keys = keys

    def get(self, key: str, default: Any = None) -> Any:
        self._keys.append(key)
        return default

    def set(self, key: str, value: Any, timeout: float) -> None:
        self._keys.append(key)


def record_user(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware that reads ``request.user`` after the view."""

    def respond(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response["X-User"] = str(request.user.is_authenticated)
        return response

    return respond


def call(client: Client, path: str, token: str = "", *, method: str = "get", **headers: str) -> Any:
    if token:
        headers["authorization"] = f"Bearer {token}"
    response: HttpResponse = getattr(client, method)(path, headers=headers)
    return response


class TestAuthentication:
    def test_token_of_a_user_gives_its_django_user(
        self, client: Client, token: Callable[..., str], identity_id: str
    ) -> None:
        response = call(client, "/any/", token())
        user: Any = get_user_model().objects.get(ory_identities__identity_id=identity_id)
        assert response.json() == {"user": str(user), "pk": str(user.pk), "auth": "UserPrincipal"}

    def test_token_of_a_client_has_no_django_user(self, client: Client, token: Callable[..., str]) -> None:
        response = call(client, "/any/", token(subject=""))
        assert response.json() == {"user": CLIENT_ID, "pk": None, "auth": "ClientPrincipal"}
        assert get_user_model().objects.count() == 0

    def test_session_token_needs_no_csrf_token(self, ory: FakeOry, identity_id: str) -> None:
        client, session = Client(enforce_csrf_checks=True), ory.create_session(identity_id)
        for headers in ({"x-session-token": session.token}, {"authorization": f"Bearer {session.token}"}):
            response = client.post("/any/", headers=headers)
            assert response.json()["auth"] == "Session"

    def test_cookie_needs_a_csrf_token_to_write(self, ory: FakeOry, identity_id: str) -> None:
        client = Client(enforce_csrf_checks=True)
        ory.login(client, identity_id)
        assert client.get("/any/").status_code == 200
        response = client.post("/any/")
        assert response.status_code == 403
        assert "CSRF" in response.json()["detail"]

    @pytest.mark.parametrize("path", ["/any/", "/session/", "/introspection/", "/jwt/"])
    def test_anonymous_request_gets_401_and_a_challenge_without_an_error(
        self, client: Client, ory: FakeOry, path: str
    ) -> None:
        response = call(client, path)
        assert (response.status_code, response["WWW-Authenticate"]) == (401, "Bearer")

    def test_anonymous_page_is_told_where_to_sign_in_and_returns(self, client: Client, ory: FakeOry) -> None:
        page = "http://testserver/desk/"
        for path in ("/any/", "/session/"):
            answer = client.get(path, headers={"referer": page}).json()
            assert answer["code"] == "session_inactive"
            assert answer["redirect_browser_to"].startswith("http://testserver/auth/login/?")
            assert parse_qs(urlsplit(answer["redirect_browser_to"]).query) == {"return_to": [page]}
        foreign = client.get("/any/", headers={"referer": "https://evil.example/"}).json()
        assert foreign["redirect_browser_to"] == "http://testserver/auth/login/"

    def test_anonymous_client_of_an_api_for_tokens_gets_no_page(self, client: Client, ory: FakeOry) -> None:
        assert "redirect_browser_to" not in call(client, "/jwt/").json()

    @pytest.mark.urls("tests.rest_framework.urls_without_pages")
    def test_site_without_pages_names_none(self, client: Client, ory: FakeOry) -> None:
        assert call(client, "/any/").json() == {
            "detail": "Sign in to continue.",
            "code": "session_inactive",
        }

    def test_invalid_token_gets_401_also_on_an_open_view(
        self, client: Client, ory: FakeOry, token: Callable[..., str]
    ) -> None:
        for bad in (
            "ory_at_unknown",
            token(expires_in=-60),
            token(audience=["https://other.example"]),
            "a b",
            "x" * 100_000,
            "é",
        ):
            response = call(client, "/open/", bad)
            assert (response.status_code, response["WWW-Authenticate"]) == (
                401,
                'Bearer error="invalid_token"',
            )

    def test_refresh_token_is_rejected(self, client: Client, ory: FakeOry, identity_id: str) -> None:
        stored = ory.hydra.tokens.add_token(
            CLIENT_ID, subject=identity_id, audience=[AUDIENCE], use="refresh_token"
        )
        assert call(client, "/any/", stored.value).status_code == 401

    @pytest.mark.parametrize("state", ["user", "identity"])
    def test_inactive_user_or_identity_is_rejected(
        self, client: Client, ory: FakeOry, token: Callable[..., str], identity_id: str, state: str
    ) -> None:
        call(client, "/any/", token())
        user: Any = get_user_model().objects.get(ory_identities__identity_id=identity_id)
        if state == "user":
            user.is_active = False
            user.save()
        else:
            user.ory_identities.update(state="inactive")
        response = call(client, "/any/", token())
        assert (response.status_code, response["WWW-Authenticate"]) == (401, 'Bearer error="invalid_token"')

    @pytest.mark.parametrize("path", ["/without-user/", "/any/"])
    def test_inactive_user_is_anonymous_for_middleware_after_the_view(
        self, client: Client, ory: FakeOry, token: Callable[..., str], settings: Any, path: str
    ) -> None:
        settings.MIDDLEWARE = ["tests.rest_framework.test_api.record_user", *settings.MIDDLEWARE]
        response = call(client, path, token("photos.read"))
        assert (response.status_code, response["X-User"]) == (200, "True")
        get_user_model().objects.update(is_active=False)
        response = call(client, path, token("photos.read"))
        assert (response.status_code, response["X-User"]) == (401 if path == "/any/" else 200, "False")

    def test_outage_is_an_anonymous_user_for_middleware_after_the_view(
        self, client: Client, ory: FakeOry, token: Callable[..., str], settings: Any
    ) -> None:
        settings.MIDDLEWARE = ["tests.rest_framework.test_api.record_user", *settings.MIDDLEWARE]
        value = token("photos.read")
        call(client, "/open/", value)  # the keys, and the answer of the introspection
        get_user_model().objects.all().delete()
        with ory.fault("kratos", "down"):
            response = call(client, "/without-user/", value)
        assert (response.status_code, response["X-User"]) == (200, "False")

    @pytest.mark.parametrize("subject", ["ann", "9f425a8d", "x" * 300, "é"])
    def test_subject_that_is_no_identity_is_rejected(
        self, client: Client, token: Callable[..., str], subject: str
    ) -> None:
        assert call(client, "/any/", token(subject=subject)).status_code == 401
        assert call(client, "/verified/", token(subject=subject)).status_code == 403

    def test_deleted_identity_is_rejected(
        self, client: Client, ory: FakeOry, token: Callable[..., str], identity_id: str
    ) -> None:
        ory.delete_identity(identity_id)
        assert call(client, "/any/", token()).status_code == 401

    def test_token_and_a_session_of_another_user_are_rejected(
        self, client: Client, ory: FakeOry, token: Callable[..., str]
    ) -> None:
        ory.login(client)
        assert call(client, "/any/", token()).status_code == 401
        assert call(client, "/any/", token(subject="")).status_code == 401

    @pytest.mark.parametrize("path", ["/any/", "/session/"])
    def test_session_token_and_the_cookie_of_a_session_are_rejected(
        self, client: Client, ory: FakeOry, identity_id: str, path: str
    ) -> None:
        ory.login(client)
        token = ory.create_session(identity_id).token
        assert call(client, path, token).status_code == 401
        assert call(Client(), path, token).status_code == 200

    def test_malformed_token_beside_a_cookie_is_rejected_where_tokens_are_accepted(
        self, client: Client, ory: FakeOry, identity_id: str
    ) -> None:
        ory.login(client, identity_id)
        assert call(client, "/any/", "a b").status_code == 401
        assert call(client, "/session/", "a b").json()["auth"] == "Session"

    def test_audience_of_a_class_replaces_that_of_the_settings(
        self, client: Client, token: Callable[..., str]
    ) -> None:
        assert call(client, "/other-audience/", token()).status_code == 401
        other = token(audience=["https://other.example"])
        assert call(client, "/other-audience/", other).status_code == 200
        assert call(client, "/any/", other).status_code == 401

    def test_token_and_an_unknown_session_are_503_while_kratos_is_unavailable(
        self, client: Client, ory: FakeOry, token: Callable[..., str], identity_id: str
    ) -> None:
        value = token()
        ory.login(client, identity_id)
        with ory.fault("kratos", "down"):
            assert call(client, "/any/", value).status_code == 503

    def test_first_token_of_a_user_is_503_while_kratos_is_unavailable(
        self, client: Client, ory: FakeOry, token: Callable[..., str]
    ) -> None:
        value = token()
        with ory.fault("kratos", "down"):
            response = call(client, "/any/", value)
        assert (response.status_code, response["Retry-After"]) == (503, "5")
        assert call(client, "/any/", value).status_code == 200

    def test_user_without_the_admin_api_of_kratos_is_rejected(
        self, client: Client, token: Callable[..., str], settings: Any
    ) -> None:
        value = token()
        settings.ORY = {"default": {**settings.ORY["default"], "KRATOS_ADMIN_URL": ""}}
        assert call(client, "/any/", value).status_code == 401

    @pytest.mark.parametrize("path", ["/session/", "/any/"])
    def test_session_of_an_inactive_user_is_rejected(
        self, client: Client, ory: FakeOry, identity_id: str, path: str
    ) -> None:
        ory.login(client, identity_id)
        call(client, path)
        get_user_model().objects.update(is_active=False)
        response = call(client, path)
        assert response.status_code == 401
        assert "cannot use this site" in response.json()["detail"]

    def test_session_that_must_verify_its_address_first_is_told_to(
        self, client: Client, ory: FakeOry, settings: Any
    ) -> None:
        settings.ORY = {"default": {**settings.ORY["default"], "LINK_BY_VERIFIED_EMAIL": True}}
        model: Any = get_user_model()
        model.objects.create(**{model.USERNAME_FIELD: "bob", "email": "bob@example.org"})
        ory.login(client, ory.create_identity({"email": "bob@example.org"}, verified=False))
        response = call(client, "/session/")
        assert response.status_code == 401
        assert "Verify your email" in response.json()["detail"]

    def test_token_and_a_session_of_the_same_user_are_accepted(
        self, client: Client, ory: FakeOry, token: Callable[..., str], identity_id: str
    ) -> None:
        ory.login(client, identity_id)
        assert call(client, "/any/", token()).json()["auth"] == "UserPrincipal"

    @pytest.mark.parametrize("kind", ["down", "slow", "error", "html", "truncated", "rate_limited"])
    def test_token_gets_503_while_hydra_is_unavailable(self, client: Client, ory: FakeOry, kind: str) -> None:
        for as_jwt, path in ((False, "/introspection/"), (True, "/jwt/")):
            value = ory.create_token(CLIENT_ID, audience=[AUDIENCE], as_jwt=as_jwt).value
            with ory.fault("hydra", kind):
                response = call(client, path, value)
            assert response.status_code == 503
            assert response["Retry-After"] == "5"
            assert "WWW-Authenticate" not in response

    def test_session_gets_503_while_kratos_is_unavailable(
        self, client: Client, ory: FakeOry, identity_id: str
    ) -> None:
        session = ory.create_session(identity_id)
        with ory.fault("kratos", "down"):
            response = call(client, "/any/", **{"x-session-token": session.token})
        assert response.status_code == 503

    def test_signing_key_of_a_rotation_is_accepted_at_once(
        self, client: Client, ory: FakeOry, identity_id: str
    ) -> None:
        def get_status() -> int:
            value = ory.create_token(CLIENT_ID, subject=identity_id, audience=[AUDIENCE], as_jwt=True).value
            return int(call(client, "/jwt/", value).status_code)

        assert get_status() == 200
        ory.hydra.tokens.keys.rotate()
        assert get_status() == 200

    def test_jwt_of_another_hydra_is_rejected(self, client: Client, ory: FakeOry) -> None:
        claims = {"aud": [AUDIENCE], "client_id": "x", "sub": "x", "iss": "http://hydra.test:4444"}
        forged = SigningKeys().sign({**claims, "exp": int(time.time()) + 60})
        assert call(client, "/jwt/", forged).status_code == 401

    def test_no_token_is_in_the_log_or_the_response(
        self, client: Client, token: Callable[..., str], caplog: pytest.LogCaptureFixture
    ) -> None:
        value = token(expires_in=-60)
        response = call(client, "/any/", value)
        assert value not in response.content.decode() + caplog.text


class TestScopes:
    def test_all_scopes_are_required(self, client: Client, token: Callable[..., str]) -> None:
        assert call(client, "/scope/", token("photos.read", "photos.write")).status_code == 200
        response = call(client, "/scope/", token("photos.read"))
        assert response.status_code == 403
        assert response["WWW-Authenticate"] == 'Bearer error="insufficient_scope", scope="photos.write"'

    def test_one_of_several_scopes_is_required(self, client: Client, token: Callable[..., str]) -> None:
        assert call(client, "/any-scope/", token("b")).status_code == 200
        assert call(client, "/any-scope/", token("c")).status_code == 403

    def test_scopes_by_method_deny_other_methods(self, client: Client, token: Callable[..., str]) -> None:
        value = token("photos.read")
        assert call(client, "/method-scope/", value).status_code == 200
        assert call(client, "/method-scope/", value, method="post").status_code == 403

    @pytest.mark.parametrize(
        ("strategy", "scope", "expected"),
        [("exact", "photos.*", 403), ("wildcard", "photos.*", 200), ("hierarchic", "photos", 200)],
    )
    def test_strategy_of_the_settings_decides(
        self,
        client: Client,
        token: Callable[..., str],
        settings: Any,
        strategy: str,
        scope: str,
        expected: int,
    ) -> None:
        settings.ORY = {"default": {**settings.ORY["default"], "OAUTH2_SCOPE_STRATEGY": strategy}}
        assert call(client, "/scope/", token(scope)).status_code == expected

    def test_session_has_no_scopes(self, client: Client, ory: FakeOry) -> None:
        ory.login(client)
        assert call(client, "/scope/").status_code == 403
        assert call(client, "/scope-or-session/").status_code == 200

    def test_permissions_are_combined(self, client: Client, token: Callable[..., str]) -> None:
        assert call(client, "/user-and-scope/", token("photos.read")).status_code == 200
        assert call(client, "/user-and-scope/", token("photos.read", subject="")).status_code == 403
        assert call(client, "/user-and-scope/", token()).status_code == 403
        assert call(client, "/no-scope/", token()).status_code == 200
        assert call(client, "/no-scope/", token("photos.read")).status_code == 403

    def test_head_needs_the_scopes_of_get(self, client: Client, token: Callable[..., str]) -> None:
        assert call(client, "/method-scope/", token("photos.read"), method="head").status_code == 200
        assert call(client, "/method-scope/", token(), method="head").status_code == 403

    def test_scope_without_a_name_is_an_error_of_the_code(self) -> None:
        with pytest.raises(ValueError, match="at least one scope"):
            HasScope()


class TestRequirements:
    def test_session_without_second_factor_is_sent_to_the_step_up(
        self, client: Client, ory: FakeOry, identity_id: str
    ) -> None:
        ory.login(client, identity_id)
        response = call(client, "/aal2/")
        assert response.status_code == 403
        assert response.json()["code"] == "session_aal2_required"
        assert "aal=aal2" in response.json()["redirect_browser_to"]
        ory.login(client, identity_id, aal="aal2")
        assert call(client, "/aal2/").status_code == 200

    def test_session_whose_identity_needs_its_second_factor_is_sent_to_the_step_up_of_every_view(
        self, client: Client, ory: FakeOry
    ) -> None:
        ory.login(client, ory.create_identity(second_factor=True))
        response = call(client, "/any/")
        assert response.status_code == 403
        assert response.json()["code"] == "session_aal2_required"
        assert "aal=aal2" in response.json()["redirect_browser_to"]

    def test_token_without_second_factor_gets_the_required_level(
        self, client: Client, token: Callable[..., str]
    ) -> None:
        response = call(client, "/aal2/", token(claims={"acr": "aal1"}))
        assert response.status_code == 401
        assert response["WWW-Authenticate"] == (
            'Bearer error="insufficient_user_authentication", acr_values="aal2"'
        )
        assert call(client, "/aal2/", token(claims={"acr": "aal2"})).status_code == 200

    def test_old_sign_in_is_sent_to_the_login_page(
        self, client: Client, ory: FakeOry, identity_id: str
    ) -> None:
        ory.login(client, identity_id, authenticated_at=timedelta(minutes=6))
        response = call(client, "/recent/")
        assert response.status_code == 403
        assert "refresh=true" in response.json()["redirect_browser_to"]
        ory.login(client, identity_id, authenticated_at=timedelta(minutes=4))
        assert call(client, "/recent/").status_code == 200

    @pytest.mark.parametrize("age", [301, None, "text", True, -60])
    def test_token_of_an_old_or_unknown_sign_in_gets_the_allowed_age(
        self, client: Client, token: Callable[..., str], age: Any
    ) -> None:
        auth_time = time.time() - age if isinstance(age, int) and age is not True else age
        response = call(client, "/recent/", token(claims={"auth_time": auth_time}))
        assert response.status_code == 401
        assert 'max_age="300"' in response["WWW-Authenticate"]

    def test_token_of_a_recent_sign_in_is_accepted(self, client: Client, token: Callable[..., str]) -> None:
        assert (
            call(client, "/recent/", token(claims={"auth_time": int(time.time()) - 200})).status_code == 200
        )

    @pytest.mark.parametrize("verified", [True, False])
    def test_verified_address_is_required(self, client: Client, ory: FakeOry, verified: bool) -> None:
        identity = ory.create_identity({"email": "bob@example.org"}, verified=verified)
        expected = 200 if verified else 403
        value = ory.create_token(CLIENT_ID, subject=identity.id, audience=[AUDIENCE]).value
        call(client, "/any/", value)
        assert call(client, "/verified/", value).status_code == expected
        ory.login(client, identity)
        assert call(client, "/verified/").status_code == expected

    def test_user_without_a_row_is_not_verified(self, client: Client, token: Callable[..., str]) -> None:
        assert call(client, "/verified/", token()).status_code == 403

    @pytest.mark.parametrize(("path", "user", "machine"), [("/user/", 200, 403), ("/client/", 403, 200)])
    def test_users_and_clients_are_distinguished(
        self, client: Client, token: Callable[..., str], path: str, user: int, machine: int
    ) -> None:
        assert call(client, path, token()).status_code == user
        assert call(client, path, token(subject="")).status_code == machine


class TestThrottle:
    def test_all_credentials_of_a_user_share_a_rate(
        self, client: Client, ory: FakeOry, token: Callable[..., str], identity_id: str
    ) -> None:
        session = ory.create_session(identity_id)
        assert call(client, "/throttled/", token()).status_code == 200
        assert call(client, "/throttled/", **{"x-session-token": session.token}).status_code == 200
        assert call(client, "/throttled/", token()).status_code == 429
        assert call(client, "/throttled/", token(subject="")).status_code == 200

    def test_anonymous_requests_are_throttled_by_address(self, client: Client) -> None:
        statuses = [call(client, "/open-throttled/").status_code for _ in range(3)]
        assert statuses == [200, 200, 429]

    def test_key_of_any_subject_is_a_key_of_every_cache(
        self, client: Client, token: Callable[..., str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        keys: list[str] = []
        monkeypatch.setattr(TwoPerHour, "cache", KeyRecorder(keys))
        call(client, "/open-throttled/", token(subject="a b\n" + "x" * 300))
        assert keys
        assert all(re.fullmatch(r"[\x21-\x7e]{1,200}", key) for key in keys)
