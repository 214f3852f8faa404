"""request.ory and request.user in views, through the whole middleware stack of Django."""

from __future__ import annotations

import asyncio
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings as django_settings
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session as DjangoSession
from django.http import HttpResponse
from django.test import AsyncClient, Client, RequestFactory
from django.urls import path

from django_ory.authentication.resolver import clear_process_state
from django_ory.middleware import OryMiddleware
from tests.support.fixtures import change_ory, kratos
from tests.support.kratos import COOKIE, IDENTITY_ID, build_session

if TYPE_CHECKING:
    from django.http import HttpRequest
    from pytest_django import DjangoAssertNumQueries, Settings

    from tests.support.fixtures import ChangeOry
    from tests.support.kratos import Whoami

__all__ = ["change_ory", "kratos"]

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.authentication.urls")]
User: Any = get_user_model()
SIGNED_IN = {"cookie": COOKIE}
RENEWED = {"Set-Cookie": "ory_kratos_session=renewed; Path=/; HttpOnly; SameSite=Lax"}


@pytest.fixture
def no_login_required(settings: Any) -> None:
    """Without LoginRequiredMiddleware."""
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "LoginRequired" not in name]


@pytest.mark.usefixtures("no_login_required")
def test_view_without_session_makes_no_call(
    client: Client, kratos: Whoami, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        response = client.get("/public/", headers=SIGNED_IN)
    assert response.status_code == 200
    assert not kratos.calls
    assert "Vary" not in response or "X-Session-Token" not in response["Vary"]


def test_request_without_credential_makes_no_call(
    client: Client, kratos: Whoami, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        body = client.get("/report/", headers={"cookie": "csrftoken=x; other=y"}).json()
    assert body["user"] is None
    assert not kratos.calls


def test_session_cookie_sets_the_user(client: Client, kratos: Whoami) -> None:
    kratos.signed_in()
    response = client.get("/report/", headers=SIGNED_IN)
    body = response.json()
    assert body["identity"] == IDENTITY_ID
    assert body["user"] == str(User._default_manager.get().pk)
    assert {"Cookie", "Authorization", "X-Session-Token"} <= set(response["Vary"].split(", "))
    assert len(kratos.calls) == 1
    assert not response.cookies
    assert not DjangoSession.objects.exists()


@pytest.mark.parametrize("headers", [{"x-session-token": "ory_st_x"}, {"authorization": "Bearer ory_st_x"}])
def test_session_token_sets_the_user(client: Client, kratos: Whoami, headers: dict[str, str]) -> None:
    kratos.signed_in()
    assert client.get("/report/", headers=headers).json()["user"]


@pytest.mark.parametrize(
    "route", ["/report/", "/stream/", "/pages/", "/session/", "/missing/", "/report-async/"]
)
def test_renewed_cookie_is_relayed(client: Client, kratos: Whoami, route: str) -> None:
    kratos.signed_in(headers=RENEWED)
    response = client.get(route, headers=SIGNED_IN)
    assert response.cookies["ory_kratos_session"].OutputString().startswith("ory_kratos_session=renewed;")


def test_unknown_url_makes_no_call(client: Client, kratos: Whoami) -> None:
    kratos.signed_in(headers=RENEWED)
    response = client.get("/no-such-page/", headers=SIGNED_IN)
    assert response.status_code == 404
    assert not response.cookies
    assert not kratos.calls


def test_renewed_cookie_is_relayed_on_redirect_and_crash(client: Client, kratos: Whoami) -> None:
    kratos.signed_in(headers=RENEWED)
    redirect = client.get("/aal2/", headers=SIGNED_IN)
    assert redirect.status_code == 302
    assert "ory_kratos_session" in redirect.cookies
    client.raise_request_exception = False
    crash = client.get("/crash/", headers=SIGNED_IN)
    assert crash.status_code == 500
    assert "ory_kratos_session" in crash.cookies


def test_other_cookie_is_not_relayed(client: Client, kratos: Whoami) -> None:
    kratos.signed_in(headers={"Set-Cookie": "csrf_token_" + "a" * 64 + "=x; Path=/"})
    assert not client.get("/report/", headers=SIGNED_IN).cookies


def django_user(**fields: Any) -> Any:
    name = {User.USERNAME_FIELD: "root@example.org"}
    return User._default_manager.create(**name, **fields)


def test_user_of_the_django_session_is_kept(client: Client, kratos: Whoami) -> None:
    kratos.signed_in()
    user = django_user()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    client.cookies["ory_kratos_session"] = "abc"
    for route in ("/report/", "/report-async/"):
        body = client.get(route).json()
        assert body["user"] == str(user.pk)
        assert body["identity"] == IDENTITY_ID


@pytest.mark.parametrize("route", ["/report/", "/report-async/"])
def test_django_session_of_a_deleted_user_is_replaced(client: Client, kratos: Whoami, route: str) -> None:
    kratos.signed_in()
    user = django_user()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    gone = str(user.pk)
    user.delete()
    client.cookies["ory_kratos_session"] = "abc"
    assert client.get(route).json()["user"] not in (None, gone)


@pytest.mark.parametrize("route", ["/report/", "/report-async/"])
def test_django_session_without_a_user_is_kept(client: Client, kratos: Whoami, route: str) -> None:
    kratos.signed_in()
    session = client.session
    session["cart"] = 1
    session.save()
    client.cookies["ory_kratos_session"] = "abc"
    assert client.get(route).json()["user"]


def test_middleware_works_without_djangos_auth_middleware(kratos: Whoami) -> None:
    kratos.signed_in()
    request = RequestFactory().get("/", headers=SIGNED_IN)
    OryMiddleware(lambda request: HttpResponse(str(request.user.pk)))(request)
    assert request.user.is_authenticated


# An unavailable Kratos.


def test_outage_is_anonymous_for_get_and_503_for_post(client: Client, kratos: Whoami) -> None:
    kratos.refuse_connections()
    assert client.get("/public/", headers=SIGNED_IN).status_code == 200
    body = client.get("/report/", headers=SIGNED_IN).json()
    assert body["unavailable"]
    assert body["user"] is None
    response = client.post("/report/", headers=SIGNED_IN)
    assert response.status_code == 503
    assert response["Retry-After"]
    assert client.post("/report/").status_code == 200  # no credential, so no call is needed


def test_async_view_responds_with_503(kratos: Whoami) -> None:
    kratos.refuse_connections()

    async def ask() -> Any:
        return await AsyncClient().post("/report-async/", headers=SIGNED_IN)

    assert asyncio.run(ask()).status_code == 503


class UserMiddleware:
    """Middleware that uses the user before and after the view, where Django does not handle exceptions."""

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> Any:
        if "early" in request.GET:
            str(request.user)
        response = self.get_response(request)
        str(request.user)
        return response


@pytest.mark.usefixtures("no_login_required")
@pytest.mark.parametrize("query", ["", "?early"])
def test_session_unavailable_in_other_middleware_is_503(
    client: Client, kratos: Whoami, settings: Any, query: str
) -> None:
    kratos.refuse_connections()
    client.raise_request_exception = False
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "tests.test_middleware.UserMiddleware"]
    assert client.post(f"/public/{query}", headers=SIGNED_IN).status_code == 503
    assert client.get(f"/public/{query}", headers=SIGNED_IN).status_code == 200


def test_outer_middleware_may_use_the_user_after_the_view(
    client: Client, kratos: Whoami, settings: Any
) -> None:
    kratos.refuse_connections()
    settings.MIDDLEWARE = ["tests.test_middleware.OuterUserMiddleware", *settings.MIDDLEWARE]
    assert client.post("/public/", headers=SIGNED_IN).status_code == 200


class OuterUserMiddleware(UserMiddleware):
    """Middleware outside of OryMiddleware."""

    def __call__(self, request: HttpRequest) -> Any:
        response = self.get_response(request)
        assert not request.user.is_authenticated
        return response


# With LoginRequiredMiddleware.

LOGIN_REQUIRED = "django_ory.middleware.LoginRequiredMiddleware"
DJANGOS_OWN = "django.contrib.auth.middleware.LoginRequiredMiddleware"


def inside(request: HttpRequest) -> HttpResponse:
    return HttpResponse("inside")


async def ainside(request: HttpRequest) -> HttpResponse:
    return HttpResponse("inside")


class LoginRequiredUrls:
    """A URLconf."""

    from tests.authentication.urls import urlpatterns as _public

    urlpatterns: ClassVar[list[Any]] = [path("inside/", inside), path("ainside/", ainside), *_public]


@pytest.fixture
def login_required(settings: Any) -> None:
    settings.ROOT_URLCONF = LoginRequiredUrls
    if LOGIN_REQUIRED not in settings.MIDDLEWARE:
        settings.MIDDLEWARE = [*settings.MIDDLEWARE, LOGIN_REQUIRED]


@pytest.mark.usefixtures("login_required")
@pytest.mark.parametrize("route", ["/inside/", "/ainside/"])
def test_login_required_redirects_allows_and_responds_with_503(
    client: Client, kratos: Whoami, route: str
) -> None:
    assert client.get(route, headers=SIGNED_IN)["Location"] == f"/auth/login/?next={route}"
    kratos.signed_in()
    assert client.get(route, headers=SIGNED_IN).content == b"inside"
    assert client.post(route, headers=SIGNED_IN).content == b"inside"
    kratos.refuse_connections()
    for method in ("get", "post"):
        assert getattr(client, method)(route, headers=SIGNED_IN).status_code == 503
    assert client.get("/public/", headers=SIGNED_IN).content == b"public"


@pytest.mark.parametrize("route", ["/inside/", "/ainside/"])
def test_djangos_login_required_middleware_works_while_kratos_is_up(
    client: Client, kratos: Whoami, settings: Settings, route: str
) -> None:
    settings.ROOT_URLCONF = LoginRequiredUrls
    settings.MIDDLEWARE = [*(name for name in settings.MIDDLEWARE if name != LOGIN_REQUIRED), DJANGOS_OWN]
    assert client.get(route, headers=SIGNED_IN)["Location"] == f"/auth/login/?next={route}"
    kratos.signed_in()
    assert client.get(route, headers=SIGNED_IN).content == b"inside"


@pytest.mark.usefixtures("login_required")
@pytest.mark.parametrize("route", ["/inside/", "/ainside/", "/public/"])
def test_login_required_in_async_responds_with_503(kratos: Whoami, route: str) -> None:
    async def ask(method: str) -> Any:
        return await getattr(AsyncClient(), method)(route, headers=SIGNED_IN)

    expected = 200 if route == "/public/" else 503
    kratos.refuse_connections()
    assert asyncio.run(ask("get")).status_code == expected
    assert asyncio.run(ask("post")).status_code == expected


# Bad input.


@pytest.mark.parametrize(
    "cookie",
    [
        "ory_kratos_session=\x00\x01",
        "ory_kratos_session=" + "x" * 100_000,
        "; ".join(f"ory_session_{n}=x" for n in range(5_000)),
        "ory_kratos_session=\xff\xfe",
        "ory_kratos_session",
        "=;=;;;",
        "ory_kratos_session=\r\nX-Evil: 1",
    ],
    ids=range(7),
)
def test_malformed_cookie_is_anonymous(kratos: Whoami, cookie: str) -> None:
    request = RequestFactory().get("/")
    request.META["HTTP_COOKIE"] = cookie
    OryMiddleware(lambda request: HttpResponse(str(request.user)))(request)
    assert not request.user.is_authenticated


def test_server_timing_is_added(client: Client, kratos: Whoami, change_ory: ChangeOry) -> None:
    assert "Server-Timing" not in client.get("/report/")
    change_ory(SERVER_TIMING=True)
    assert client.get("/report/", headers=SIGNED_IN)["Server-Timing"].startswith("ory;dur=")
    request = RequestFactory().get("/", headers=SIGNED_IN)

    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse(str(request.user), headers={"Server-Timing": "db;dur=1"})

    response: Any = OryMiddleware(view)(request)
    assert response["Server-Timing"].startswith("db;dur=1, ory;dur=")


def test_cached_sessions_of_two_identities_are_separate(
    client: Client, kratos: Whoami, change_ory: ChangeOry
) -> None:
    change_ory(SESSION_CACHE_SECONDS=60)
    kratos.signed_in()
    assert client.get("/report/", headers=SIGNED_IN).json()["identity"] == IDENTITY_ID
    other = str(uuid.uuid4())
    session = build_session().model_dump(mode="json")
    session["identity"]["id"] = other
    kratos.respond(json=session)
    assert client.get("/report/", headers={"cookie": "ory_kratos_session=other"}).json()["identity"] == other


TOKENS = [{"x-session-token": "ory_st_x"}, {"authorization": "Bearer ory_st_x"}]


@pytest.mark.parametrize("headers", TOKENS)
def test_token_without_cookies_needs_no_csrf_token(kratos: Whoami, headers: dict[str, str]) -> None:
    kratos.signed_in()
    client = Client(enforce_csrf_checks=True)
    assert client.post("/api/", headers=headers).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        SIGNED_IN,
        *({**token, "cookie": "other=1"} for token in TOKENS),
        {"x-session-token": "not a token"},
        {"authorization": "Bearer ory_at_of_hydra"},
        {"authorization": "Basic YTpi"},
    ],
)
def test_credential_that_browsers_add_needs_a_csrf_token(kratos: Whoami, headers: dict[str, str]) -> None:
    kratos.signed_in()
    client = Client(enforce_csrf_checks=True)
    assert client.post("/api/", headers=headers).status_code == 403
    assert not kratos.calls


