"""The requirements of the decorators for identities of a real Kratos, and the number and time of calls."""

from __future__ import annotations

import copy
import re
import sqlite3
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.live.proxy import FAULTS, delays

from .conftest import change

if TYPE_CHECKING:
    from django.test import Client

    from tests.live.client.world import Browser, World
    from tests.live.proxy import Proxy

pytestmark = [pytest.mark.live, pytest.mark.django_db]


def visit(client: Client, path: str, browser: Browser) -> Any:
    return client.get(path, headers={"cookie": browser.cookie})


def age_sign_in(world: World, identity_id: str) -> None:
    """Move the sign-in of an identity into the past, in the database of Kratos."""
    with closing(sqlite3.connect(f"{world.stack.folder}/kratos.sqlite3", timeout=10)) as database, database:
        moved = database.execute(
            "UPDATE sessions SET authenticated_at = '2020-02-02 02:02:02+00:00' WHERE identity_id = ?",
            [identity_id],
        )
        assert moved.rowcount == 1


@pytest.mark.parametrize("cached", [0, 60])
def test_old_sign_in_does_not_meet_max_age(
    client: Client, own_world: World, settings: Any, cached: int
) -> None:
    change(settings, SESSION_CACHE_SECONDS=cached)
    identity = own_world.person()
    browser = own_world.browser()
    age_sign_in(own_world, identity.id)
    page = visit(client, "/fresh/", browser)
    assert page.status_code == 302
    start = urlsplit(visit(client, page["Location"], browser)["Location"])
    assert start.path == "/self-service/login/browser"
    query = parse_qs(start.query)
    assert (query["refresh"], query["return_to"]) == (["true"], ["http://testserver/fresh/"])
    assert visit(client, "/session/", browser).content == b"in"  # other pages do not require a recent sign-in
    before = copy.deepcopy(browser)
    own_world.sign_in_again(browser)
    for cookies in (browser, before):  # the old cookie is cached with the old sign-in
        assert visit(client, "/fresh/", cookies).content == b"in"


@pytest.mark.parametrize("cached", [0, 60])
def test_unverified_address_does_not_meet_verified(
    client: Client, world: World, settings: Any, cached: int
) -> None:
    change(settings, SESSION_CACHE_SECONDS=cached)
    world.person()
    browser = world.browser()
    page = visit(client, "/verified/", browser)
    start = urlsplit(visit(client, page["Location"], browser)["Location"])
    assert start.path == "/self-service/verification/browser"
    assert parse_qs(start.query)["return_to"] == ["http://testserver/verified/"]
    assert visit(client, "/session/", browser).content == b"in"
    verify(world)
    assert visit(client, "/verified/", browser).content == b"in"


def verify(world: World) -> None:
    """Verify the address with the code that Kratos sends."""
    flow = world.client.create_native_verification_flow()
    world.client.update_verification_flow(flow=flow.id, body={"method": "code", "email": world.email()})
    code = re.search(r"\b\d{6}\b", world.stack.wait_for_mail(world.email(), "verify").text)
    assert code is not None
    world.client.update_verification_flow(flow=flow.id, body={"method": "code", "code": code[0]})


def test_unavailable_kratos_is_a_503(client: Client, world: World, proxy: Proxy, settings: Any) -> None:
    world.person()
    browser = world.browser()
    proxy.fault = FAULTS["closed"]
    for path in ("/fresh/", "/verified/", "/everything/"):
        assert visit(client, path, browser).status_code == 503


def milliseconds(response: Any) -> float:
    found = re.fullmatch(r"ory;dur=(\d+\.\d)", response["Server-Timing"])
    assert found is not None
    return float(found[1])


def test_requirement_makes_as_many_calls_as_needed(
    client: Client, world: World, proxy: Proxy, settings: Any
) -> None:
    change(settings, SERVER_TIMING=True, SESSION_CACHE_SECONDS=60)
    world.person()
    browser = world.browser()
    proxy.fault = partial(delays, seconds=0.3)
    uncached, cached = (milliseconds(visit(client, "/report/", browser)) for _ in range(2))
    assert 300 <= uncached < 3_000
    assert cached < 300
    assert "Server-Timing" not in visit(client, "/public/", browser)
    change(settings, SERVER_TIMING=False)
    assert "Server-Timing" not in visit(client, "/report/", browser)
