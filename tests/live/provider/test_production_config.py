"""Sign-in, refresh and logout on servers that run the templates of ``ory_config`` for production.

Only the placeholders are filled in. The servers run without ``--dev``; the
browser reaches them and the site by ``https``, as through a proxy that ends TLS.
"""

from __future__ import annotations

import io
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

import pytest
from django.core.management import call_command
from requests.adapters import HTTPAdapter

from django_ory.clients import get_client
from django_ory.devstack import StackAddresses
from django_ory.devstack.ports import Ports, find_free_ports
from django_ory.devstack.servers.binaries import find_server
from django_ory.devstack.servers.server import OryServer, sqlite_dsn
from django_ory.devstack.servers.specs import SERVERS
from tests.support.ory_servers import run_servers

from .browser import CALLBACK, HOME, Browser, InProcess
from .conftest import App, create_person, parse_claims

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import requests

pytestmark = pytest.mark.live

SITE, KRATOS, HYDRA = (f"https://{name}.example.org" for name in ("www", "accounts", "tokens"))


class TLSProxy(HTTPAdapter):
    """Forwards requests for a host to a port of this machine, without TLS."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self.port = port

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        url = urlsplit(request.url or "")
        forwarded = request.copy()
        forwarded.headers.update({"Host": url.netloc, "X-Forwarded-Proto": "https"})
        forwarded.url = url._replace(scheme="http", netloc=f"127.0.0.1:{self.port}").geturl()
        response = super().send(forwarded, *args, **options)
        response.request, response.url = request, request.url or ""
        return response


@pytest.fixture
def project() -> dict[str, Any]:
    """Settings of the project besides those of a server on another host."""
    return {"HYDRA_BROWSER_URL": HYDRA}


@pytest.fixture
def ports(settings: Any, tmp_path: Path, db: None, project: dict[str, Any]) -> Iterator[dict[str, int]]:
    """Both servers with their templates for production. Returns the public ports by name."""
    kratos, kratos_admin, hydra, hydra_admin = find_free_ports(4)
    settings.ALLOWED_HOSTS = ["www.example.org"]
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    settings.ORY = {
        "default": {
            "KRATOS_PUBLIC_URL": f"http://localhost:{kratos}",
            "KRATOS_BROWSER_URL": KRATOS,
            "KRATOS_ADMIN_URL": f"http://localhost:{kratos_admin}",
            "HYDRA_PUBLIC_URL": f"http://localhost:{hydra}",
            "HYDRA_ADMIN_URL": f"http://localhost:{hydra_admin}",
            **project,
        }
    }
    pairs = {"kratos": (kratos, kratos_admin), "hydra": (hydra, hydra_admin)}
    configs = {}
    for name, spec in SERVERS.items():
        public, admin = pairs[name]
        server = OryServer(
            replace(spec, serve=tuple(each for each in spec.serve if each != "--dev")),
            binary=find_server(spec),
            folder=tmp_path,
            public_port=public,
            admin_port=admin,
        )
        configs[server] = fill_in(print_config(name), server)
    with run_servers(configs):
        yield {name: public for name, (public, _) in pairs.items()}


def print_config(server: str) -> str:
    output = io.StringIO()
    call_command("ory_config", server, "--site-url", SITE, stdout=output)
    return output.getvalue()


def fill_in(printed: str, server: OryServer) -> str:
    """Replace the placeholders. The ports are those of the settings."""
    for port in (server.public_port, server.admin_port):
        assert f"port: {port}\n" in printed
    dsn = sqlite_dsn(server.config.with_suffix(".sqlite3"))
    printed = printed.replace('dsn: "FILL-IN"', f'dsn: "{dsn}"')
    printed = printed.replace("smtps://FILL-IN:FILL-IN@FILL-IN:465/", "smtp://127.0.0.1:1/")
    printed = printed.replace('["FILL-IN"]', f'["{"x" * 32}"]')
    assert "FILL-IN" not in printed
    return printed


def test_template_for_production_signs_in_refreshes_and_signs_out(
    ports: dict[str, int], tmp_path: Path
) -> None:
    browser = Browser(SITE)
    browser.session.mount(SITE, InProcess())
    browser.session.mount(KRATOS, TLSProxy(ports["kratos"]))
    browser.session.mount(HYDRA, TLSProxy(ports["hydra"]))
    alice = create_person(browser)
    client = get_client().admin_create_o_auth2_client(
        body={
            "grant_types": ["authorization_code", "refresh_token"],
            "redirect_uris": [CALLBACK],
            "post_logout_redirect_uris": [HOME],
            "scope": "openid email offline_access",
            "token_endpoint_auth_method": "client_secret_post",
        }
    )
    stack = StackAddresses(folder=tmp_path, site_url=SITE, ports=Ports())
    stack.hydra_public_url = HYDRA
    app = App(stack=stack, id=client.client_id or "", secret=client.client_secret or "")
    browser.open(app.authorize(scope="openid email offline_access"))
    page = alice.sign_in()
    assert page.url.startswith(f"{SITE}/auth/oauth2/consent/"), (page.url, page.text[:2000])
    page.press("accept")

    def post_token(**data: str) -> dict[str, Any]:
        body = {"client_id": app.id, "client_secret": app.secret, **data}
        answer = browser.session.post(f"{HYDRA}/oauth2/token", data=body, timeout=10)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    tokens = post_token(
        grant_type="authorization_code",
        code=page.query["code"],
        redirect_uri=CALLBACK,
        code_verifier=app.verifier,
    )
    claims = parse_claims(tokens["id_token"])
    assert (claims["iss"], claims["sub"], claims["email"]) == (HYDRA, alice.id, alice.email)
    tokens = post_token(grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    assert parse_claims(tokens["id_token"])["sid"] == claims["sid"]

    assert all(cookie.secure for cookie in browser.session.cookies), browser.session.cookies
    query = urlencode({"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": HOME})
    page = browser.open(f"{HYDRA}/oauth2/sessions/logout?{query}").press("accept")
    assert page.url == HOME
    assert browser.open(app.authorize(scope="openid", prompt="none")).query["error"] == "login_required"
