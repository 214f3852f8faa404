"""The policies for an unavailable Kratos, with safe and unsafe methods."""

from __future__ import annotations

import time
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest

from .conftest import change

if TYPE_CHECKING:
    from django.test import Client

    from django_ory.devstack import OryStack
    from tests.live.client.world import World

pytestmark = [pytest.mark.live, pytest.mark.django_db]

POLICIES = ("anonymous", "error", "stale")


@pytest.fixture
def cookie(own_world: World, client: Client, settings: Any) -> str:
    """The cookie of a session that was looked up a moment ago."""
    change(settings, WHEN_UNAVAILABLE_SAFE="stale", BREAKER_SECONDS=0.2)
    own_world.person()
    cookie = own_world.browser().cookie
    assert client.get("/report/", headers={"cookie": cookie}).json()["is_authenticated"]
    return cookie


def get_outcome(response: Any) -> str:
    """Return the result of a session lookup: "error", "stale" or "anonymous"."""
    if response.status_code == 503:
        assert int(response["Retry-After"]) >= 1
        return "error"
    body = response.json()
    assert response.status_code == 200
    assert (body["user"] is None) == (body["identity"] is None)
    assert body["unavailable"] is not body["stale"]
    return "stale" if body["user"] else "anonymous"


def test_response_during_an_outage_follows_the_policy(
    client: Client, own_stack: OryStack, settings: Any, cookie: str
) -> None:
    headers = {"cookie": cookie}
    own_stack.kratos.kill()
    for safe, unsafe in product(POLICIES, POLICIES):
        change(settings, WHEN_UNAVAILABLE_SAFE=safe, WHEN_UNAVAILABLE_UNSAFE=unsafe)
        assert get_outcome(client.get("/report/", headers=headers)) == safe
        assert get_outcome(client.post("/report/", headers=headers)) == unsafe
        page = client.get("/user/", headers=headers)
        assert page.status_code == (200 if safe == "stale" else 503)
        assert client.get("/public/", headers=headers).status_code == 200


def test_stale_policy_without_a_cached_session(
    client: Client, own_world: World, own_stack: OryStack, settings: Any
) -> None:
    """A safe request is anonymous; an unsafe one is rejected."""
    own_world.person()
    headers = {"cookie": own_world.browser().cookie}
    own_stack.kratos.kill()
    for policy, safe_outcome, unsafe_outcome in (
        ("anonymous", "anonymous", "anonymous"),
        ("error", "error", "error"),
        ("stale", "anonymous", "error"),
    ):
        change(settings, WHEN_UNAVAILABLE_SAFE=policy, WHEN_UNAVAILABLE_UNSAFE=policy)
        assert get_outcome(client.get("/report/", headers=headers)) == safe_outcome
        assert get_outcome(client.post("/report/", headers=headers)) == unsafe_outcome


def test_sessions_work_after_an_outage(client: Client, own_stack: OryStack, cookie: str) -> None:
    headers = {"cookie": cookie}
    own_stack.kratos.kill()
    assert get_outcome(client.get("/report/", headers=headers)) == "stale"
    own_stack.kratos.start()
    own_stack.kratos.wait_ready()
    until = time.monotonic() + 10
    while client.get("/report/", headers=headers).json()["stale"]:
        assert time.monotonic() < until
        time.sleep(0.05)
    assert client.get("/report/", headers=headers).json()["is_authenticated"]
    assert client.post("/report/", headers=headers).json()["is_authenticated"]
