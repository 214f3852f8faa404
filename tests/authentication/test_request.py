"""request.ory: lazy, once, and the same for sync and async code."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import SynchronousOnlyOperation
from django.test import RequestFactory

from django_ory.adapter import OryAdapter
from django_ory.authentication import request as module
from django_ory.authentication.request import OryRequest, get_ory
from django_ory.authentication.request_user import RequestUser
from django_ory.client import OryUnauthorized
from django_ory.clients import get_client
from django_ory.conf import OryConfigurationError
from django_ory.exceptions import SessionUnavailable
from django_ory.testing import FakeRequest, FakeResponse, build_error_json, json_response
from tests.support.kratos import COOKIE, IDENTITY_ID, WHOAMI, ory_settings, session_json

if TYPE_CHECKING:
    from django.http import HttpRequest
    from pytest_django import Settings

    from tests.support.fixtures import ChangeOry
    from tests.support.kratos import Whoami


def build_ory(method: str = "GET", **headers: str) -> OryRequest:
    return get_ory(RequestFactory().generic(method, "/", headers={"cookie": COOKIE, **headers}))


def test_untouched_request_makes_no_call(kratos: Whoami) -> None:
    ory = build_ory()
    assert not ory.accessed
    assert "not loaded" in repr(ory)
    assert not kratos.calls


def test_all_attributes_take_one_call(kratos: Whoami) -> None:
    kratos.signed_in(authenticator_assurance_level="aal2")
    ory = build_ory()
    assert ory.is_authenticated
    assert ory.session is not None
    assert ory.identity is not None
    assert ory.identity.id == IDENTITY_ID
    assert ory.aal == "aal2"
    assert ory.authenticated_at == ory.session.authenticated_at
    assert not ory.aal2_required
    assert not ory.unavailable
    assert ory.accessed
    assert len(kratos.calls) == 1
    assert "signed_in" in repr(ory)


def test_anonymous_request_has_no_session(kratos: Whoami) -> None:
    ory = build_ory()
    assert (ory.session, ory.identity, ory.aal, ory.authenticated_at, ory.user) == (None,) * 5
    assert not ory.is_authenticated
    assert not ory.is_blocked


def test_missing_second_factor_is_not_anonymous(kratos: Whoami) -> None:
    kratos.require_second_factor()
    ory = build_ory()
    assert ory.aal2_required
    assert not ory.is_authenticated
    assert not ory.unavailable


def test_unavailable_kratos_raises_by_policy(kratos: Whoami, change_ory: ChangeOry) -> None:
    kratos.refuse_connections()
    assert not build_ory().is_authenticated
    assert build_ory().unavailable
    post = build_ory("POST")
    with pytest.raises(SessionUnavailable):
        _ = post.is_authenticated
    assert post.raised_unavailable
    assert post.unavailable
    change_ory(WHEN_UNAVAILABLE_SAFE="error", WHEN_UNAVAILABLE_UNSAFE="anonymous")
    with pytest.raises(SessionUnavailable):
        _ = build_ory().session
    assert build_ory("DELETE").session is None


def test_stale_session_is_used_for_safe_methods_only(kratos: Whoami, change_ory: ChangeOry) -> None:
    change_ory(WHEN_UNAVAILABLE_SAFE="stale")
    kratos.signed_in()
    assert build_ory().is_authenticated
    kratos.refuse_connections()
    assert build_ory().is_authenticated
    assert build_ory().whoami.stale
    with pytest.raises(SessionUnavailable):
        _ = build_ory("POST").is_authenticated


def test_refresh_bypasses_the_cache(kratos: Whoami, change_ory: ChangeOry) -> None:
    change_ory(SESSION_CACHE_SECONDS=60)
    kratos.signed_in()
    assert build_ory().aal == "aal1"
    kratos.signed_in(authenticator_assurance_level="aal2", headers={"Set-Cookie": "ory_kratos_session=new"})
    later = build_ory()
    assert later.aal == "aal1"
    later.refresh()
    assert later.aal == "aal2"
    assert later.set_cookies
    later.refresh()
    assert len(kratos.calls) == 3


def test_refresh_of_an_anonymous_request_makes_no_call(kratos: Whoami) -> None:
    ory = get_ory(RequestFactory().get("/"))
    assert ory.refresh().session is None
    assert not kratos.calls


def test_tokenized_takes_one_call(kratos: Whoami, change_ory: ChangeOry) -> None:
    with pytest.raises(OryConfigurationError, match="TOKENIZE_AS"):
        _ = build_ory().tokenized
    change_ory(TOKENIZE_AS="jwt_example")
    assert get_ory(RequestFactory().get("/")).tokenized is None
    kratos.respond(json=session_json(tokenized="ey.J.x"))
    one = build_ory()
    assert one.tokenized == "ey.J.x"
    assert one.tokenized == "ey.J.x"
    assert one.is_authenticated
    assert len(kratos.calls) == 1
    kratos.reject_credential()
    assert build_ory().tokenized is None


def test_client_gets_the_rest_of_the_timeout(kratos: Whoami, change_ory: ChangeOry) -> None:
    change_ory(TIMEOUT=2.0)
    ask = build_ory()
    assert ask.client is get_client("default")
    for spent, left in ((1.5, 0.5), (2.5, 0.1)):
        ask.seconds = spent
        with pytest.raises(OryUnauthorized):
            ask.client.to_session()
        assert kratos.calls[-1].timeout == pytest.approx(left, abs=0.05)


def test_alias_is_chosen_by_host(kratos: Whoami, settings: Any) -> None:
    settings.ORY = {
        **settings.ORY,
        "acme": {"KRATOS_PUBLIC_URL": "http://acme.test", "HOSTS": ["acme.example"]},
    }
    settings.ALLOWED_HOSTS = ["*"]
    for host, alias in (
        ("acme.example", "acme"),
        ("acme.example:8000", "acme"),
        ("testserver", "default"),
        ("[::1]:8000", "default"),
    ):
        assert get_ory(RequestFactory().get("/", headers={"host": host})).alias == alias


def test_only_alias_is_chosen_whatever_its_name(settings: Any) -> None:
    settings.ORY = {"acme": settings.ORY["default"]}
    assert get_ory(RequestFactory().get("/")).alias == "acme"


def test_lookup_in_an_event_loop_raises(kratos: Whoami) -> None:
    kratos.signed_in()

    async def view() -> None:
        ory = build_ory()
        with pytest.raises(SynchronousOnlyOperation, match="await request"):
            _ = ory.session
        with pytest.raises(SynchronousOnlyOperation):
            ory.refresh()
        assert (await ory) is ory
        assert ory.is_authenticated
        assert (await ory) is ory
        assert (await ory.arefresh()).session is not None
        assert get_ory(RequestFactory().get("/")).session is None  # nothing to wait for

    asyncio.run(view())
    assert len(kratos.calls) == 2


def test_atokenized_returns_the_token(kratos: Whoami, change_ory: ChangeOry) -> None:
    change_ory(TOKENIZE_AS="jwt_example")
    kratos.respond(json=session_json(tokenized="ey.J.x"))

    async def view() -> str | None:
        with pytest.raises(SynchronousOnlyOperation):
            _ = build_ory().tokenized
        return await build_ory().atokenized()

    assert asyncio.run(view()) == "ey.J.x"


def test_auser_of_an_anonymous_request_is_none(kratos: Whoami) -> None:
    async def view() -> None:
        ory = build_ory()
        assert await ory.auser() is None
        user = RequestUser(ory.request, ory)
        assert (await user.aget()) == AnonymousUser()
        assert (await user.aget()) == user.get()

    asyncio.run(view())
    assert len(kratos.calls) == 1


@pytest.mark.django_db(transaction=True)
def test_auser_returns_the_user(kratos: Whoami) -> None:
    kratos.signed_in()

    async def view() -> None:
        ory = build_ory()
        user = await ory.auser()
        assert user is not None
        assert (await ory.auser()) is user
        assert ory.user is user
        assert (await RequestUser(ory.request, ory).aget()) is user

    asyncio.run(view())
    assert len(kratos.calls) == 1


def test_get_ory_returns_the_same_object() -> None:
    request = RequestFactory().get("/")
    assert get_ory(request) is get_ory(request)


def test_unknown_template_does_not_make_the_request_anonymous(kratos: Whoami, change_ory: ChangeOry) -> None:
    change_ory(TOKENIZE_AS="misspelled")
    kratos.signed_in()

    def answer(request: FakeRequest) -> FakeResponse:
        if request.get_query("tokenize_as"):
            return json_response(build_error_json(400, message="unknown template"), status=400)
        return json_response(session_json())

    kratos.ory.respond(WHOAMI, answer)
    request = build_ory()
    assert request.tokenized is None
    assert request.is_authenticated


@pytest.mark.parametrize(("method", "refused"), [("GET", False), ("POST", True)])
def test_stale_policy_without_a_cached_session_rejects_changes(
    kratos: Whoami, change_ory: ChangeOry, method: str, refused: bool
) -> None:
    change_ory(WHEN_UNAVAILABLE_SAFE="stale", WHEN_UNAVAILABLE_UNSAFE="stale")
    kratos.refuse_connections()
    request = build_ory(method)
    if refused:
        with pytest.raises(SessionUnavailable):
            _ = request.session
    else:
        assert request.session is None


class LooksUp(OryAdapter):
    """Finds the tenant in the database."""

    def resolve_alias(self, request: HttpRequest) -> str:
        return "acme" if get_user_model()._default_manager.count() else "default"


@pytest.mark.django_db(transaction=True)
def test_alias_from_the_database_works_in_async_code(kratos: Whoami, settings: Settings) -> None:
    ory = ory_settings(ADAPTER=f"{__name__}.LooksUp")
    settings.ORY = {**ory, "acme": {}}
    kratos.signed_in()

    async def view() -> str:
        return (await build_ory()).alias

    assert asyncio.run(view()) == "default"


def test_time_in_the_queue_counts_for_the_timeout(
    kratos: Whoami, change_ory: ChangeOry, monkeypatch: pytest.MonkeyPatch
) -> None:
    change_ory(TIMEOUT=0.4)
    kratos.signed_in()
    pool = ThreadPoolExecutor(1)
    monkeypatch.setitem(module._THREADS, "executor", pool)
    pool.submit(time.sleep, 0.6)

    async def view() -> bool:
        return (await build_ory()).unavailable

    assert asyncio.run(view())
    assert not kratos.calls
