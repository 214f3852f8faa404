"""Used, foreign and invalid flows, browsers without cookies, and an unavailable Kratos."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
import requests

from django_ory.clients import get_client
from django_ory.selfservice.decisions.redirect_loop import MAX_REPEATS

from .conftest import Visitor, enroll

if TYPE_CHECKING:
    from collections.abc import Callable

    from django_ory.devstack import OryStack

pytestmark = pytest.mark.live


@pytest.mark.parametrize("kind", ["login", "registration", "recovery", "verification"])
@pytest.mark.parametrize(
    "flow", ["nonsense", "7c6a5f0e-3b0f-4d5e-9c0a-3e9d1b6f8a11", "%00", "../sessions/whoami"]
)
def test_invalid_flow_id_restarts(visitor: Visitor, kind: str, flow: str) -> None:
    browser = visitor.page(kind, f"?flow={flow}")
    assert browser.status == 200
    assert browser.query["flow"] != flow
    assert browser.forms
    assert ("has expired" in browser.text) is flow.startswith("7c6a")


def test_flow_of_another_browser_restarts(stack: Any) -> None:
    ann, eve = Visitor(stack), Visitor(stack)
    ann.page("login")
    eve.browser.open(ann.browser.url)
    assert eve.browser.status == 200
    assert eve.browser.query["flow"] != ann.browser.query["flow"]
    assert "could not be continued" in eve.browser.text
    eve.browser.open(eve.browser.url)
    assert "could not be continued" not in eve.browser.text


def test_used_flow_redirects(member: Callable[[], Visitor]) -> None:
    ann = member()
    ann.page("login", "?next=/admin/login/")
    used = ann.browser.url
    ann.press("password", identifier=ann.email, password=ann.password)
    ann.browser.open(used)
    assert ann.browser.url == f"{ann.stack.site_url}/"  # Kratos no longer returns the target of the flow


def test_settings_of_another_user_restart(member: Callable[[], Visitor]) -> None:
    ann, bob = member(), member()
    ann.sign_in("?next=/auth/settings/")
    bob.sign_in()
    bob.browser.open(ann.browser.url)
    assert bob.heading == "Your account"
    assert bob.email in bob.browser.text
    assert ann.email not in bob.browser.text


def test_blocked_cookies_are_explained(visitor: Visitor) -> None:
    visitor.block_cookies()
    browser = visitor.page("login")
    assert browser.status == 403
    assert visitor.heading == "Cookies are required to sign in"


def test_page_that_rejects_a_user_does_not_loop(member: Callable[[], Visitor]) -> None:
    ann = member()
    ann.sign_in()
    urls = [ann.page("login", "?next=/admin/login/").url for _ in range(MAX_REPEATS + 1)]
    assert all(url.endswith("/admin/login/") for url in urls[:-1])
    assert ann.heading == "You don&#x27;t have access to this page"


def test_session_without_a_cookie_for_the_site_does_not_loop(
    member: Callable[[], Visitor], settings: Any
) -> None:
    ann = member()
    ann.sign_in()
    settings.ORY = {"default": {**settings.ORY["default"], "SESSION_COOKIE_NAME": "another_name"}}
    ann.page("settings")
    assert ann.browser.status == 403
    assert ann.heading == "We could not sign you in"


def test_aal2_without_a_session_asks_for_the_first_factor(visitor: Visitor) -> None:
    visitor.page("login", "?aal=aal2")
    assert visitor.heading.startswith("Sign in to")


def test_stored_errors_are_explained(visitor: Visitor) -> None:
    url = f"{visitor.stack.kratos_public_url}/self-service/login/browser"
    browser = visitor.browser.open(f"{url}?return_to=https://evil.example/")
    assert browser.status == 400
    assert visitor.heading == "Cannot continue"
    browser.open(f"{url}?aal=aal2")
    assert browser.status == 401
    assert visitor.heading == "Sign in first"


@pytest.mark.parametrize("query", ["return_to=http://[Call 555-0100", "aal=Call 555-0100"])
def test_reason_of_a_stored_error_is_not_shown(visitor: Visitor, query: str) -> None:
    visitor.browser.open(f"{visitor.stack.kratos_public_url}/self-service/login/browser?{query}")
    assert visitor.browser.status == 400
    assert visitor.heading == "Something went wrong"
    assert "555-0100" not in visitor.browser.text
    stored = get_client().get_self_service_error(id=visitor.browser.query["id"])
    assert "555-0100" in str(stored.error)


def test_form_without_its_cookie_is_explained(visitor: Visitor) -> None:
    visitor.page("login")
    visitor.browser.forget(only="csrf_token")
    visitor.press("password", identifier="x", password="y")
    assert visitor.browser.status == 403
    assert visitor.heading == "Cookies are required to sign in"


def test_expired_flow_restarts(ory_stack_factory: Callable[..., OryStack], settings: Any, db: None) -> None:
    short = {
        "flows": {kind: {"lifespan": "2s"} for kind in ("login", "recovery", "verification", "registration")}
    }
    stack = ory_stack_factory(config_overrides={"kratos": {"selfservice": short}})
    settings.ORY = stack.ory_setting
    ann = enroll(Visitor(stack))
    pages = [ann.page(kind, "?return_to=/admin/login/").url for kind in short["flows"]]
    late = Visitor(stack)
    late.page("login", "?return_to=/admin/login/")
    time.sleep(2.3)
    for stale in pages:
        ann.browser.open(stale)
        assert ann.browser.status == 200
        assert ann.browser.url != stale
        assert "has expired" in ann.browser.text
    late.press("password", identifier=ann.email, password=ann.password)  # Kratos creates a new flow
    assert "has expired" in late.browser.text


def test_slow_or_stopped_kratos_is_a_503(
    ory_stack_factory: Callable[..., OryStack], settings: Any, db: None
) -> None:
    stack = ory_stack_factory()
    settings.ORY = {"default": {**stack.ory_setting["default"], "TIMEOUT": 1.0}}
    ann = enroll(Visitor(stack))
    ann.sign_in()
    eve = Visitor(stack)
    eve.page("login")
    shown = eve.browser.url
    stack.kratos.pause()
    try:
        for visitor, url in ((ann, "settings"), (eve, "login"), (eve, shown)):
            started = time.monotonic()
            if url.startswith("http"):
                visitor.browser.open(url)
            else:
                visitor.page(url)
            assert visitor.browser.status == 503
            assert time.monotonic() - started < 4
    finally:
        stack.kratos.resume()
    stack.kratos.stop()
    assert eve.page("login").status == 503
    assert ann.page("settings").status == 503
    stack.kratos.start()
    stack.kratos.wait_ready()
    deadline = time.monotonic() + 10
    while ann.page("settings").status == 503 and time.monotonic() < deadline:
        time.sleep(0.2)
    assert ann.browser.status == 200


def test_failed_logout_can_be_retried(
    ory_stack_factory: Callable[..., OryStack], settings: Any, db: None
) -> None:
    stack = ory_stack_factory()
    settings.ORY = {"default": {**stack.ory_setting["default"], "TIMEOUT": 1.5}}
    ann = enroll(Visitor(stack))
    ann.sign_in()
    stack.kratos.pause()
    try:
        started = time.monotonic()
        ann.sign_out()
        assert time.monotonic() - started < 2.9  # two timeouts would be 3
        assert ann.browser.status == 503
        assert ann.heading == "You are not signed out yet"
        assert ann.is_signed_in()
    finally:
        stack.kratos.resume()
    ann.browser.post(f"{stack.site_url}{ann.browser.forms[0].action}", ann.browser.forms[0].fields)
    assert not ann.is_signed_in()


@pytest.mark.parametrize("kind", ["login", "registration", "recovery", "verification"])
def test_flow_of_type_api_is_not_shown(visitor: Visitor, kind: str) -> None:
    """Any client can create such a flow, fill it in, and read the later input of a victim."""
    bait = "PLEASE CALL 555-0100"
    typed = {
        "login": {"method": "password", "identifier": bait, "password": "x"},
        "registration": {
            "method": "password",
            "password": "x",
            "traits": {"email": "e@example.org", "name": {"first": bait}},
        },
        "recovery": {"method": "code", "email": "bait@example.org"},
        "verification": {"method": "code", "email": "bait@example.org"},
    }[kind]
    flows = f"{visitor.stack.kratos_public_url}/self-service/{kind}"
    flow = requests.get(f"{flows}/api", timeout=10).json()
    headers = {"Accept": "application/json"}
    filled = requests.post(f"{flows}?flow={flow['id']}", json=typed, headers=headers, timeout=10).text
    assert bait in filled or "bait@example.org" in filled
    browser = visitor.page(kind, f"?flow={flow['id']}")
    assert browser.status == 200
    assert browser.query["flow"] != flow["id"]
    assert all(flow["id"] not in form.action for form in browser.forms)
    assert bait not in browser.text
    assert "bait@example.org" not in browser.text
    assert "could not be continued" in browser.text
