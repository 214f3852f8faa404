"""``oauth2_required``: plain Django views that need an access token, sync and async."""

from __future__ import annotations

from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.http import HttpRequest, JsonResponse
from django.test import AsyncClient, Client
from django.urls import include, path
from django.views import View

from django_ory.conf import OryConfigurationError
from django_ory.decorators import oauth2_required
from django_ory.mixins import OAuth2RequiredMixin
from django_ory.testing import FakeOry

RESOURCE = "http://testserver/api"
METADATA = "http://testserver/.well-known/oauth-protected-resource/api"
CLIENT_ID = "photo-lab"

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


def describe(request: Any) -> JsonResponse:
    return JsonResponse({"principal": type(request.oauth2).__name__, "user": request.user.pk})


@oauth2_required
def plain(request: HttpRequest) -> JsonResponse:
    return describe(request)


@oauth2_required(scopes=["photos.read"])
def scoped(request: HttpRequest) -> JsonResponse:
    return describe(request)


@oauth2_required
async def aplain(request: HttpRequest) -> JsonResponse:
    return describe(request)


@oauth2_required(scopes=["photos.read"])
async def ascoped(request: HttpRequest) -> JsonResponse:
    return describe(request)


@oauth2_required
async def auser(request: HttpRequest) -> JsonResponse:
    user = await request.auser()
    return JsonResponse({"user": str(user.pk)})


class Scoped(OAuth2RequiredMixin, View):
    oauth2_scopes = ("photos.read",)

    def get(self, request: HttpRequest) -> JsonResponse:
        return describe(request)

    def post(self, request: HttpRequest) -> JsonResponse:
        return describe(request)


class AsyncScoped(OAuth2RequiredMixin, View):
    oauth2_scopes = ("photos.read",)

    async def get(self, request: HttpRequest) -> JsonResponse:
        return describe(request)


urlpatterns = [
    path("api/class/", Scoped.as_view()),
    path("api/async-class/", AsyncScoped.as_view()),
    path("auth/", include("django_ory.urls")),
    path(".well-known/oauth-protected-resource", include("django_ory.tokens.urls")),
    path("api/plain/", plain),
    path("api/scoped/", scoped),
    path("api/aplain/", aplain),
    path("api/auser/", auser),
    path("api/ascoped/", ascoped),
    path("other/", plain),
]


@pytest.fixture(autouse=True)
def ory_settings(settings: Any) -> None:
    resources = {"/api": {"name": "Photos", "scopes": ["photos.read"]}, "/api/admin": {}}
    settings.ORY = {
        "default": {
            **settings.ORY["default"],
            "OAUTH2_RESOURCES": resources,
            "OAUTH2_AUDIENCE": ["https://other.example"],
        }
    }


def create_token(ory: FakeOry, *scopes: str, subject: str = "", audience: str = RESOURCE) -> str:
    return ory.create_token(CLIENT_ID, scope=scopes, subject=subject, audience=[audience]).value


def call(path: str, token: str = "", *, method: str = "get", client: Client | None = None) -> Any:
    headers = {"authorization": f"Bearer {token}"} if token else {}
    return getattr(client or Client(enforce_csrf_checks=True), method)(path, headers=headers)


def test_user_of_an_async_view_is_that_of_the_token_not_of_the_cookie(
    ory: FakeOry, client: Client, django_user_model: Any
) -> None:
    other = django_user_model.objects.create(**{django_user_model.USERNAME_FIELD: "other@example.org"})
    client.force_login(other, backend="django.contrib.auth.backends.ModelBackend")
    identity = ory.create_identity()
    user_pk = call("/api/auser/", create_token(ory, subject=identity.id), client=client).json()["user"]
    assert user_pk not in {None, str(other.pk)}
    assert call("/api/auser/", create_token(ory), client=client).json() == {"user": "None"}


def test_class_based_view_needs_no_csrf_token(ory: FakeOry) -> None:
    assert call("/api/class/", create_token(ory, "photos.read"), method="post").status_code == 200


