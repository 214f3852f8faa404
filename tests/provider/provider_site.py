"""A browser on the pages of the provider, with fixed responses of Kratos and Hydra."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

from django_ory.testing import (
    build_error_json,
    build_identity_json,
    build_login_request_json,
    build_oauth2_client_json,
    build_session_json,
    build_verifiable_address_json,
)

if TYPE_CHECKING:
    from django.http import HttpResponse
    from django.test import Client

    from django_ory.testing import FakeOry

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


def build_identity(identity_id: str = ALICE, **values: Any) -> dict[str, Any]:
    identity = build_identity_json(
        {"email": "alice@example.org", "name": {"first": "Alice", "last": "Liddell"}},
        id=identity_id,
        verifiable_addresses=[build_verifiable_address_json("Alice@example.org")],
        updated_at="2026-05-04T12:00:00Z",
    )
    return identity | values


def build_session_response(identity_id: str = ALICE, *, ago: float = 600, **values: Any) -> dict[str, Any]:
    now = datetime.now(UTC)
    session = build_session_json(
        build_identity(identity_id),
        authenticated_at=timedelta(seconds=ago),
        id=SESSION,
        expires_at=(now + timedelta(hours=1)).isoformat(),
    )
    return session | values


class ProviderSite:
    """The browser of a user, and ``FakeOry`` with fixed responses for its challenge ``c``."""

    def __init__(self, ory: FakeOry, browser: Client) -> None:
        self.ory = ory
        self.browser = browser

    def sign_in(self, identity_id: str = ALICE, **values: Any) -> None:
        self.set_whoami(200, build_session_response(identity_id, **values))

    def set_whoami(self, status: int, body: object) -> None:
        self.browser.cookies["ory_kratos_session"] = "secret"
        self.ory.respond("GET /sessions/whoami", json=body, status=status)

    def set_identity(self, identity_id: str = ALICE, *, status: int = 200, **values: Any) -> None:
        body = build_identity(identity_id, **values) if status == 200 else build_error_json(status)
        self.ory.respond(f"GET /admin/identities/{identity_id}", json=body, status=status)

    def set_request(self, kind: str, *, status: int = 200, body: Any = None, **values: Any) -> None:
        """Set Hydra's response for the login, consent or logout request, and for reading its client."""
        client = build_oauth2_client_json(
            "app",
            client_name="Photo Lab",
            client_uri="https://photos.example/",
            scope="openid email profile photos offline_access",
        )
        known = build_login_request_json(
            client,
            challenge="c",
            request_url=auth_url(),
            session_id=None,
        )
        known |= values
        if kind == "consent":  # the client as it is now, and no earlier consents
            self.ory.respond("GET /admin/clients/app", json={**client, **known["client"]})
            self.ory.respond("GET /admin/oauth2/auth/sessions/consent", json=[])
        self.ory.respond(
            f"GET /admin/oauth2/auth/requests/{kind}", json=known if body is None else body, status=status
        )

    def set_result(self, kind: str, verb: str, *, to: str = NEXT, status: int = 200) -> None:
        """Set Hydra's response to an acceptance or a rejection."""
        route = f"PUT /admin/oauth2/auth/requests/{kind}/{verb}"
        self.ory.respond(route, json={"redirect_to": to}, status=status)

    def allow_logout(self, *, create: int = 200, submit: int = 204) -> None:
        """Let Kratos respond to a logout. ``create``, ``submit``: the statuses of its two calls."""
        flow = {"logout_token": "t", "logout_url": f"{KRATOS}/self-service/logout?token=t"}
        self.ory.respond("GET /self-service/logout/browser", json=flow, status=create)
        deleted = {"Set-Cookie": "ory_kratos_session=x; Path=/; Max-Age=0; HttpOnly"}
        self.ory.respond("GET /self-service/logout", status=submit, headers=deleted)

    def has_logged_out(self) -> bool:
        """Return whether Kratos' logout was submitted for the browser's session."""
        calls = [request for request in self.ory.requests if request.path == "/self-service/logout"]
        assert all(call.headers["Cookie"] == "ory_kratos_session=secret" for call in calls)
        return [call.target for call in calls] == ["/self-service/logout?token=t"]

    def list_bodies(self, method: str, end: str) -> list[dict[str, Any]]:
        """Return the bodies of the requests with a path that ends like this."""
        return [
            request.json or {}
            for request in self.ory.requests
            if request.method == method and request.path.endswith(end)
        ]

    def list_targets(self, method: str) -> list[str]:
        """Return paths and queries of the requests with this method."""
        return [request.target.lstrip("/") for request in self.ory.requests if request.method == method]

    def get(self, page: str, challenge: str = "c", **query: str) -> HttpResponse:
        return self.browser.get(f"/auth/oauth2/{page}/", {f"{page}_challenge": challenge, **query})  # type: ignore[return-value]

    def post(self, page: str, challenge: str = "c", **fields: Any) -> HttpResponse:
        return self.browser.post(f"/auth/oauth2/{page}/", {f"{page}_challenge": challenge, **fields})  # type: ignore[return-value]


def read_field(response: HttpResponse, name: str) -> str:
    """Return the value of a hidden field of a page."""
    found = re.search(rf'name="{name}" value="([^"]*)"', response.content.decode())
    assert found, name
    return found[1]


def parse_query(url: str) -> dict[str, str]:
    """Return the query of a URL, each name once."""
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
