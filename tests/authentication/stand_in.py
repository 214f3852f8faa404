"""A stand-in for Kratos' whoami, and sessions as Kratos v1.3.1 sends them."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import requests
import responses
from django.conf import settings

from django_ory.client.models import Identity, Session

WHOAMI = "http://kratos.test:4433/sessions/whoami"
ALIVE = "http://kratos.test:4433/health/alive"
COOKIE = "ory_kratos_session=MTcz-_abc="
IDENTITY_ID = "9f425a8d-7efc-4768-8f23-7647a74fdf13"
SESSION_ID = "5c1a63c8-6ba2-4de3-bd0c-4d3a52d7b8f5"
CREATED = "2026-11-01T08:00:00.123456Z"


def ago(**distance: float) -> str:
    """A moment in the past (or, with negative numbers, in the future), as Kratos writes it."""
    return (datetime.now(UTC) - timedelta(**distance)).isoformat().replace("+00:00", "Z")


def identity_json(**changes: Any) -> dict[str, Any]:
    identity = {
        "id": IDENTITY_ID,
        "schema_id": "default",
        "schema_url": "http://kratos.test:4433/schemas/ZGVmYXVsdA",
        "state": "active",
        "state_changed_at": CREATED,
        "traits": {"email": "ann@example.org", "name": {"first": "Ann", "last": "Lee"}},
        "verifiable_addresses": [
            {
                "id": "4bba1b53-9d6e-4b5e-b3f5-0f4a0a4a3c11",
                "value": "ann@example.org",
                "verified": True,
                "via": "email",
                "status": "completed",
            }
        ],
        "recovery_addresses": [],
        "metadata_public": None,
        "created_at": CREATED,
        "updated_at": CREATED,
    }
    return identity | changes


def session_json(*, identity: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    session = {
        "id": SESSION_ID,
        "active": True,
        "expires_at": ago(days=-1),
        "authenticated_at": ago(minutes=5),
        "authenticator_assurance_level": "aal1",
        "authentication_methods": [{"method": "password", "aal": "aal1", "completed_at": ago(minutes=5)}],
        "issued_at": ago(minutes=5),
        "identity": identity_json() if identity is None else identity,
        "devices": [],
    }
    return session | changes


def an_identity(**changes: Any) -> Identity:
    return Identity.model_validate(identity_json(**changes))


def a_session(**changes: Any) -> Session:
    return Session.model_validate(session_json(**changes))


def somebody_new() -> dict[str, Any]:
    """Another identity."""
    return identity_json(id=str(uuid.uuid4()), traits={"email": "bob@example.org"}, verifiable_addresses=[])


AAL2_REQUIRED = {
    "error": {
        "id": "session_aal2_required",
        "code": 403,
        "status": "Forbidden",
        "reason": "Session does not fulfill the requested Authenticator Assurance Level",
        "details": {"redirect_browser_to": "http://kratos.test:4433/self-service/login/browser?aal=aal2"},
        "message": "The request could not be authorized",
    },
    "redirect_browser_to": "http://kratos.test:4433/self-service/login/browser?aal=aal2",
}
UNAUTHORIZED = {
    "error": {
        "code": 401,
        "status": "Unauthorized",
        "reason": "No valid session credentials found in the request.",
        "message": "The request could not be authorized",
    }
}


class StandIn:
    """Answers whoami. What was said last stays until something else is said."""

    def __init__(self, mock: responses.RequestsMock) -> None:
        self.mock = mock

    @property
    def calls(self) -> list[requests.PreparedRequest]:
        """What Kratos was asked."""
        return [call.request for call in self.mock.calls]

    def says(self, status: int = 200, **answer: Any) -> None:
        """``json=`` or ``body=`` (an exception is raised), and ``headers=``."""
        self.mock.upsert(responses.GET, WHOAMI, status=status, **answer)
        is_there = not isinstance(answer.get("body"), Exception)
        alive: dict[str, Any] = {"json": {"status": "ok"}} if is_there else {"body": answer["body"]}
        self.mock.upsert(responses.GET, ALIVE, **alive)

    def signed_in(self, *, headers: dict[str, str] | None = None, **changes: Any) -> None:
        self.says(json=session_json(**changes), headers=headers)

    def nobody(self) -> None:
        self.says(401, json=UNAUTHORIZED)

    def wants_second_factor(self) -> None:
        self.says(403, json=AAL2_REQUIRED)

    def is_down(self) -> None:
        self.says(body=requests.ConnectionError("refused"))

    def hangs(self) -> None:
        self.says(body=requests.ReadTimeout("too slow"))


def ory_settings(**changes: Any) -> dict[str, Any]:
    """``settings.ORY`` with changes for the default alias."""
    ory: dict[str, dict[str, Any]] = settings.ORY
    return {**ory, "default": {**ory["default"], **changes}}