@pytest.mark.parametrize("path", ["/api/plain/", "/api/aplain/"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_token_of_a_user_reaches_the_view_without_a_csrf_token(ory: FakeOry, path: str, method: str) -> None:
    identity = ory.create_identity()
    content = call(path, create_token(ory, subject=identity.id), method=method).json()
    assert content["principal"] == "UserPrincipal"
    assert content["user"] is not None


@pytest.mark.parametrize("path", ["/api/plain/", "/api/aplain/"])
def test_token_of_a_client_has_no_user(ory: FakeOry, path: str) -> None:
    assert call(path, create_token(ory)).json() == {"principal": "ClientPrincipal", "user": None}


def test_async_client_reaches_an_async_view(ory: FakeOry) -> None:
    headers = {"authorization": f"Bearer {create_token(ory)}"}
    assert async_to_sync(AsyncClient().get)("/api/aplain/", headers=headers).status_code == 200


@pytest.mark.parametrize("path", ["/api/plain/", "/api/aplain/"])
def test_session_without_a_token_gets_a_challenge_with_the_metadata(ory: FakeOry, path: str) -> None:
    client = Client()
    ory.login(client)
    response = call(path, client=client)
    assert response.status_code == 401
    assert response["WWW-Authenticate"] == f'Bearer resource_metadata="{METADATA}"'
    assert response["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/api/scoped/", "/api/ascoped/", "/api/class/", "/api/async-class/"])
def test_missing_scope_is_named(ory: FakeOry, path: str) -> None:
    assert call(path, create_token(ory, "photos.read")).status_code == 200
    response = call(path, create_token(ory, "photos.write"))
    assert response.status_code == 403
    assert response["WWW-Authenticate"] == (
        f'Bearer error="insufficient_scope", scope="photos.read", resource_metadata="{METADATA}"'
    )


def test_each_resource_accepts_tokens_for_its_own_url_only(ory: FakeOry) -> None:
    assert call("/api/plain/", create_token(ory)).status_code == 200
    assert call("/other/", create_token(ory)).status_code == 401
    assert call("/other/", create_token(ory, audience="https://other.example")).status_code == 200
    assert call("/api/plain/", create_token(ory, audience="https://other.example")).status_code == 401
    assert call("/api/plain/", create_token(ory, audience=f"{RESOURCE}/admin")).status_code == 401


@pytest.mark.parametrize("path", ["/api/plain/", "/api/aplain/"])
def test_token_and_a_session_of_another_user_are_rejected(ory: FakeOry, path: str) -> None:
    client = Client()
    ory.login(client)
    token = create_token(ory, subject=ory.create_identity().id)
    response = call(path, token, client=client)
    assert (response.status_code, 'error="invalid_token"' in response["WWW-Authenticate"]) == (401, True)


@pytest.mark.parametrize("path", ["/api/plain/", "/api/aplain/"])
def test_response_is_503_while_hydra_is_down(ory: FakeOry, path: str) -> None:
    token = create_token(ory)
    with ory.fault("hydra", "down"):
        response = call(path, token)
    assert (response.status_code, response["Retry-After"]) == (503, "5")


@pytest.mark.parametrize("path", ["/api/plain/", "/api/aplain/"])
def test_token_and_a_session_are_503_while_kratos_is_unavailable(ory: FakeOry, path: str) -> None:
    client, token = Client(), create_token(ory)
    ory.login(client)
    with ory.fault("kratos", "down"):
        response = call(path, token, client=client)
    assert (response.status_code, response["Retry-After"]) == (503, "5")


def test_host_of_another_api_is_not_accepted_as_audience(ory: FakeOry, settings: Any) -> None:
    token = create_token(ory, audience="http://other.example/api")
    headers = {"authorization": f"Bearer {token}", "host": "other.example"}
    assert Client().get("/api/plain/", headers=headers).status_code == 400
    settings.ALLOWED_HOSTS = ["*"]
    with pytest.raises(OryConfigurationError, match="ALLOWED_HOSTS"):
        Client().get("/api/plain/", headers=headers)


def test_metadata_are_public(ory: FakeOry) -> None:
    response = call("/.well-known/oauth-protected-resource/api")
    assert response.json() == {
        "resource": RESOURCE,
        "authorization_servers": ["http://hydra.test:4444"],
        "scopes_supported": ["photos.read"],
        "bearer_methods_supported": ["header"],
        "resource_name": "Photos",
    }
    assert response["Access-Control-Allow-Origin"] == "*"
    for unknown in ("", "/", "/other", "/api/plain"):
        assert call(f"/.well-known/oauth-protected-resource{unknown}").status_code == 404


def test_metadata_answer_the_preflight_of_a_script(ory: FakeOry) -> None:
    headers = {"access-control-request-headers": "mcp-protocol-version", "origin": "https://app.example"}
    response = Client().options("/.well-known/oauth-protected-resource/api", headers=headers)
    assert (response.status_code, response.content) == (204, b"")
    assert response["Access-Control-Allow-Origin"] == response["Access-Control-Allow-Headers"] == "*"
    assert Client().post("/.well-known/oauth-protected-resource/api").status_code == 405


def test_resource_for_the_whole_site_has_the_plain_url(ory: FakeOry, settings: Any) -> None:
    settings.ORY = {"default": {**settings.ORY["default"], "OAUTH2_RESOURCES": {"": {}}}}
    content = call("/.well-known/oauth-protected-resource").json()
    assert content["resource"] == "http://testserver"
    assert call("/other/", create_token(ory, audience="http://testserver")).status_code == 200


@pytest.mark.parametrize(
    "resources", [{"api": {}}, {"/api/": {}}, {"/api?x": {}}, {"/api": {"scope": ["a"]}}], ids=str
)
def test_malformed_resources_are_an_error_of_the_configuration(
    ory: FakeOry, settings: Any, resources: Any
) -> None:
    settings.ORY = {"default": {**settings.ORY["default"], "OAUTH2_RESOURCES": resources}}
    with pytest.raises(OryConfigurationError, match="OAUTH2_RESOURCES"):
        call("/api/plain/", create_token(ory))
