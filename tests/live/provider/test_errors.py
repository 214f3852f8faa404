"""A request that expires and meets outages at the real Hydra, and still ends with tokens."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from .browser import Browser
from .conftest import App, create_person
from .test_code_flow import get_return_to

if TYPE_CHECKING:
    from collections.abc import Callable

    from django_ory.devstack import OryStack

pytestmark = pytest.mark.live

WAIT_SECONDS = 30


@pytest.fixture
def stack(ory_stack_factory: Callable[..., OryStack], settings: Any, db: None) -> OryStack:
    """Servers of this test, which stops them."""
    stack = ory_stack_factory()
    settings.ORY = stack.ory_setting
    return stack


def start_hydra(stack: OryStack, **config: Any) -> None:
    """Start Hydra with changes to its usual configuration."""
    stack.hydra.overrides.write_text(json.dumps(config))
    stack.hydra.start()
    stack.hydra.wait_ready()


def open_until(browser: Browser, url: str, *, status: int) -> Browser:
    """Open a URL again until the status is this one: the circuit breaker closes after a probe."""
    until = time.monotonic() + WAIT_SECONDS
    while browser.open(url).status != status:
        assert time.monotonic() < until, (browser.url, browser.status, browser.text[:2000])
        time.sleep(0.2)
    return browser


def find_link(browser: Browser, part: str) -> str:
    """Return the link of the page with this text in its URL."""
    (link,) = {link for link in browser.links if part in link}
    return link


def test_expired_request_starts_again_and_survives_outages(stack: OryStack, app: Callable[..., App]) -> None:
    photos, alice = app(), create_person(Browser(stack.site_url))
    request = photos.authorize(scope="openid offline_access")
    page = alice.browser.open(request)
    back = get_return_to(page)
    stack.hydra.stop()
    start_hydra(stack, ttl={"login_consent_request": "1s"})  # not before: the page may take longer to load
    time.sleep(1.5)
    alice.sign_in()
    assert page.status == 410
    assert "This page has expired" in page.text
    restart = find_link(page, "/oauth2/auth?")
    assert parse_qs(urlsplit(restart).query) == parse_qs(urlsplit(request).query)

    stack.hydra.stop()
    page.open(back)
    assert page.status == 503
    assert find_link(page, "login_challenge=") == back
    start_hydra(stack)
    open_until(page, restart, status=200)
    assert "/auth/oauth2/consent/" in page.url

    stack.hydra.stop()
    page.press("accept")
    assert page.status == 503
    again = find_link(page, "consent_challenge=")
    start_hydra(stack)
    open_until(page, again, status=200)
    page.press("accept")
    assert photos.tokens(page)["scope"] == "openid offline_access"
