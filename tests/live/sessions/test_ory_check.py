"""``manage.py ory_check`` against the real servers, which were configured from this project's URLconf."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
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
    return {result["check"]: result for result in json.loads(out.getvalue())["results"]}


@pytest.fixture(autouse=True)
def _an_app(world: World) -> None:
    """Create a client for the check of the code flow."""
    world.client.admin_create_o_auth2_client(
        body={
            "client_name": "for the check",
            "grant_types": ["authorization_code"],
            "response_types": ["code"],
            "redirect_uris": ["http://localhost:1/cb"],
        }
    )


def test_matching_servers_pass_all_possible_checks(world: World, settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.urls"
    found = check()
    assert {name for name, result in found.items() if result["ok"] is not True} == {
        "settings page",
        "name of the session cookie",
        "OAuth2 logout page",
        "OAuth2 device page",  # Hydra before 25.4 has none
    }
    assert found["OAuth2 consent page"]["ok"] is True


def test_probe_login_is_revoked(world: World, settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.urls"
    assert check()["OAuth2 consent page"]["ok"] is True
    with closing(sqlite3.connect(f"file:{world.stack.folder}/hydra.sqlite3?mode=ro", uri=True)) as database:
        for table in ("hydra_oauth2_authentication_session", "hydra_oauth2_flow"):
            probes = f"SELECT count(*) FROM {table} WHERE subject LIKE 'django-ory-check%'"
            assert database.execute(probes).fetchone() == (0,)


def test_other_urls_fail_with_the_right_value(world: World, settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.live.sessions.test_ory_check"
    settings.ORY = {
        "default": {**settings.ORY["default"], "KRATOS_BROWSER_URL": "http://auth.example.org:4433"}
    }
    found = check()
    pages = ("login page", "recovery page", "error page")
    oauth2_pages = ("OAuth2 error page", "OAuth2 login page", "OAuth2 consent page")
    for what in (*pages, *oauth2_pages, "URL for browsers"):
        assert found[what]["ok"] is False
        assert found[what]["hint"]


def _moved() -> list[Any]:
    from django.urls import include, path

    return [path("elsewhere/", include("django_ory.urls"))]


urlpatterns = _moved()
