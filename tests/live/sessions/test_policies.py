"""A Kratos that is really gone, and what each policy makes of it, for forms and for pages."""

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

pytestmark = [pytest.mark.live, pytest.mark.django_db, pytest.mark.xdist_group("mortal")]

POLICIES = ("anonymous", "error", "stale")


@pytest.fixture
def cookie(mortal: World, client: Client, settings: Any) -> str:
    """Somebody who was here a moment ago."""
    change(settings, WHEN_UNAVAILABLE_SAFE="stale", BREAKER_SECONDS=0.2)
    mortal.person()
    cookie = mortal.browser().cookie
    assert client.get("/who/", headers={"cookie": cookie}).json()["is_authenticated"]
    return cookie


def outcome(response: Any) -> str:
    """What became of a request to /who/."""
    if response.status_code == 503:
        assert int(response["Retry-After"]) >= 1
        return "error"
    body = response.json()
    assert response.status_code == 200
    assert (body["user"] is None) == (body["identity"] is None)
    assert body["unavailable"] is not body["stale"]
    return "stale" if body["user"] else "anonymous"


def test_response_during_an_outage_follows_the_policy(
    client: Client, mortal_stack: OryStack, settings: Any, cookie: str
) -> None:
    headers = {"cookie": cookie}
    mortal_stack.kratos.kill()
    for safe, unsafe in product(POLICIES, POLICIES):
        change(settings, WHEN_UNAVAILABLE_SAFE=safe, WHEN_UNAVAILABLE_UNSAFE=unsafe)
        assert outcome(client.get("/who/", headers=headers)) == safe
        assert outcome(client.post("/who/", headers=headers)) == unsafe
        page = client.get("/user/", headers=headers)
        assert page.status_code == (200 if safe == "stale" else 503)
        assert client.get("/public/", headers=headers).status_code == 200


def test_stale_policy_without_a_cached_session(
    client: Client, mortal: World, mortal_stack: OryStack, settings: Any
) -> None:
    """There is nothing older to go by: a page does without, a form is not taken as a stranger's."""
    mortal.person()
    headers = {"cookie": mortal.browser().cookie}
    mortal_stack.kratos.kill()
    for policy, of_a_page, of_a_form in (
        ("anonymous", "anonymous", "anonymous"),
        ("error", "error", "error"),
        ("stale", "anonymous", "error"),
    ):
        change(settings, WHEN_UNAVAILABLE_SAFE=policy, WHEN_UNAVAILABLE_UNSAFE=policy)
        assert outcome(client.get("/who/", headers=headers)) == of_a_page
        assert outcome(client.post("/who/", headers=headers)) == of_a_form


def test_sessions_work_after_an_outage(client: Client, mortal_stack: OryStack, cookie: str) -> None:
    headers = {"cookie": cookie}
    mortal_stack.kratos.kill()
    assert outcome(client.get("/who/", headers=headers)) == "stale"
    mortal_stack.kratos.start()
    mortal_stack.kratos.wait_ready()
    until = time.monotonic() + 2
    while client.get("/who/", headers=headers).json()["stale"]:
        assert time.monotonic() < until
        time.sleep(0.05)
    assert client.get("/who/", headers=headers).json()["is_authenticated"]
    assert client.post("/who/", headers=headers).json()["is_authenticated"]
