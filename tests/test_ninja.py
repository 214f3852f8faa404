"""Django Ninja's security classes, with sessions and tokens of FakeOry."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.urls import include, path
from ninja import NinjaAPI

from django_ory.ninja import DeniedError, OAuth2Bearer, OrySession, add_exception_handler, get_urls
from django_ory.testing import FakeOry

AUDIENCE = "https://api.example"

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]

api = NinjaAPI(urls_namespace="tests-ninja")
add_exception_handler(api)


@api.get("/photos", auth=OAuth2Bearer("photos.read"))
def get_photos(request: HttpRequest) -> dict[str, Any]:
    return {"client": request.auth.token.client_id}  # type: ignore[attr-defined]


@api.get("/async-photos", auth=OAuth2Bearer("photos.read"))
async def get_photos_async(request: HttpRequest) -> dict[str, Any]:
    return {"client": request.auth.token.client_id}  # type: ignore[attr-defined]


@api.post("/profile", auth=OrySession())
def change_profile(request: HttpRequest) -> dict[str, Any]:
    return {"identity": request.auth.identity.id}  # type: ignore[attr-defined]


@api.get("/payout", auth=OrySession(aal="aal2"))
def get_payout(request: HttpRequest) -> dict[str, Any]:
    return {}


urlpatterns = [path("auth/", include("django_ory.urls")), path("api/", get_urls(api))]


@pytest.fixture(autouse=True)
def audience(settings: Any) -> None:
    settings.ORY = {"default": {**settings.ORY["default"], "OAUTH2_AUDIENCE": [AUDIENCE]}}


def call(client: Client, ory: FakeOry, *scopes: str, audience: str = AUDIENCE) -> Any:
    token = ory.create_token("photo-lab", scope=scopes, audience=[audience])
    return client.get("/api/photos", headers={"authorization": f"Bearer {token.value}"})


def test_token_with_the_scope_reaches_the_view(client: Client, ory: FakeOry) -> None:
    assert call(client, ory, "photos.read").json() == {"client": "photo-lab"}


def test_async_operation_is_reached_with_a_token(client: Client, ory: FakeOry) -> None:
    token = ory.create_token("photo-lab", scope=["photos.read"], audience=[AUDIENCE])
    response = client.get("/api/async-photos", headers={"authorization": f"Bearer {token.value}"})
    assert response.json() == {"client": "photo-lab"}
    assert client.get("/api/async-photos").status_code == 401


def test_denied_tokens_get_the_status_and_the_challenge(client: Client, ory: FakeOry) -> None:
    response = client.get("/api/photos")
    assert (response.status_code, response["WWW-Authenticate"]) == (401, "Bearer")
    response = call(client, ory, "photos.read", audience="https://other.example")
    assert (response.status_code, response["WWW-Authenticate"]) == (401, 'Bearer error="invalid_token"')
    response = call(client, ory, "other")
    assert response.status_code == 403
    assert response["WWW-Authenticate"] == 'Bearer error="insufficient_scope", scope="photos.read"'


def test_response_is_503_while_hydra_is_down(client: Client, ory: FakeOry) -> None:
    with ory.fault("hydra", "down"):
        response = call(client, ory, "photos.read")
    assert (response.status_code, response["Retry-After"]) == (503, "5")


def test_cookie_needs_a_csrf_token_and_a_session_token_does_not(ory: FakeOry) -> None:
    client = Client(enforce_csrf_checks=True)
    session = ory.login(client)
    assert client.post("/api/profile").status_code == 403
    response = Client(enforce_csrf_checks=True).post(
        "/api/profile", headers={"x-session-token": session.token}
    )
    assert response.json() == {"identity": session.identity_id}


def test_session_without_second_factor_gets_the_page_of_the_step_up(client: Client, ory: FakeOry) -> None:
    ory.login(client)
    response = client.get("/api/payout")
    assert response.status_code == 403
    assert "aal=aal2" in response.json()["redirect_browser_to"]


def test_other_urls_of_the_api_stay_as_they_are() -> None:
    nested = NinjaAPI(urls_namespace="tests-ninja-other")
    patterns, app_name, namespace = get_urls(nested)
    assert (app_name, namespace) == ("ninja", "tests-ninja-other")
    assert {str(each.pattern) for each in patterns} >= {"openapi.json", ""}


@pytest.mark.parametrize("auth", [OAuth2Bearer("photos.read"), OrySession()], ids=["token", "session"])
def test_credential_of_the_request_counts_not_the_one_that_ninja_read(
    ory: FakeOry, rf: RequestFactory, auth: Any
) -> None:
    token = ory.create_token("photo-lab", scope=["photos.read"], audience=[AUDIENCE]).value
    with pytest.raises(DeniedError):
        auth.authenticate(rf.get("/"), token)


def test_token_and_the_session_of_another_user_are_rejected(client: Client, ory: FakeOry) -> None:
    ory.login(client)
    response = call(client, ory, "photos.read")
    assert (response.status_code, response["WWW-Authenticate"]) == (401, 'Bearer error="invalid_token"')


def test_schema_names_both_schemes(client: Client) -> None:
    schemes = client.get("/api/openapi.json").json()["components"]["securitySchemes"]
    assert schemes["OAuth2Bearer"] == {"type": "http", "scheme": "bearer"}
    assert schemes["OrySession"] == {"type": "apiKey", "in": "cookie", "name": "ory_kratos_session"}
