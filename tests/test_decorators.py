"""The decorators and mixins of the app and of Django, in each state of a visitor."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.test import AsyncClient, Client, RequestFactory

from django_ory.decorators import ory_session_required, ory_user_required, secure_admin_logout
from tests.authentication.urls import PROTECTED_ROUTES
from tests.support.fixtures import change_ory, fresh_start, kratos
from tests.support.kratos import COOKIE, ago, identity_json

if TYPE_CHECKING:
    from django.http import HttpRequest

    from tests.support.fixtures import ChangeOry
    from tests.support.kratos import Whoami

__all__ = ["change_ory", "kratos"]

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.authentication.urls")]
User: Any = get_user_model()
SIGNED_IN = {"cookie": COOKIE}
UNVERIFIED = identity_json(verifiable_addresses=[])

#: State of a visitor -> response of whoami, and the outcome for each requirement.
IN, LOGIN, AAL2, REFRESH, VERIFY, REFUSED, DOWN = "in", "login", "aal2", "refresh", "verification", 403, 503
STATES: dict[str, dict[str, Any]] = {
    "anonymous": {
        "whoami": None,
        "session": LOGIN,
        "user": LOGIN,
        "aal2": LOGIN,
        "fresh": LOGIN,
        "verified": LOGIN,
    },
    "second factor missing": {
        "whoami": "second factor",
        "session": AAL2,
        "user": AAL2,
        "aal2": AAL2,
        "fresh": AAL2,
        "verified": AAL2,
    },
    "first factor": {"whoami": {}, "session": IN, "user": IN, "aal2": AAL2, "fresh": IN, "verified": IN},
    "both factors": {
        "whoami": {"authenticator_assurance_level": "aal2"},
        "session": IN,
        "user": IN,
        "aal2": IN,
        "fresh": IN,
        "verified": IN,
    },
    "old sign-in": {
        "whoami": {"authenticated_at": ago(hours=3)},
        "session": IN,
        "user": IN,
        "aal2": AAL2,
        "fresh": REFRESH,
        "verified": IN,
    },
    "not verified": {
        "whoami": {"identity": UNVERIFIED},
        "session": IN,
        "user": IN,
        "aal2": AAL2,
        "fresh": IN,
        "verified": VERIFY,
    },
    "inactive identity": {
        "whoami": {"identity": identity_json(state="inactive")},
        "session": LOGIN,
        "user": LOGIN,
        "aal2": LOGIN,
        "fresh": LOGIN,
        "verified": LOGIN,
    },
    "session ended": {
        "whoami": {"active": False},
        "session": LOGIN,
        "user": LOGIN,
        "aal2": LOGIN,
        "fresh": LOGIN,
        "verified": LOGIN,
    },
    "Kratos is down": {
        "whoami": "down",
        "session": DOWN,
        "user": DOWN,
        "aal2": DOWN,
        "fresh": DOWN,
        "verified": DOWN,
    },
    "invalid response": {
        "whoami": "invalid",
        "session": DOWN,
        "user": DOWN,
        "aal2": DOWN,
        "fresh": DOWN,
        "verified": DOWN,
    },
}
ROUTES = {
    "session": ["session", "session-empty", "session-async", "pages"],
    "user": ["user", "user-async", "mixin-async"],
    "aal2": ["aal2", "aal2-async", "mixin"],
    "fresh": ["fresh"],
    "verified": ["verified"],
}


def set_whoami(kratos: Whoami, whoami: Any) -> None:
    match whoami:
        case None:
            kratos.reject_credential()
        case "second factor":
            kratos.require_second_factor()
        case "down":
            kratos.refuse_connections()
        case "invalid":
            kratos.respond(body="<html>", headers={"Content-Type": "text/html"})
        case _:
            kratos.signed_in(**whoami)


def get_outcome(response: Any) -> Any:
    if response.status_code in (302, 303):
        url = urlsplit(response["Location"])
        query = parse_qs(url.query)
        assert query.get("return_to", query.get("next"))
        name = url.path.strip("/").removeprefix("auth/")
        return query.get("aal", [None])[0] or ("refresh" if "refresh" in query else name)
    return "in" if response.content == b"in" else response.status_code


@pytest.mark.parametrize("state", STATES)
def test_decorators_respond_to_each_state(kratos: Whoami, subtests: pytest.Subtests, state: str) -> None:
    for demand, routes in ROUTES.items():
        for route in routes:
            with subtests.test(route=route), fresh_start():
                set_whoami(kratos, STATES[state]["whoami"])
                assert get_outcome(Client().get(f"/{route}/", headers=SIGNED_IN)) == STATES[state][demand]


@pytest.mark.parametrize("state", STATES)
def test_api_clients_are_not_redirected(kratos: Whoami, subtests: pytest.Subtests, state: str) -> None:
    for route in PROTECTED_ROUTES:
        if route == "pages/" or route.startswith("django-"):
            continue  # the decorators of Django have no JSON responses
        with subtests.test(route=route), fresh_start():
            set_whoami(kratos, STATES[state]["whoami"])
            headers = {**SIGNED_IN, "accept": "application/json"}
            response = Client().get(f"/{route}", headers=headers)
            assert response.status_code in (200, 401, 403, 503)
            if response.status_code != 200:
                assert response.json()["error"]["code"] == response.status_code


@pytest.mark.parametrize(("route", "staff_only"), [("django-login", False), ("django-mixin", False)])
def test_djangos_decorators_respond_to_each_state(
    client: Client, kratos: Whoami, route: str, staff_only: bool
) -> None:
    assert get_outcome(client.get(f"/{route}/", headers=SIGNED_IN)) == LOGIN
    kratos.signed_in()
    assert get_outcome(client.get(f"/{route}/", headers=SIGNED_IN)) == IN


def test_permission_required_uses_permissions_of_the_user(client: Client, kratos: Whoami) -> None:
    from django.contrib.auth.models import Permission

    kratos.signed_in()
    assert client.get("/django-permission/", headers=SIGNED_IN).status_code == 302
    assert client.get("/django-test/", headers=SIGNED_IN).status_code == 403
    user = User._default_manager.get()
    user.user_permissions.add(Permission.objects.get(codename="add_group"))
    user.is_staff = True
    user.save()
    assert client.get("/django-permission/", headers=SIGNED_IN).content == b"in"
    assert client.get("/django-test/", headers=SIGNED_IN).content == b"in"


@pytest.mark.parametrize(
    ("route", "expected"),
    [("session", 403), ("session-async", 403), ("user", 403), ("user-async", 403), ("mixin-async", 403)],
)
def test_inactive_user_is_denied(client: Client, kratos: Whoami, route: str, expected: int) -> None:
    kratos.signed_in()
    client.get("/user/", headers=SIGNED_IN)
    User._default_manager.update(is_active=False)
    assert client.get(f"/{route}/", headers=SIGNED_IN).status_code == expected


@pytest.mark.parametrize(("route", "status"), [("session", 200), ("session-async", 200), ("user", 403)])
def test_identity_without_user_is_denied_by_user_required(
    client: Client, kratos: Whoami, change_ory: ChangeOry, route: str, status: int
) -> None:
    change_ory(CREATE_USERS=False)
    kratos.signed_in()
    assert client.get(f"/{route}/", headers=SIGNED_IN).status_code == status


@pytest.mark.parametrize("route", ["aal2", "aal2-async"])
def test_cached_session_is_refreshed_before_a_denial(
    client: Client, kratos: Whoami, change_ory: ChangeOry, route: str
) -> None:
    change_ory(SESSION_CACHE_SECONDS=60)
    kratos.signed_in()
    client.get("/session/", headers=SIGNED_IN)
    kratos.signed_in(authenticator_assurance_level="aal2")
    assert client.get(f"/{route}/", headers=SIGNED_IN).content == b"in"
    assert len(kratos.calls) == 2


def test_denied_post_returns_to_the_page_with_the_form(client: Client, kratos: Whoami) -> None:
    kratos.signed_in()
    response = client.post("/aal2/", headers={**SIGNED_IN, "referer": "http://testserver/form/"})
    assert response.status_code == 303
    assert parse_qs(urlsplit(response["Location"]).query)["return_to"] == ["http://testserver/form/"]


def test_api_argument_returns_json(client: Client, kratos: Whoami) -> None:
    assert client.get("/api/").status_code == 401
    kratos.refuse_connections()
    assert client.get("/api/", headers=SIGNED_IN).json()["error"]["id"] == "ory_unavailable"


def test_decorator_works_without_the_middleware(kratos: Whoami) -> None:
    kratos.signed_in()

    @ory_session_required
    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse("in")

    assert view(RequestFactory().get("/", headers=SIGNED_IN)).content == b"in"


def test_decorators_work_under_asgi(kratos: Whoami) -> None:
    async def ask(route: str) -> Any:
        return await AsyncClient().get(route, headers=SIGNED_IN)

    for route in ("/session-async/", "/aal2-async/", "/session/"):
        assert asyncio.run(ask(route)).status_code == 302


def test_decorated_view_keeps_name_and_attributes() -> None:
    @ory_user_required(aal="aal2")
    @login_not_required
    def view(request: HttpRequest) -> HttpResponse:
        """Render the page."""
        return HttpResponse()

    assert view.__name__ == "view"
    assert view.__doc__ == "Render the page."
    assert view.login_required is False  # type: ignore[attr-defined]


def test_invalid_requirement_raises_at_import() -> None:
    with pytest.raises(ValueError, match="aal"):
        ory_session_required(aal="2")  # type: ignore[call-overload]


def test_logout_of_the_admin_ends_the_session_of_kratos(kratos: Whoami) -> None:
    logout = "http://kratos.test:4433/self-service/logout"
    flow = {"logout_url": f"{logout}?token=t", "logout_token": "t"}
    kratos.ory.respond("GET /self-service/logout/browser", json=flow)
    cookie = {"Set-Cookie": "ory_kratos_session=x; Max-Age=0"}
    kratos.ory.respond("GET /self-service/logout", status=204, headers=cookie)
    view = secure_admin_logout(admin.site.logout)
    response = view(RequestFactory().post("/admin/logout/", headers={"cookie": COOKIE}))
    assert (response.status_code, response["Location"]) == (303, "/")
    assert kratos.calls[-1].target == "/self-service/logout?token=t"


def test_logout_of_the_admin_by_get_asks_first(kratos: Whoami) -> None:
    view = secure_admin_logout(admin.site.logout)
    response = view(RequestFactory().get("/admin/logout/", headers={"cookie": COOKIE}))
    assert (response.status_code, response["Location"]) == (302, "/auth/logout/")
    assert not kratos.calls