@pytest.fixture
def _login_required_for_all(settings: Settings) -> None:
    if LOGIN_REQUIRED not in settings.MIDDLEWARE:
        settings.MIDDLEWARE = [*settings.MIDDLEWARE, LOGIN_REQUIRED]


@pytest.mark.usefixtures("_login_required_for_all")
class TestUnderLoginRequiredMiddleware:
    def test_exempt_view_makes_no_call(
        self, client: Client, kratos: Whoami, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        kratos.signed_in()
        with django_assert_num_queries(0):
            response = client.get("/public/", headers=SIGNED_IN)
        assert response.status_code == 200
        assert not kratos.calls
        assert "Vary" not in response

    @pytest.mark.parametrize("first", [LOGIN_REQUIRED, "django_ory.middleware.OryMiddleware"])
    def test_exempt_view_sees_the_user(
        self, client: Client, kratos: Whoami, settings: Settings, first: str
    ) -> None:
        both = [LOGIN_REQUIRED, "django_ory.middleware.OryMiddleware"]
        others = [name for name in settings.MIDDLEWARE if name not in both]
        settings.MIDDLEWARE = [*others, first, *(name for name in both if name != first)]
        kratos.signed_in()
        assert client.get("/public-greeting/", headers=SIGNED_IN).content == b"True"

    def test_exempt_view_keeps_the_policy(self, client: Client, kratos: Whoami) -> None:
        kratos.refuse_connections()
        assert client.post("/user-id/", headers=SIGNED_IN).status_code == 503
        assert client.get("/user-id/", headers=SIGNED_IN).content == b"None"

    @pytest.mark.parametrize("route", ["/members/", "/members-async/"])
    def test_other_views_are_503_while_kratos_is_down(
        self, client: Client, kratos: Whoami, route: str
    ) -> None:
        kratos.refuse_connections()
        assert client.get(route, headers=SIGNED_IN).status_code == 503
        kratos.signed_in()
        clear_process_state()
        assert client.get(route, headers=SIGNED_IN).status_code == 200
        assert client.get(route).status_code == 302

    @pytest.mark.django_db(transaction=True)
    def test_user_of_the_django_session_needs_no_call(self, kratos: Whoami) -> None:
        async def visit() -> int:
            client = AsyncClient()
            user = await sync_to_async(django_user)()
            await client.aforce_login(user, backend="django.contrib.auth.backends.ModelBackend")
            client.cookies["ory_kratos_session"] = "abc"
            response = await client.get("/members-async/")
            return response.status_code

        assert asyncio.run(visit()) == 200
        assert not kratos.calls


@pytest.mark.django_db(transaction=True)
def test_session_unavailable_raised_by_async_middleware_is_503(kratos: Whoami, settings: Settings) -> None:
    """The exception is raised by async middleware, and the error page queries the database."""
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "tests.authentication.urls.UserMiddleware"]
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [Path(__file__).parent / "sessions/templates"]}]
    kratos.refuse_connections()

    async def visit() -> int:
        client = AsyncClient(raise_request_exception=False)
        cookie = f"{COOKIE}; {django_settings.SESSION_COOKIE_NAME}={'x' * 32}"
        response = await client.post("/public/", headers={"cookie": cookie})
        return response.status_code

    assert asyncio.run(visit()) == 503
