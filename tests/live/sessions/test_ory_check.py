"""``manage.py ory_check`` against the real servers, which were configured from this project's URLconf."""

from __future__ import annotations

import json
from io import StringIO
from typing import TYPE_CHECKING, Any

import pytest
from django.core.management import CommandError, call_command

if TYPE_CHECKING:
    from tests.live.client.world import World

pytestmark = pytest.mark.live


def check() -> dict[str, Any]:
    out = StringIO()
    try:
        call_command("ory_check", "--json", stdout=out)
    except CommandError:
        assert '"ok": false' in out.getvalue()
    return {result["what"]: result for result in json.loads(out.getvalue())["results"]}


def test_everything_fits(world: World, settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.urls"
    world.client.admin_create_o_auth2_client(
        body={
            "client_name": "for the check",
            "grant_types": ["authorization_code"],
            "response_types": ["code"],
            "redirect_uris": ["http://localhost:1/cb"],
        }
    )
    found = check()
    assert [result for result in found.values() if result["ok"] is False] == []
    assert found["OAuth2 login page"]["ok"] is True
    assert found["login page"]["ok"] is True


def test_what_does_not_fit(world: World, settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.live.sessions.test_ory_check"
    settings.ORY = {
        "default": {**settings.ORY["default"], "KRATOS_BROWSER_URL": "http://auth.example.org:4433"}
    }
    found = check()
    for what in ("login page", "recovery page", "error page", "OAuth2 error page", "address for browsers"):
        assert found[what]["ok"] is False
        assert found[what]["hint"]


def _moved() -> list[Any]:
    from django.urls import include, path

    return [path("elsewhere/", include("django_ory.urls"))]


urlpatterns = _moved()
