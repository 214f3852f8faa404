"""The session lookup with a real Kratos."""

from __future__ import annotations

import base64
import json
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from django.contrib.auth import get_user_model
from django.test import RequestFactory

from django_ory.authentication.request import get_ory
from tests.live.client.world import PASSWORD, Browser, World, get_value
from tests.live.codes import totp
from tests.live.proxy import FAULTS, passes

from .conftest import WHOAMI, change, use_stack

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.test import Client

    from django_ory.devstack import OryStack
    from tests.live.proxy import Proxy

pytestmark = [pytest.mark.live, pytest.mark.django_db]


def request_report(client: Client, **headers: str) -> Any:
    return client.get("/report/", headers=headers)


def test_cookie_is_accepted(client: Client, world: World) -> None:
    identity = world.person()
    browser = world.browser()
    body = request_report(client, cookie=f"sessionid=x; {browser.cookie}; tracker=1").json()
    assert body["identity"] == identity.id
    assert body["aal"] == "aal1"
    assert body["user"] == str(get_user_model()._default_manager.get().pk)


@pytest.mark.parametrize("header", ["x-session-token", "authorization"])
def test_token_is_accepted(client: Client, world: World, header: str) -> None:
    identity = world.person()
    token = world.token()
    assert token.startswith("ory_st_")
    value = token if header == "x-session-token" else f"Bearer {token}"
    assert request_report(client, **{header: value}).json()["identity"] == identity.id


