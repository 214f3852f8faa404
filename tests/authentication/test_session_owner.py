"""The data of a Django session are read by the identity that they belong to, and by no other visitor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from asgiref.sync import async_to_sync
from django.conf import settings as django_settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import SynchronousOnlyOperation
from django.http import HttpResponse, StreamingHttpResponse
from django.middleware.csrf import get_token
from django.test import AsyncClient, Client
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt

from django_ory.adapter import OryAdapter
from django_ory.authentication.session_owner import SESSION_OWNER_KEY
from django_ory.decorators import ory_session_required
from tests.support.fixtures import fresh_start
from tests.support.kratos import COOKIE, IDENTITY_ID, build_other_identity_json, ory_settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest
    from pytest_django import DjangoAssertNumQueries, Settings

    from tests.support.fixtures import ChangeOry
    from tests.support.kratos import Whoami

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]

ENGINES = ["db", "cache", "cached_db", "signed_cookies", "file"]
KRATOS_COOKIE = COOKIE.partition("=")[2]


@csrf_exempt
@login_not_required
def write(request: HttpRequest) -> HttpResponse:
    """Write to the session, then ask for the user."""
    request.session["note"] = request.GET["note"]
    return HttpResponse(str(request.user.is_authenticated))


@csrf_exempt
@login_not_required
async def awrite(request: HttpRequest) -> HttpResponse:
    await request.session.aset("note", request.GET["note"])
    return HttpResponse(str((await request.auser()).is_authenticated))


def write_guarded(request: HttpRequest) -> HttpResponse:
    """The identity is known, ``request.user`` is not used."""
    request.session["note"] = request.GET["note"]
    return HttpResponse()


@login_not_required
def write_unasked(request: HttpRequest) -> HttpResponse:
    request.session["note"] = request.GET["note"]
    return HttpResponse()


@login_not_required
def write_and_fail(request: HttpRequest) -> HttpResponse:
    request.session["note"] = request.GET["note"]
    raise RuntimeError(request.user.is_authenticated)


@login_not_required
def write_and_show_form(request: HttpRequest) -> HttpResponse:
    request.session["note"] = request.GET["note"]
    return HttpResponse(f"{get_token(request)}{str(request.user.pk)[:0]}")


def read_after_user(request: HttpRequest) -> HttpResponse:
    assert request.user.is_authenticated in (True, False)
    return HttpResponse(str(request.session.get("note")))


def read_before_user(request: HttpRequest) -> HttpResponse:
    note = request.session.get("note")
    assert request.user.is_authenticated in (True, False)
    return HttpResponse(str(note))


def read_alone(request: HttpRequest) -> HttpResponse:
    return HttpResponse(str(request.session.get("note")))


async def aread_after_user(request: HttpRequest) -> HttpResponse:
    await request.auser()
    return HttpResponse(str(request.session.get("note")))


async def aread_before_user(request: HttpRequest) -> HttpResponse:
    note = await request.session.aget("note")
    await request.auser()
    return HttpResponse(str(note))


async def aread_alone(request: HttpRequest) -> HttpResponse:
    return HttpResponse(str(await request.session.aget("note")))


@login_not_required
def untouched(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


@login_not_required
async def auntouched(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


@login_not_required
async def ablocking(request: HttpRequest) -> HttpResponse:
    return HttpResponse(str(request.session.get("note")))


def read_in_stream(request: HttpRequest) -> StreamingHttpResponse:
    """The session is read when the response has left the middleware."""
    return StreamingHttpResponse(str(request.session.get("note")) for _ in range(1))


READERS: list[Callable[..., Any]] = [
    read_after_user,
    read_before_user,
    read_alone,
    aread_after_user,
    aread_before_user,
    aread_alone,
]
ROUTES = [f"/{view.__name__}/" for view in READERS]

urlpatterns = [
    *(path(f"{view.__name__}/", csrf_exempt(login_not_required(view))) for view in READERS),
    path("ablocking/", ablocking),
    path("read_in_stream/", login_not_required(read_in_stream)),
    path("untouched/", untouched),
    path("auntouched/", auntouched),
    path("write/", write),
    path("awrite/", awrite),
    path("write_guarded/", login_not_required(ory_session_required(write_guarded))),
    path("write_unasked/", write_unasked),
    path("write_and_fail/", write_and_fail),
    path("write_and_show_form/", write_and_show_form),
    path("auth/", include("django_ory.urls")),
]


class Browser:
    """One browser against the WSGI or the ASGI handler."""

    def __init__(self, *, is_async: bool = False) -> None:
        self.client: Any = AsyncClient() if is_async else Client()
        self.is_async = is_async

    def get(self, url: str, *, method: str = "get") -> Any:
        send = getattr(self.client, method)
        # In contrast to asyncio.run, queries stay in this thread, and thus in the transaction of the test.
        return (async_to_sync(send) if self.is_async else send)(url)

    def read(self, route: str) -> str:
        return str(self.get(route).content.decode())

    @property
    def session_cookie(self) -> str:
        return str(self.client.cookies[django_settings.SESSION_COOKIE_NAME].value)

    @session_cookie.setter
    def session_cookie(self, value: str) -> None:
        self.client.cookies[django_settings.SESSION_COOKIE_NAME] = value

    def has_kratos_cookie(self, value: str | None = KRATOS_COOKIE) -> Browser:
        self.client.cookies["ory_kratos_session"] = value or ""
        if value is None:
            del self.client.cookies["ory_kratos_session"]
        return self


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, settings: Settings) -> str:
    settings.SESSION_ENGINE = f"django.contrib.sessions.backends.{request.param}"
    if request.param == "file":
        settings.SESSION_FILE_PATH = str(request.getfixturevalue("tmp_path"))
    return str(request.param)


@pytest.fixture(params=[False, True], ids=["wsgi", "asgi"])
def browser(request: pytest.FixtureRequest) -> Browser:
    return Browser(is_async=request.param)


@pytest.fixture(params=[0, 60], ids=["uncached", "cached"])
def cached(request: pytest.FixtureRequest, change_ory: ChangeOry) -> None:
    change_ory(SESSION_CACHE_SECONDS=request.param)


@pytest.fixture(params=[True, False], ids=["with user", "without user"])
def create_users(request: pytest.FixtureRequest, settings: Settings) -> None:
    settings.ORY = ory_settings(
        **{**settings.ORY["default"], "CREATE_USERS": request.param},
    )


def test_first_write_of_identity_changes_key_once(kratos: Whoami, engine: str, browser: Browser) -> None:
    """Session fixation: the attacker began the session and planted its cookie."""
    attacker = Browser()
    attacker.get("/write_unasked/?note=planted")
    planted = browser.session_cookie = attacker.session_cookie
    kratos.signed_in()
    browser.has_kratos_cookie().get("/write/?note=ann")
    changed = browser.session_cookie
    assert changed != planted
    assert attacker.read("/read_alone/") == ("planted" if engine == "signed_cookies" else "None")
    browser.get("/write/?note=more")
    assert engine == "signed_cookies" or browser.session_cookie == changed
    assert browser.read("/read_alone/") == "more"


@pytest.mark.parametrize("writer", ["/write/", "/awrite/", "/write_guarded/"])
def test_data_have_an_owner_in_any_order_of_access(kratos: Whoami, browser: Browser, writer: str) -> None:
    kratos.signed_in()
    browser.has_kratos_cookie().get(f"{writer}?note=ann")
    assert browser.read("/read_alone/") == "ann"
    kratos.reject_credential()
    assert browser.read("/read_alone/") == "None"


@pytest.mark.parametrize("next_visitor", ["no cookie", "ended", "another identity"])
@pytest.mark.parametrize("is_async", [False, True], ids=["wsgi", "asgi"])
@pytest.mark.usefixtures("cached", "create_users")
def test_data_of_identity_are_deleted_for_next_user(
    kratos: Whoami, subtests: pytest.Subtests, next_visitor: str, is_async: bool
) -> None:
    for route in ROUTES:
        with subtests.test(route=route), fresh_start():
            kratos.signed_in()
            browser = Browser(is_async=is_async).has_kratos_cookie()
            browser.get("/write_guarded/?note=ann")
            assert browser.read(route) == "ann"
            kept = browser.session_cookie
            if next_visitor == "another identity":
                kratos.signed_in(identity=build_other_identity_json())
                browser.has_kratos_cookie("bobs")
            else:
                kratos.reject_credential()
                browser.has_kratos_cookie(None if next_visitor == "no cookie" else "ended")
            assert browser.read(route) == "None"
            kratos.signed_in()
            browser.session_cookie = kept
            assert browser.has_kratos_cookie("anns again").read(route) == "None"  # the row itself is gone


@pytest.mark.parametrize("route", ["/read_before_user/", "/aread_alone/"])
def test_data_of_identity_are_unreadable_for_next_user_in_any_engine(
    kratos: Whoami, engine: str, browser: Browser, route: str
) -> None:
    kratos.signed_in()
    browser.has_kratos_cookie().get("/write/?note=ann")
    assert browser.read(route) == "ann"
    copy = Browser()
    copy.session_cookie = browser.session_cookie
    assert copy.read(route) == "None"
    kratos.signed_in(identity=build_other_identity_json())
    browser.has_kratos_cookie("bobs")
    assert browser.read(route) == "None"
    browser.get("/write/?note=bob")
    assert browser.read(route) == "bob"


@pytest.mark.parametrize("route", ["/read_after_user/", "/aread_alone/"])
@pytest.mark.parametrize("save_every_request", [False, True])
def test_data_are_hidden_and_kept_while_kratos_is_unavailable(
    kratos: Whoami, engine: str, browser: Browser, settings: Settings, route: str, save_every_request: bool
) -> None:
    settings.SESSION_SAVE_EVERY_REQUEST = save_every_request
    settings.ORY = ory_settings(BREAKER_SECONDS=0)
    kratos.signed_in()
    browser.has_kratos_cookie().get("/write/?note=ann")
    kratos.refuse_connections()
    assert browser.read(route) == "None"
    assert browser.get("/write/?note=other").content == b"False"
    assert browser.get("/write_unasked/?note=other").status_code == 200
    assert browser.read(route) == "None"
    assert browser.get(route, method="post").status_code == 503
    assert browser.get("/write/?note=other", method="post").status_code == 503
    kratos.signed_in()
    assert browser.read(route) == "ann"


@pytest.mark.parametrize("route", ["/read_after_user/", "/aread_alone/"])
@pytest.mark.parametrize("save_every_request", [False, True])
def test_data_are_hidden_and_kept_before_second_factor(
    kratos: Whoami, engine: str, browser: Browser, settings: Settings, route: str, save_every_request: bool
) -> None:
    settings.SESSION_SAVE_EVERY_REQUEST = save_every_request
    kratos.signed_in()
    browser.has_kratos_cookie().get("/write/?note=ann")
    kratos.require_second_factor()
    assert browser.read(route) == "None"
    kratos.signed_in()
    assert browser.read(route) == "ann"
    kratos.require_second_factor()
    browser.get("/write_unasked/?note=half")
    assert browser.read(route) == "half"


def test_logout_while_kratos_is_unavailable_deletes_data(kratos: Whoami, change_ory: ChangeOry) -> None:
    change_ory(BREAKER_SECONDS=0)
    kratos.signed_in()
    browser = Browser().has_kratos_cookie()
    browser.get("/write/?note=ann")
    kept = browser.session_cookie
    kratos.refuse_connections()
    assert browser.client.post("/auth/logout/").status_code in (200, 302, 303, 503)
    kratos.signed_in()
    browser.session_cookie = kept
    assert browser.has_kratos_cookie().read("/read_alone/") == "None"


class ReadsTheSessionEarly:
    """Middleware that loads the session before ``OryMiddleware`` runs."""

    def __init__(self, get_response: Callable[..., Any]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> Any:
        request.session.get("note")
        return self.get_response(request)


@pytest.mark.parametrize("route", ["/read_after_user/", "/aread_after_user/"])
@pytest.mark.parametrize("visitor", ["another identity", "ended", "unavailable", "first factor only"])
def test_session_loaded_before_the_middleware_is_compared_with_the_user(
    kratos: Whoami, browser: Browser, settings: Settings, route: str, visitor: str
) -> None:
    position = settings.MIDDLEWARE.index("django_ory.middleware.OryMiddleware")
    early = f"{__name__}.ReadsTheSessionEarly"
    settings.MIDDLEWARE = [*settings.MIDDLEWARE[:position], early, *settings.MIDDLEWARE[position:]]
    settings.ORY = ory_settings(BREAKER_SECONDS=0)
    kratos.signed_in()
    browser.has_kratos_cookie().get("/write/?note=ann")
    assert browser.read(route) == "ann"
    if visitor == "another identity":
        kratos.signed_in(identity=build_other_identity_json())
    elif visitor == "ended":
        kratos.reject_credential()
    elif visitor == "unavailable":
        kratos.refuse_connections()
    else:
        kratos.require_second_factor()
    assert browser.read(route) == "None"
    if visitor in ("unavailable", "first factor only"):
        kratos.signed_in()
        assert browser.read(route) == "ann"


def test_write_of_failed_response_changes_nothing(kratos: Whoami) -> None:
    """Django does not save the session of a 5xx response: the browser would keep a deleted key."""
    browser = Browser()
    browser.get("/write_unasked/?note=before")
    kratos.signed_in()
    browser.has_kratos_cookie()
    browser.client.raise_request_exception = False
    assert browser.get("/write_and_fail/?note=lost").status_code == 500
    assert browser.read("/read_after_user/") == "before"


def test_form_of_the_response_that_recorded_the_owner_can_be_posted(kratos: Whoami) -> None:
    kratos.signed_in()
    browser = Browser()
    browser.client = Client(enforce_csrf_checks=True)
    browser.has_kratos_cookie()
    token = browser.get("/write_and_show_form/?note=ann").content.decode()
    response = browser.client.post("/auth/logout/", {"csrfmiddlewaretoken": token})
    assert response.status_code != 403


@pytest.mark.parametrize("next_visitor", ["ended", "another identity", "same identity, new session key"])
def test_csrf_token_changes_with_the_owner(kratos: Whoami, next_visitor: str) -> None:
    kratos.signed_in()
    browser = Browser().has_kratos_cookie()
    browser.get("/write_and_show_form/?note=ann")
    before = browser.client.cookies["csrftoken"].value
    if next_visitor == "ended":
        kratos.reject_credential()
    elif next_visitor == "another identity":
        kratos.signed_in(identity=build_other_identity_json())
    else:
        del browser.client.cookies[django_settings.SESSION_COOKIE_NAME]
        browser.get("/write_guarded/?note=ann")
    browser.get("/read_before_user/")
    assert browser.client.cookies["csrftoken"].value != before


def test_session_without_owner_makes_no_call(
    kratos: Whoami, django_assert_num_queries: DjangoAssertNumQueries, settings: Settings
) -> None:
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "LoginRequired" not in name]
    browser = Browser().has_kratos_cookie()
    browser.get("/write_unasked/?note=anonymous")
    with django_assert_num_queries(1):
        assert browser.read("/read_alone/") == "anonymous"
    assert not kratos.calls


def test_blocking_read_in_async_view_raises_with_advice(kratos: Whoami, settings: Settings) -> None:
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
    kratos.signed_in()
    browser = Browser(is_async=True).has_kratos_cookie()
    browser.get("/write/?note=ann")
    with pytest.raises(SynchronousOnlyOperation, match=r"await request\.auser\(\)"):
        browser.get("/ablocking/")


@pytest.mark.parametrize("save_every_request", [False, True])
def test_stream_reads_the_data_of_the_owner_only(
    kratos: Whoami, settings: Settings, save_every_request: bool
) -> None:
    settings.SESSION_SAVE_EVERY_REQUEST = save_every_request
    kratos.signed_in()
    browser = Browser().has_kratos_cookie()
    browser.get("/write/?note=ann")
    assert b"".join(browser.get("/read_in_stream/").streaming_content) == b"ann"
    kratos.signed_in(identity=build_other_identity_json())
    browser.has_kratos_cookie("bobs")
    assert b"".join(browser.get("/read_in_stream/").streaming_content) == b"None"


@pytest.mark.parametrize("route", ["/untouched/", "/auntouched/"])
def test_save_every_request_makes_no_call(
    kratos: Whoami, browser: Browser, settings: Settings, route: str
) -> None:
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "LoginRequired" not in name]
    settings.SESSION_SAVE_EVERY_REQUEST = True
    kratos.signed_in()
    browser.has_kratos_cookie().get("/write/?note=ann")
    calls = len(kratos.calls)
    assert browser.get(route).status_code == 200
    assert len(kratos.calls) == calls
    assert browser.read("/read_alone/") == "ann"


def test_request_of_the_owner_writes_nothing(
    kratos: Whoami, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    kratos.signed_in()
    browser = Browser().has_kratos_cookie()
    browser.get("/write/?note=ann")
    assert browser.client.session[SESSION_OWNER_KEY] == f"default:{IDENTITY_ID}"
    calls = len(kratos.calls)
    with django_assert_num_queries(2):  # the session, the user
        response = browser.get("/read_before_user/")
    assert response.content == b"ann"
    assert not response.cookies
    assert len(kratos.calls) == calls + 1


def test_owner_without_a_cookie_of_kratos_makes_no_call(kratos: Whoami) -> None:
    kratos.signed_in()
    browser = Browser().has_kratos_cookie()
    browser.get("/write/?note=ann")
    calls = len(kratos.calls)
    assert browser.has_kratos_cookie(None).read("/read_alone/") == "None"
    assert len(kratos.calls) == calls


class ChoosesBySession(OryAdapter):
    """An adapter that reads the session to choose the Ory project."""

    def resolve_alias(self, request: HttpRequest) -> str:
        return str(request.session.get("project", "default"))


@pytest.mark.parametrize("route", ROUTES)
def test_adapter_may_read_the_session(
    kratos: Whoami, browser: Browser, settings: Settings, route: str
) -> None:
    adapter = f"{__name__}.ChoosesBySession"
    settings.ORY = {**ory_settings(ADAPTER=adapter), "other": settings.ORY["default"]}
    kratos.signed_in()
    browser.has_kratos_cookie().get("/write/?note=ann")
    assert browser.read(route) == "ann"
    kratos.reject_credential()
    assert browser.read(route) == "None"
