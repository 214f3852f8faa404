"""Sign-out is complete when the response to the POST arrives: in Kratos, on this site, and in the browser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from django_ory.client import OryUnauthorized
from django_ory.client.responses import HTTPInfo
from tests.live.proxy import passes

from .conftest import change

if TYPE_CHECKING:
    from django.test import Client

    from tests.live.client.world import World
    from tests.live.proxy import Proxy

pytestmark = [pytest.mark.live, pytest.mark.django_db]


def is_signed_in(client: Client, cookie: str) -> bool:
    signed_in: bool = client.get("/report/", headers={"cookie": cookie}).json()["is_authenticated"]
    return signed_in


@pytest.mark.parametrize("seconds", [0, 60], ids=["no cache", "cache"])
def test_logout_ends_the_session_without_a_redirect(
    client: Client, world: World, settings: Any, seconds: int
) -> None:
    change(settings, SESSION_CACHE_SECONDS=seconds)
    world.person()
    browser, other = world.browser(), world.browser()
    assert is_signed_in(client, browser.cookie)

    response = client.post("/auth/logout/", {"next": "/user/"}, headers={"cookie": browser.cookie})

    assert (response.status_code, response["Location"]) == (303, "http://testserver/user/")
    with pytest.raises(OryUnauthorized):
        world.client.to_session(cookie=browser.cookie)
    assert not is_signed_in(client, browser.cookie)
    assert is_signed_in(client, other.cookie)


def test_logout_deletes_the_session_cookie_and_keeps_open_forms(client: Client, world: World) -> None:
    world.person()
    browser = world.browser()
    calls = world.client.with_http_info
    form = browser.take(calls.create_browser_login_flow(refresh=True, cookie=browser.cookie))

    response = client.post("/auth/logout/", headers={"cookie": browser.cookie})

    lines = [line.OutputString() for line in response.cookies.values()]
    assert [line.partition("=")[0] for line in lines] == ["ory_kratos_session"]
    browser.take(HTTPInfo(None, 303, {}, lines))
    assert "ory_kratos_session" not in browser.cookies
    # Its CSRF cookie is the old one, so the form is still accepted.
    assert world.client.get_login_flow(id=form.id, cookie=browser.cookie).id == form.id


def test_signing_in_again_after_a_logout(client: Client, world: World, settings: Any) -> None:
    change(settings, SESSION_CACHE_SECONDS=60)
    identity = world.person()
    browser = world.browser()
    assert is_signed_in(client, browser.cookie)
    client.post("/auth/logout/", headers={"cookie": browser.cookie})
    assert not is_signed_in(client, browser.cookie)
    again = world.browser()
    assert client.get("/report/", headers={"cookie": again.cookie}).json()["identity"] == identity.id


def test_failed_logout_shows_that_the_user_is_still_signed_in(
    client: Client, world: World, proxy: Proxy
) -> None:
    world.person()
    browser = world.browser()
    proxy.fault = lambda exchange: exchange.send(b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n")
    response = client.post("/auth/logout/", headers={"cookie": browser.cookie})
    assert response.status_code == 503
    assert b"still signed in on this device" in response.content
    assert "ory_kratos_session" not in response.cookies
    proxy.fault = passes
    assert is_signed_in(client, browser.cookie)
    assert client.post("/auth/logout/", headers={"cookie": browser.cookie}).status_code == 303
    assert not is_signed_in(client, browser.cookie)
