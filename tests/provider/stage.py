"""What the view tests play with: a stubbed Hydra and Kratos, and a browser that is signed in."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

if TYPE_CHECKING:
    import responses
    from django.http import HttpResponse
    from django.test import Client

HYDRA = "http://hydra.test:4444"
HYDRA_ADMIN = "http://hydra.test:4445"
KRATOS = "http://kratos.test:4433"
KRATOS_ADMIN = "http://kratos.test:4434"

ALICE = "5b1c1dcb-7cc9-4e0a-9a9e-1f0c2a6f3a01"
BOB = "0b9d0c0e-8c3e-4a63-b1c9-7a4f6a1a2b02"
SESSION = "f3a0d9b8-93b5-4c76-8d5f-2d3c4b5a6978"
NEXT = f"{HYDRA}/oauth2/auth?client_id=app&login_verifier=v"


def auth_url(**parameters: str) -> str:
    return f"{HYDRA}/oauth2/auth?" + urlencode({"client_id": "app", **parameters})


def an_identity(identity_id: str = ALICE, **values: Any) -> dict[str, Any]:
    return {
        "id": identity_id,
        "state": "active",
        "schema_id": "default",
        "traits": {"email": "alice@example.org", "name": {"first": "Alice", "last": "Liddell"}},
        "verifiable_addresses": [
            {"id": ALICE, "value": "Alice@example.org", "via": "email", "verified": True}
        ],
        "updated_at": "2026-05-04T12:00:00Z",
        **values,
    }


def a_session(identity_id: str = ALICE, *, ago: float = 600, **values: Any) -> dict[str, Any]:
    now = datetime.now(UTC)
    return {
        "id": SESSION,
        "active": True,
        "authenticated_at": (now - timedelta(seconds=ago)).isoformat(),
        "expires_at": (now + timedelta(hours=1)).isoformat(),
        "authenticator_assurance_level": "aal1",
        "authentication_methods": [{"method": "password", "aal": "aal1"}],
        "identity": an_identity(identity_id),
        **values,
    }


class Stage:
    """Stubs for one test. ``hydra.calls`` and friends are those of ``responses``."""

    def __init__(self, stubs: responses.RequestsMock, browser: Client) -> None:
        self.stubs = stubs
        self.browser = browser

    def sign_in(self, identity_id: str = ALICE, **values: Any) -> None:
        self.browser.cookies["ory_kratos_session"] = "secret"
        self.stubs.get(f"{KRATOS}/sessions/whoami", json=a_session(identity_id, **values))

    def kratos_says(self, status: int, body: object) -> None:
        self.browser.cookies["ory_kratos_session"] = "secret"
        self.stubs.get(f"{KRATOS}/sessions/whoami", json=body, status=status)

    def identity(self, identity_id: str = ALICE, *, status: int = 200, **values: Any) -> None:
        gone = {"error": {"code": status, "status": "Not Found", "message": "Unable to locate the resource"}}
        body = an_identity(identity_id, **values) if status == 200 else gone
        self.stubs.get(f"{KRATOS_ADMIN}/admin/identities/{identity_id}", json=body, status=status)

    def asks(self, kind: str, *, status: int = 200, body: Any = None, **values: Any) -> None:
        """Hydra's login, consent or logout request."""
        known = {
            "challenge": "c",
            "subject": "",
            "request_url": auth_url(),
            "client": {
                "client_id": "app",
                "client_name": "Photo Lab",
                "client_uri": "https://photos.example/",
            },
            **values,
        }
        self.stubs.get(
            f"{HYDRA_ADMIN}/admin/oauth2/auth/requests/{kind}",
            json=known if body is None else body,
            status=status,
        )

    def answers(self, kind: str, verb: str, *, to: str = NEXT, status: int = 200) -> None:
        """Hydra takes an acceptance or a rejection."""
        self.stubs.put(
            f"{HYDRA_ADMIN}/admin/oauth2/auth/requests/{kind}/{verb}", json={"redirect_to": to}, status=status
        )

    def told(self, method: str, end: str) -> list[dict[str, Any]]:
        """The bodies that were sent to the path that ends so."""
        return [
            json.loads(call.request.body or "{}")
            for call in self.stubs.calls
            if call.request.method == method and urlsplit(call.request.url or "").path.endswith(end)
        ]

    def paths(self, method: str) -> list[str]:
        """The paths and queries that were called with the method."""
        return [
            call.request.url.split("test:", 1)[1].partition("/")[2]
            for call in self.stubs.calls
            if call.request.method == method and call.request.url
        ]

    def get(self, page: str, challenge: str = "c", **query: str) -> HttpResponse:
        return self.browser.get(f"/auth/oauth2/{page}/", {f"{page}_challenge": challenge, **query})  # type: ignore[return-value]

    def post(self, page: str, challenge: str = "c", **fields: Any) -> HttpResponse:
        return self.browser.post(f"/auth/oauth2/{page}/", {f"{page}_challenge": challenge, **fields})  # type: ignore[return-value]


def query_of(url: str) -> dict[str, str]:
    """The query of an address, each name once."""
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
