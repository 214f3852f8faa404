"""A sign-out that the browser never finished at Kratos, and the sign-in after it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from .conftest import change

if TYPE_CHECKING:
    from django.test import Client

    from tests.live.client.world import World

pytestmark = [pytest.mark.live, pytest.mark.django_db]


def test_signing_in_again_after_an_unfinished_sign_out(client: Client, world: World, settings: Any) -> None:
    change(settings, SESSION_CACHE_SECONDS=60)
    identity = world.person()
    browser = world.browser()
    assert client.get("/session/", headers={"cookie": browser.cookie}).status_code == 200
    client.post("/auth/logout/", headers={"cookie": browser.cookie})
    page = client.get("/session/", headers={"cookie": browser.cookie})
    start = urlsplit(client.get(page["Location"], headers={"cookie": browser.cookie})["Location"])
    assert parse_qs(start.query)["refresh"] == ["true"]

    world.sign_in_again(browser)
    assert client.get("/who/", headers={"cookie": browser.cookie}).json()["identity"] == identity.id
