"""Impersonation by staff, with the steps of django-hijack (``login()``) and of django-impersonate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth import BACKEND_SESSION_KEY, SESSION_KEY, get_user_model, load_backend, login
from django.contrib.auth.decorators import login_not_required, login_required
from django.http import HttpResponse
from django.urls import include, path
from django.views.decorators.http import require_POST

from django_ory.decorators import ory_session_required, ory_user_required
from tests.support.fixtures import change_ory, kratos
from tests.support.kratos import COOKIE, build_other_identity_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest
    from django.test import Client
    from pytest_django import Settings

    from tests.support.fixtures import ChangeOry
    from tests.support.kratos import Whoami

__all__ = ["change_ory", "kratos"]

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]
User: Any = get_user_model()


def get_backend(request: HttpRequest) -> str:
    """Return the backend of the login, like django-hijack. Raises KeyError without ``login()``."""
    backend = load_backend(request.session[BACKEND_SESSION_KEY])
    return f"{type(backend).__module__}.{type(backend).__name__}"


@require_POST
@login_required
def acquire(request: HttpRequest) -> HttpResponse:
    """The steps of django-hijack's view."""
    history = [*request.session.get("hijack_history", []), str(request.user.pk)]
    login(request, User._default_manager.get(pk=request.POST["user_pk"]), backend=get_backend(request))
    request.session["hijack_history"] = history
    return HttpResponse()


@require_POST
@login_required
def release(request: HttpRequest) -> HttpResponse:
    history = request.session.get("hijack_history", [])
    hijacker = User._default_manager.get(pk=history.pop())
    login(request, hijacker, backend=get_backend(request))
    request.session["hijack_history"] = history
    return HttpResponse()


def with_backend(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The documented addition for users of Kratos."""

    def wrapped(request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            request.session.setdefault(BACKEND_SESSION_KEY, "django_ory.backends.OryBackend")
        return view(request)

    return wrapped


def whoami(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"{request.user.pk}: {request.session.get('note')}")


async def aguarded(request: HttpRequest) -> HttpResponse:
    return HttpResponse(str((await request.auser()).pk))


def note(request: HttpRequest) -> HttpResponse:
    request.session["note"] = "of the staff"
    return HttpResponse()


def impersonate(request: HttpRequest) -> HttpResponse:
    request.session["_impersonate"] = request.POST["user_pk"]
    return HttpResponse()


class ReplacesUser:
    """Middleware like in django-impersonate: sets ``request.user`` but not ``request.auser``."""

    def __init__(self, get_response: Callable[..., Any]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> Any:
        if request.user.is_authenticated and "_impersonate" in request.session:
            request.user = User._default_manager.get(pk=request.session["_impersonate"])
        return self.get_response(request)


urlpatterns = [
    path("acquire/", with_backend(acquire)),
    path("release/", release),
    path("impersonate/", login_required(impersonate)),
    path("whoami/", login_required(whoami)),
    path("note/", login_required(note)),
    path("user/", ory_user_required(whoami)),
    path("session/", ory_session_required(whoami)),
    path("auser/", login_not_required(ory_user_required(aguarded))),
    path("auth/", include("django_ory.urls")),
]


@pytest.fixture
def other() -> Any:
    return User._default_manager.create(**{User.USERNAME_FIELD: "bob@example.org"})


@pytest.fixture
def staff(client: Client, kratos: Whoami) -> Any:
    """A staff user with a Kratos session and data in the Django session."""
    kratos.signed_in()
    client.cookies["ory_kratos_session"] = COOKIE.partition("=")[2]
    client.get("/note/")
    return User._default_manager.get()


@pytest.fixture
def replaces_user(settings: Settings) -> None:
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{__name__}.ReplacesUser"]


@pytest.fixture
def hijacked(client: Client, staff: Any, other: Any) -> Any:
    assert client.post("/acquire/", {"user_pk": other.pk}).status_code == 200
    return other


def test_hijacked_user_is_seen_by_views_of_django(client: Client, hijacked: Any) -> None:
    assert client.get("/whoami/").content.decode() == f"{hijacked.pk}: None"


@pytest.mark.parametrize("route", ["/user/", "/session/", "/auser/"])
def test_hijacked_session_is_denied_by_decorators(client: Client, hijacked: Any, route: str) -> None:
    response = client.get(route)
    assert response.status_code == 403
    assert b"stop impersonating first." in response.content


def test_released_staff_meets_every_requirement(client: Client, staff: Any, hijacked: Any) -> None:
    assert client.post("/release/").status_code == 200
    for route in ("/whoami/", "/user/", "/session/"):
        assert client.get(route).content.decode() == f"{staff.pk}: None"


@pytest.mark.parametrize("released", [False, True])
@pytest.mark.parametrize("end", ["revoked", "no cookie", "another identity"])
def test_hijacked_session_ends_with_the_kratos_session_of_the_staff(
    client: Client, kratos: Whoami, staff: Any, hijacked: Any, end: str, released: bool
) -> None:
    if released:
        client.post("/release/")
    if end == "another identity":
        kratos.signed_in(identity=build_other_identity_json())
        assert client.get("/whoami/").content.decode() not in (f"{staff.pk}: None", f"{hijacked.pk}: None")
        return
    if end == "revoked":
        kratos.reject_credential()
    else:
        del client.cookies["ory_kratos_session"]
    assert client.get("/whoami/").status_code == 302
    kratos.signed_in()
    client.cookies["ory_kratos_session"] = "new"
    assert client.get("/whoami/").content.decode() == f"{staff.pk}: None"


def test_hijacked_user_is_not_seen_while_kratos_is_unavailable(
    client: Client, kratos: Whoami, change_ory: ChangeOry, hijacked: Any
) -> None:
    change_ory(BREAKER_SECONDS=0)
    kratos.refuse_connections()
    assert client.get("/whoami/").status_code in (302, 503)
    kratos.signed_in()
    assert client.get("/whoami/").content.decode() == f"{hijacked.pk}: None"


def test_login_of_the_same_user_keeps_the_data(client: Client, staff: Any) -> None:
    assert client.post("/acquire/", {"user_pk": staff.pk}).status_code == 200
    assert client.get("/whoami/").content.decode() == f"{staff.pk}: of the staff"


@pytest.mark.parametrize("route", ["/user/", "/session/", "/auser/"])
def test_replaced_request_user_is_denied_by_decorators(
    replaces_user: None, client: Client, staff: Any, other: Any, route: str
) -> None:
    client.post("/impersonate/", {"user_pk": other.pk})
    assert client.get("/whoami/").content.decode().startswith(f"{other.pk}:")
    assert client.get(route).status_code == 403


def test_password_login_without_a_known_identity_is_no_impersonation(
    client: Client, kratos: Whoami, staff: Any, other: Any
) -> None:
    client.force_login(other, backend="django.contrib.auth.backends.ModelBackend")
    assert client.session[SESSION_KEY] == str(other.pk)
    kratos.reject_credential()
    assert client.get("/whoami/").content.decode().startswith(f"{other.pk}:")
