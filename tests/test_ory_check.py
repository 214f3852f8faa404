"""``manage.py ory_check``: what does not fit is said, with what to write into which configuration."""

from __future__ import annotations

import json
from io import StringIO
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import responses
from django.core.management import CommandError, call_command

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django import Settings

KRATOS, ADMIN = "http://kratos.test:4433", "http://kratos.test:4434"
HYDRA, HYDRA_ADMIN = "http://hydra.test:4444", "http://hydra.test:4445"
SITE = "http://testserver"
CLIENT = {
    "client_id": "shop",
    "grant_types": ["authorization_code"],
    "redirect_uris": ["https://shop.example/cb"],
}


class Servers:
    """A Kratos and a Hydra that are configured for this site, until a test changes something."""

    def __init__(self, mock: responses.RequestsMock) -> None:
        self.mock = mock
        self.pages = {
            name: f"{SITE}/auth/{name}/"
            for name in ("login", "registration", "recovery", "verification", "error")
        }
        self.allowed = (f"{SITE}/",)
        self.action = f"{KRATOS}/self-service/login?flow=1"
        self.cookie = "csrf_token_x=1; Path=/; HttpOnly; Domain=.testserver"
        self.clients: list[dict[str, Any]] = [CLIENT]
        self.login = f"{SITE}/auth/oauth2/login/"
        self.oauth2_error = f"{SITE}/auth/oauth2/error/"
        for url in (KRATOS, HYDRA, HYDRA_ADMIN):
            mock.get(f"{url}/health/ready", json={"status": "ok"})
        mock.get(f"{ADMIN}/admin/health/ready", json={"status": "ok"})
        mock.get(f"{ADMIN}/admin/version", json={"version": "v1.3.1"})
        mock.get(f"{HYDRA_ADMIN}/version", json={"version": "v2.3.0"})
        for flow in ("login", "registration", "recovery", "verification"):
            mock.add_callback(responses.GET, f"{KRATOS}/self-service/{flow}/browser", self.start)
        mock.add_callback(responses.GET, f"{HYDRA}/oauth2/auth", self.authorize)
        mock.add_callback(
            responses.GET, f"{HYDRA_ADMIN}/admin/clients", lambda _: (200, {}, json.dumps(self.clients))
        )

    def start(self, request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        parts = urlsplit(request.url or "")
        flow = parts.path.split("/")[2]
        if request.headers["Accept"] == "application/json":
            ui = {"action": self.action, "method": "POST", "nodes": []}
            body = {"id": "1", "type": "browser", "ui": ui, "expires_at": "2030-01-01T00:00:00Z"}
            return 200, {"Set-Cookie": self.cookie}, json.dumps(body)
        return_to = parse_qs(parts.query).get("return_to", [SITE + "/"])[0]
        where = (
            f"{self.pages[flow]}?flow=1"
            if return_to.startswith(self.allowed)
            else f"{self.pages['error']}?id=1"
        )
        return 303, {"Location": where}, ""

    def authorize(self, request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        known = "client_id=shop" in (request.url or "")
        where = f"{self.login}?login_challenge=1" if known else f"{self.oauth2_error}?error=invalid_client"
        return 302, {"Location": where}, ""


@pytest.fixture
def servers(settings: Settings) -> Iterator[Servers]:
    settings.ALLOWED_HOSTS = ["testserver"]
    settings.ORY = {
        "default": {**settings.ORY["default"], "KRATOS_ADMIN_URL": ADMIN, "KRATOS_BROWSER_URL": KRATOS}
    }
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        servers = Servers(mock)
        yield servers


def check(*arguments: str) -> dict[str, Any]:
    """What is said of what, by name."""
    out = StringIO()
    try:
        call_command("ory_check", "--json", *arguments, stdout=out)
    except CommandError:
        assert '"ok": false' in out.getvalue()
    document = json.loads(out.getvalue())
    assert document["ok"] is not any(result["ok"] is False for result in document["results"])
    return {result["what"]: result for result in document["results"]}


def test_everything_fits(servers: Servers) -> None:
    found = check()
    assert [name for name, result in found.items() if result["ok"] is not True] == []
    assert "version v1.3.1" in found["kratos_admin"]["detail"]
    assert "version v2.3.0" in found["hydra_admin"]["detail"]
    assert " ms" in found["kratos_public"]["detail"]
    assert len(found) == 15
    methods = {call.request.method for call in servers.mock.calls}
    assert methods == {"GET"}  # it only looks


def test_for_people(servers: Servers) -> None:
    out = StringIO()
    call_command("ory_check", stdout=out, no_color=True)
    assert "ok   default: login page is http://testserver/auth/login/" in out.getvalue()
    assert "Everything fits." in out.getvalue()
    servers.pages["login"] = "http://testserver/sign-in"
    out = StringIO()
    with pytest.raises(CommandError, match="1 of 15"):
        call_command("ory_check", stdout=out, no_color=True)
    assert "FAIL default: login page" in out.getvalue()
    assert "selfservice.flows.login.ui_url: http://testserver/auth/login/" in out.getvalue()


def test_pages_elsewhere(servers: Servers) -> None:
    servers.pages["recovery"] = "https://other.example/auth/recovery/"
    servers.pages["error"] = f"{SITE}/oops"
    servers.login, servers.oauth2_error = f"{SITE}/login", f"{SITE}/error"
    found = check()
    assert {name for name, result in found.items() if result["ok"] is False} == {
        "recovery page",
        "error page",
        "OAuth2 login page",
        "OAuth2 error page",
    }
    assert found["recovery page"]["hint"].endswith("<this site>/auth/recovery/")
    assert found["OAuth2 login page"]["hint"] == f"urls.login: {SITE}/auth/oauth2/login/"


def test_a_flow_that_is_switched_off(servers: Servers) -> None:
    servers.pages["registration"] = servers.pages["error"]
    assert check()["registration page"]["ok"] is None


def test_return_addresses(servers: Servers) -> None:
    servers.allowed = (f"{SITE}/auth/",)
    servers.mock.remove(responses.GET, f"{KRATOS}/self-service/login/browser")

    def start(request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        if "return_to" in (request.url or ""):
            return servers.start(request)
        servers.allowed = (SITE,)
        answer = servers.start(request)
        servers.allowed = (f"{SITE}/auth/",)
        return answer

    servers.mock.add_callback(responses.GET, f"{KRATOS}/self-service/login/browser", start)
    found = check()
    assert found["return to this site"]["ok"] is False
    assert found["return to this site"]["hint"] == f"selfservice.allowed_return_urls: [{SITE}/]"
    assert found["return to the settings page"]["ok"] is True


def test_what_browsers_see(servers: Servers) -> None:
    servers.action = "https://auth.example.org/self-service/login?flow=1"
    servers.cookie = "csrf_token_x=1; Domain=example.org; Secure"
    found = check()
    assert found["address for browsers"]["ok"] is False
    assert found["address for browsers"]["hint"].endswith('"https://auth.example.org"')
    assert found["cookies"]["ok"] is False
    assert found["secure cookies"]["ok"] is False


def test_no_client_to_try(servers: Servers) -> None:
    servers.clients = [{"client_id": "robot", "grant_types": ["client_credentials"]}]
    assert check()["OAuth2 login page"]["ok"] is None


def test_servers_that_are_down(servers: Servers) -> None:
    servers.mock.upsert(responses.GET, f"{KRATOS}/health/ready", body=requests.ConnectionError("refused"))
    servers.mock.upsert(
        responses.GET, f"{HYDRA}/health/ready", status=503, json={"errors": {"database": "x"}}
    )
    servers.mock.upsert(responses.GET, f"{HYDRA_ADMIN}/health/ready", status=404)
    servers.mock.upsert(responses.GET, f"{HYDRA_ADMIN}/version", status=500)
    found = check()
    assert {name: result["ok"] for name, result in found.items()} == {
        "kratos_public": False,
        "kratos_admin": True,
        "hydra_public": False,
        "hydra_admin": True,
    }
    assert 'ORY["default"]["KRATOS_PUBLIC_URL"]' in found["kratos_public"]["hint"]


def test_a_kratos_that_stops_in_the_middle(servers: Servers) -> None:
    servers.mock.remove(responses.GET, f"{KRATOS}/self-service/recovery/browser")
    servers.mock.get(f"{KRATOS}/self-service/recovery/browser", status=500)
    assert check()["Kratos' pages"]["ok"] is None


def test_aliases(servers: Servers, settings: Settings) -> None:
    settings.ORY = {**settings.ORY, "acme": {"HYDRA_ADMIN_URL": HYDRA_ADMIN}}
    assert set(check("--alias", "acme")) == {"hydra_admin"}
    with pytest.raises(CommandError, match="It has: default, acme"):
        call_command("ory_check", "--alias", "nope")
