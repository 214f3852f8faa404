"""The login and consent pages of a Hydra that is the upstream OpenID provider of Kratos."""

from __future__ import annotations

import base64
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import requests

from django_ory.client import OryClient
from django_ory.devstack.ports import HOST, Ports

__all__ = ["PROVIDER_NAME", "UpstreamProvider", "build_provider_config"]

PROVIDER_ID = "club"
PROVIDER_NAME = "Garden Club"
CLIENT_ID = "toolshelf"
CLIENT_SECRET = "a secret of the test"
#: Copies the claims that the provider returned to traits.
MAPPER = """
local claims = std.extVar('claims');
{
  identity: {
    traits: {
      [if 'email' in claims then 'email' else null]: claims.email,
      name: { [if 'given_name' in claims then 'first' else null]: claims.given_name },
    },
  },
}
"""


def build_provider_config(ports: Ports) -> dict[str, Any]:
    """Return the configuration of Kratos' method oidc, with the Hydra on these ports as provider."""
    provider = {
        "id": PROVIDER_ID,
        "provider": "generic",
        "label": PROVIDER_NAME,
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "issuer_url": f"http://localhost:{ports.hydra_public}",
        "scope": ["openid", "email", "profile"],
        "mapper_url": "base64://" + base64.b64encode(MAPPER.encode()).decode(),
    }
    return {"enabled": True, "config": {"providers": [provider]}}


class UpstreamProvider:
    """The provider's pages, in a thread of this process. They ask nothing.

    ``claims``: those of the user at the provider, with ``sub``. ``refuses``: the user cancels.
    """

    def __init__(self, ports: Ports, *, port: int) -> None:
        self.claims: dict[str, Any] = {}
        self.refuses = False
        self.url = f"http://localhost:{port}"
        self._ports = ports
        self._client = OryClient(hydra_admin_url=f"http://localhost:{ports.hydra_admin}", timeout=10.0)
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(302)
                self.send_header("Location", provider.answer(self.path))
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer((HOST, port), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def hydra_config(self) -> dict[str, Any]:
        """The part of Hydra's configuration with these pages."""
        return {"urls": {"login": f"{self.url}/login", "consent": f"{self.url}/consent"}}

    def register(self) -> None:
        """Register Kratos as a client of Hydra, which must be running."""
        kratos = f"http://localhost:{self._ports.kratos_public}"
        # Hydra creates its signing keys on the first request, which can exceed the timeout of Kratos.
        keys = f"http://localhost:{self._ports.hydra_public}/.well-known/jwks.json"
        requests.get(keys, timeout=60).raise_for_status()
        self._client.admin_create_o_auth2_client(
            body={
                "client_id": CLIENT_ID,
                "client_secret": CLIENT_SECRET,
                "redirect_uris": [f"{kratos}/self-service/methods/oidc/callback/{PROVIDER_ID}"],
                "grant_types": ["authorization_code"],
                "response_types": ["code"],
                "scope": "openid email profile",
            }
        )

    def answer(self, path: str) -> str:
        """Accept or reject the request of a page. Returns the URL for the browser."""
        query = parse_qs(urlsplit(path).query)
        if path.startswith("/login"):
            accepted = self._client.accept_o_auth2_login_request(
                login_challenge=query["login_challenge"][0], body={"subject": self.claims["sub"]}
            )
            return str(accepted.redirect_to)
        challenge = query["consent_challenge"][0]
        if self.refuses:
            rejected = self._client.reject_o_auth2_consent_request(
                consent_challenge=challenge,
                body={"error": "access_denied", "error_description": "The user canceled."},
            )
            return str(rejected.redirect_to)
        claims = {name: value for name, value in self.claims.items() if name != "sub"}
        granted = self._client.accept_o_auth2_consent_request(
            consent_challenge=challenge,
            body={"grant_scope": ["openid", "email", "profile"], "session": {"id_token": claims}},
        )
        return str(granted.redirect_to)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)
        self._client.close()
