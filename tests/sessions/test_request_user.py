"""request.user: Django's own first, and what one person left in the Django session is nobody else's."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session as SessionRow
from django.test import Client, RequestFactory, override_settings
from django.urls import path

from django_ory.sessions.request import OryRequest
from django_ory.sessions.request_user import OWNER, RequestUser

from .stand_in import COOKIE, IDENTITY_ID, somebody_new

if TYPE_CHECKING:
    from django.http import HttpRequest

    from .stand_in import StandIn

pytestmark = pytest.mark.django_db


def user_of(request: HttpRequest) -> Any:
    return RequestUser(request, OryRequest(request)).get()


def a_request(session: SessionStore | None = None) -> HttpRequest:
    request = RequestFactory().get("/", headers={"cookie": COOKIE})
    if session is not None:
        request.session = session
    return request


def with_cart() -> SessionStore:
    """As the next request finds it."""
    session = SessionStore()
    session["cart"] = "Ann's"
    session.save()
    return SessionStore(session.session_key)


def test_a_user_that_somebody_else_put_on_the_request_stays(kratos: StandIn) -> None:
    kratos.signed_in()
    user = get_user_model()()
    request = a_request()
    request.user = user
    assert user_of(request) is user
    request.user = AnonymousUser()
    assert user_of(request).is_authenticated


def test_a_session_from_before_the_sign_in_gets_another_key(kratos: StandIn) -> None:
    """Somebody may have planted it: then they must not read what the person puts into it."""
    kratos.signed_in()
    session = with_cart()
    planted = str(session.session_key)
    assert user_of(a_request(session)).is_authenticated
    assert session["cart"] == "Ann's"
    assert session.session_key != planted
    assert not SessionStore().exists(planted)
    assert session[OWNER] == f"default:{IDENTITY_ID}"


def test_the_next_request_writes_nothing(kratos: StandIn) -> None:
    kratos.signed_in()
    session = with_cart()
    user_of(a_request(session))
    session.save()
    again = SessionStore(session.session_key)
    user_of(a_request(again))
    assert not again.modified
    assert again.session_key == session.session_key


def test_the_next_person_gets_an_empty_session(kratos: StandIn) -> None:
    kratos.signed_in()
    session = with_cart()
    user_of(a_request(session))
    session.save()
    kratos.signed_in(identity=somebody_new())
    again = SessionStore(session.session_key)
    assert user_of(a_request(again)).is_authenticated
    assert "cart" not in again
    assert not SessionStore().exists(str(session.session_key))


def test_in_async_code_as_well(kratos: StandIn, transactional_db: None) -> None:
    kratos.signed_in()
    session = with_cart()
    request = a_request(session)
    asyncio.run(RequestUser(request, OryRequest(request)).aget())
    assert session[OWNER] == f"default:{IDENTITY_ID}"


def test_strangers_keep_what_they_have(kratos: StandIn) -> None:
    session = with_cart()
    assert not user_of(a_request(session)).is_authenticated
    assert not session.modified


def fill(request: HttpRequest) -> Any:
    """Begins a Django session, and asks who is there only then."""
    from django.http import HttpResponse

    request.session["cart"] = "Ann's"
    return HttpResponse(str(request.user.pk))


def read(request: HttpRequest) -> Any:
    from django.http import HttpResponse

    assert request.user.is_authenticated
    return HttpResponse(str(request.session.get("cart")))


urlpatterns = [path("fill/", fill), path("read/", read)]


@override_settings(ROOT_URLCONF=__name__)
def test_a_session_that_a_view_begins_is_the_persons(client: Client, kratos: StandIn) -> None:
    kratos.signed_in()
    client.cookies.load(COOKIE)
    client.get("/fill/")
    assert SessionRow.objects.get().get_decoded()[OWNER] == f"default:{IDENTITY_ID}"
    assert client.get("/read/").content == b"Ann's"
    kratos.signed_in(identity=somebody_new())
    assert client.get("/read/").content == b"None"