def test_invalid_tokens_and_cookies_are_anonymous(
    client: Client, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.person()
    token = world.token()
    for headers in (
        {"cookie": "ory_kratos_session=garbage"},
        {"cookie": "ory_kratos_session=MTcz|garbage=="},
        {"x-session-token": "ory_st_wrong"},
        {"authorization": "Bearer ory_st_wrong"},
        {"authorization": "Bearer ory_at_x"},
        {"cookie": "ory_kratos_session=garbage", "authorization": f"Bearer {token}"},
    ):
        response = request_report(client, **headers)
        assert response.status_code == 200
        assert not response.json()["is_authenticated"]
        assert not response.json()["unavailable"]  # Kratos returns 500 for the last one if both are sent
    assert not caplog.messages


def test_extended_session_renews_the_cookie(client: Client, world: World) -> None:
    identity = world.person()
    browser = world.browser()
    assert not request_report(client, cookie=browser.cookie).cookies
    sessions = world.client.admin_list_identity_sessions(identity.id)
    world.client.admin_extend_session(sessions[0].id)
    renewed = request_report(client, cookie=browser.cookie).cookies
    assert set(renewed) == {"ory_kratos_session"}
    morsel = renewed["ory_kratos_session"]
    assert morsel["httponly"]
    assert morsel.coded_value != browser.cookies["ory_kratos_session"]
    assert (
        request_report(client, cookie=f"ory_kratos_session={morsel.coded_value}").json()["identity"]
        == identity.id
    )


def test_signed_out_cookie_is_anonymous(client: Client, world: World, settings: Any) -> None:
    change(settings, SESSION_CACHE_SECONDS=60)
    world.person()
    browser = world.browser()
    assert request_report(client, cookie=browser.cookie).json()["is_authenticated"]
    response = client.post("/auth/logout/", headers={"cookie": browser.cookie})
    assert (response.status_code, response["Location"]) == (303, "/")
    assert not request_report(client, cookie=browser.cookie).json()["is_authenticated"]


def test_signed_out_token_is_anonymous(client: Client, world: World) -> None:
    from django_ory.authentication.logout import end_session

    world.person()
    token = world.token()
    assert request_report(client, **{"x-session-token": token}).json()["is_authenticated"]
    end_session(RequestFactory().post("/", headers={"x-session-token": token}))
    assert not request_report(client, **{"x-session-token": token}).json()["is_authenticated"]


def test_deactivated_identity_is_anonymous(client: Client, world: World, settings: Any) -> None:
    change(settings, SESSION_CACHE_SECONDS=60)
    from django_ory.mirror.identities import set_identity_state
    from django_ory.models import Identity

    identity = world.person()
    browser = world.browser()
    assert request_report(client, cookie=browser.cookie).json()["user"]
    set_identity_state("default", identity.id, Identity.State.INACTIVE)
    assert not request_report(client, cookie=browser.cookie).json()["is_authenticated"]


def test_revoked_session_is_anonymous(client: Client, world: World) -> None:
    identity = world.person()
    browser = world.browser()
    assert request_report(client, cookie=browser.cookie).json()["user"]
    world.client.admin_delete_identity_sessions(identity.id)
    assert not request_report(client, cookie=browser.cookie).json()["user"]


def test_changed_traits_reach_the_user(client: Client, world: World) -> None:
    identity = world.person()
    browser = world.browser()
    request_report(client, cookie=browser.cookie)
    new = world.email("new")
    world.client.admin_patch_identity(
        identity.id, body=[{"op": "replace", "path": "/traits/email", "value": new}]
    )
    request_report(client, cookie=browser.cookie)
    user = get_user_model()._default_manager.get()
    assert getattr(user, user.get_email_field_name()) == new


def test_page_makes_one_call(client: Client, world: World, proxy: Proxy) -> None:
    world.person()
    browser = world.browser()
    request_report(client, cookie=browser.cookie)
    assert proxy.count(WHOAMI) == 1
    client.get("/public/", headers={"cookie": browser.cookie})
    assert proxy.count(WHOAMI) == 1


@pytest.mark.parametrize("fault", ["cut", "truncated", "html 200", "crash"])
def test_damaged_responses_are_anonymous_and_no_500(
    client: Client, world: World, proxy: Proxy, settings: Any, fault: str
) -> None:
    change(settings, BREAKER_SECONDS=0.2)
    world.person()
    browser = world.browser()
    proxy.fault = FAULTS[fault]
    body = request_report(client, cookie=browser.cookie).json()
    assert body["unavailable"]
    assert not body["is_authenticated"]
    assert client.get("/user/", headers={"cookie": browser.cookie}).status_code == 503
    proxy.fault = passes
    until = time.monotonic() + 10
    while not request_report(client, cookie=browser.cookie).json()["is_authenticated"]:
        assert time.monotonic() < until
        time.sleep(0.05)


# The second factor, and sessions that end.


@pytest.fixture
def strict(strict_stack: OryStack, settings: Any) -> Iterator[World]:
    with use_stack(strict_stack, settings) as world:
        yield world


def enroll(world: World, browser: Browser) -> str:
    """Enroll a second factor for the person in this browser and return the secret."""
    info = world.client.with_http_info.create_browser_settings_flow(cookie=browser.cookie)
    flow = browser.take(info)
    nodes: list[Any] = flow.ui.nodes
    secret = next(
        node.attributes.text.text for node in nodes if getattr(node.attributes, "id", "") == "totp_secret_key"
    )
    body = {"method": "totp", "totp_code": totp(secret), "csrf_token": get_value(flow, "csrf_token")}
    browser.take(
        world.client.with_http_info.update_settings_flow(flow=flow.id, cookie=browser.cookie, body=body)
    )
    return str(secret)


def sign_in_by_password(world: World) -> Browser:
    """Return a browser after the first factor: Kratos returns 422 and requires the second."""
    browser = Browser()
    flow = browser.take(world.client.with_http_info.create_browser_login_flow())
    body = {
        "method": "password",
        "identifier": world.email(),
        "password": PASSWORD,
        "csrf_token": get_value(flow, "csrf_token"),
    }
    headers = {"Cookie": browser.cookie, "Accept": "application/json"}
    response = requests.post(flow.ui.action, json=body, headers=headers, timeout=10)
    assert response.status_code == 422
    browser.cookies.update(response.cookies.get_dict())
    return browser


def test_missing_second_factor_is_not_anonymous(client: Client, strict: World) -> None:
    identity = strict.person()
    secret = enroll(strict, strict.browser())
    browser = sign_in_by_password(strict)
    response = request_report(client, cookie=browser.cookie)
    assert response.json()["aal2_required"]
    assert not response.json()["is_authenticated"]
    for route in ("/session/", "/user/", "/aal2/", "/session-async/"):
        location = client.get(route, headers={"cookie": browser.cookie})["Location"]
        assert parse_qs(urlsplit(location).query)["aal"] == ["aal2"]
    start = client.get(location, headers={"cookie": browser.cookie})["Location"]
    assert start.startswith(strict.stack.kratos_public_url + "/self-service/login/browser?")
    assert parse_qs(urlsplit(start).query)["aal"] == ["aal2"]
    flow = browser.take(
        strict.client.with_http_info.create_browser_login_flow(aal="aal2", cookie=browser.cookie)
    )
    body = {"method": "totp", "totp_code": totp(secret), "csrf_token": get_value(flow, "csrf_token")}
    browser.take(
        strict.client.with_http_info.update_login_flow(flow=flow.id, cookie=browser.cookie, body=body)
    )
    body = request_report(client, cookie=browser.cookie).json()
    assert body["identity"] == identity.id
    assert body["aal"] == "aal2"
    assert client.get("/aal2/", headers={"cookie": browser.cookie}).content == b"in"


def test_tokenized_is_a_jwt_of_the_session(strict: World, settings: Any) -> None:
    change(settings, TOKENIZE_AS="short")
    identity = strict.person()
    request = RequestFactory().get("/", headers={"cookie": strict.browser().cookie})
    token = get_ory(request).tokenized
    assert token is not None
    body = token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    assert claims["sub"] == identity.id
    change(settings, TOKENIZE_AS="unknown")
    ory = get_ory(RequestFactory().get("/", headers={"cookie": strict.browser().cookie}))
    assert ory.tokenized is None


def test_expired_session_is_anonymous(client: Client, short_stack: OryStack, settings: Any) -> None:
    with use_stack(short_stack, settings) as world:
        world.person()
        browser = world.browser()
    change(settings, SESSION_CACHE_SECONDS=60)
    assert request_report(client, cookie=browser.cookie).json()["is_authenticated"]
    time.sleep(4.2)  # the cache entry of one minute expires with the session
    assert not request_report(client, cookie=browser.cookie).json()["is_authenticated"]
