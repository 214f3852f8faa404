"""request.user: the user of Django first; the data of a Django session belong to one user."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth import SESSION_KEY, get_user_model
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session as SessionRow
from django.http import HttpResponse
from django.test import AsyncClient, Client, RequestFactory, override_settings
from django.urls import path
from django.utils.functional import SimpleLazyObject

from django_ory.authentication.request import OryRequest
from django_ory.authentication.request_user import RequestUser
from django_ory.authentication.session_owner import SESSION_OWNER_KEY as OWNER
from tests.support.kratos import COOKIE, IDENTITY_ID, build_other_identity_json

if TYPE_CHECKING:
    from django.http import HttpRequest

    from tests.support.kratos import Whoami

pytestmark = pytest.mark.django_db


def get_user(request: HttpRequest) -> Any:
    return RequestUser(request, OryRequest(request)).get()


def build_request(session: SessionStore | None = None) -> HttpRequest:
    request = RequestFactory().get("/", headers={"cookie": COOKIE})
    if session is not None:
        request.session = session
    return request


def with_cart() -> SessionStore:
    """Return the session in the state of the next request."""
    session = SessionStore()
    session["cart"] = "Ann's"
    session.save()
    return SessionStore(session.session_key)


def test_user_set_by_other_code_is_kept(kratos: Whoami) -> None:
    kratos.signed_in()
    user = get_user_model()()
    request = build_request()
    request.user = user
    assert get_user(request) is user
    request.user = AnonymousUser()
    assert get_user(request).is_authenticated


@pytest.mark.parametrize("changed", [False, True])
def test_data_from_before_the_login_get_an_owner_with_the_next_write(kratos: Whoami, changed: bool) -> None:
    """The owner is recorded with the next change only, so that no request writes just for the owner."""
    kratos.signed_in()
    session = with_cart()
    user = RequestUser(build_request(session), OryRequest(build_request()))
    assert user.get().is_authenticated
    if changed:
        session["cart"] = "still Ann's"
    user.finish_session(HttpResponse())
    assert session.modified is changed
    assert session.get(OWNER) == (f"default:{IDENTITY_ID}" if changed else None)


def test_write_after_reading_only_ory_records_the_owner(kratos: Whoami) -> None:
    kratos.signed_in()
    session = with_cart()
    ory = OryRequest(build_request())
    user = RequestUser(build_request(session), ory)
    assert ory.is_authenticated
    session["cart"] = "Ann's"
    user.finish_session(HttpResponse())
    assert session.get(OWNER) == f"default:{IDENTITY_ID}"


@pytest.mark.django_db(transaction=True)
@override_settings(ROOT_URLCONF="tests.authentication.urls")
def test_unread_session_written_in_async_code_gets_an_owner(kratos: Whoami) -> None:
    kratos.signed_in()
    key = with_cart().session_key
    cookies = {"cookie": f"sessionid={key}; {COOKIE}"}
    answer = asyncio.run(AsyncClient().get("/writes-async/", headers=cookies))
    assert (answer.status_code, answer.content) == (200, b"True")
    assert not SessionStore().exists(str(key))
    assert SessionRow.objects.get().get_decoded() == {"cart": "Ann's", OWNER: f"default:{IDENTITY_ID}"}


def anns() -> SessionStore:
    """Return a session with data of Ann, in the state of the next request."""
    session = with_cart()
    session[OWNER] = f"default:{IDENTITY_ID}"
    session.save()
    return SessionStore(session.session_key)


def test_next_request_of_the_owner_writes_nothing(kratos: Whoami) -> None:
    kratos.signed_in()
    session = anns()
    get_user(build_request(session))
    assert not session.modified
    assert session["cart"] == "Ann's"


def gone(session: SessionStore, key: str | None) -> bool:
    return "cart" not in session and not SessionStore().exists(str(key))


def test_next_identity_gets_an_empty_session(kratos: Whoami) -> None:
    kratos.signed_in(identity=build_other_identity_json())
    session = anns()
    key = session.session_key
    request = build_request(session)
    assert get_user(request).is_authenticated
    assert gone(session, key)
    assert request.META["CSRF_COOKIE_NEEDS_UPDATE"]  # Ann may know the old token


def test_session_of_a_deleted_user_is_deleted(kratos: Whoami) -> None:
    kratos.signed_in()
    session = with_cart()
    session[SESSION_KEY] = "4711"
    session.save()
    again = SessionStore(session.session_key)
    request = build_request(again)
    request.user = SimpleLazyObject(AnonymousUser)  # type: ignore[assignment]
    assert get_user(request).is_authenticated
    assert gone(again, session.session_key)


def test_next_identity_gets_an_empty_session_in_async_code(kratos: Whoami, transactional_db: None) -> None:
    kratos.signed_in(identity=build_other_identity_json())
    session = anns()
    key = session.session_key
    asyncio.run(RequestUser(build_request(session), OryRequest(build_request())).aget())
    assert gone(session, key)


def test_anonymous_session_is_kept(kratos: Whoami) -> None:
    session = with_cart()
    assert not get_user(build_request(session)).is_authenticated
    assert not session.modified


def fill(request: HttpRequest) -> HttpResponse:
    """Start a Django session, then use the user."""
    request.session["cart"] = "Ann's"
    return HttpResponse(str(request.user.pk))


async def afill(request: HttpRequest) -> HttpResponse:
    await request.session.aset("cart", "Ann's")
    return HttpResponse(str((await request.auser()).pk))


def read(request: HttpRequest) -> HttpResponse:
    assert request.user.is_authenticated
    return HttpResponse(str(request.session.get("cart")))


urlpatterns = [path("fill/", fill), path("afill/", afill), path("read/", read)]


@pytest.mark.parametrize("route", ["/fill/", "/afill/"])
@override_settings(ROOT_URLCONF=__name__)
def test_session_started_by_a_view_gets_an_owner(client: Client, kratos: Whoami, route: str) -> None:
    kratos.signed_in()
    client.cookies.load(COOKIE)
    client.get(route)
    assert SessionRow.objects.get().get_decoded()[OWNER] == f"default:{IDENTITY_ID}"
    assert client.get("/read/").content == b"Ann's"
    kratos.signed_in(identity=build_other_identity_json())
    assert client.get("/read/").content == b"None"
