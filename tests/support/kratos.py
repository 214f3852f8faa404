"""Ann, who is signed in at Kratos, and what whoami of ``FakeOry`` answers meanwhile."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings

from django_ory.client.models import Identity, Session
from django_ory.testing import (
    build_error_json,
    build_identity_json,
    build_session_json,
    build_verifiable_address_json,
    json_response,
)
from django_ory.testing.factories import format_time

if TYPE_CHECKING:
    from django_ory.testing import FakeOry, FakeRequest, FakeResponse

WHOAMI = "GET /sessions/whoami"
COOKIE = "ory_kratos_session=MTcz-_abc="
IDENTITY_ID = "9f425a8d-7efc-4768-8f23-7647a74fdf13"
SESSION_ID = "5c1a63c8-6ba2-4de3-bd0c-4d3a52d7b8f5"
CREATED = "2026-11-01T08:00:00.123456Z"
UNAUTHORIZED = build_error_json(401, "No valid session credentials found in the request.")
_AAL2_URL = "http://kratos.test:4433/self-service/login/browser?aal=aal2"
AAL2_REQUIRED = build_error_json(
    403,
    error_id="session_aal2_required",
    message="Session does not fulfill the requested Authenticator Assurance Level",
    details={"redirect_browser_to": _AAL2_URL},
    redirect_browser_to=_AAL2_URL,
)


def ago(**distance: float) -> str:
    """A time in the past (or, with negative numbers, in the future), as Kratos writes it."""
    return format_time(datetime.now(UTC) - timedelta(**distance))


def identity_json(**changes: Any) -> dict[str, Any]:
    """Ann's identity."""
    identity = build_identity_json(
        {"email": "ann@example.org", "name": {"first": "Ann", "last": "Lee"}},
        id=IDENTITY_ID,
        verifiable_addresses=[
            build_verifiable_address_json("ann@example.org", created_at=CREATED, updated_at=CREATED)
        ],
        recovery_addresses=[],
        state_changed_at=CREATED,
        created_at=CREATED,
        updated_at=CREATED,
    )
    return identity | changes


def session_json(*, identity: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """Ann's session, five minutes old."""
    session = build_session_json(
        identity_json() if identity is None else identity,
        authenticated_at=timedelta(minutes=5),
        id=SESSION_ID,
        expires_at=ago(days=-1),
        devices=[],
    )
    return session | changes


def an_identity(**changes: Any) -> Identity:
    """Ann's identity as a model."""
    return Identity.model_validate(identity_json(**changes))


def a_session(**changes: Any) -> Session:
    """Ann's session as a model."""
    return Session.model_validate(session_json(**changes))


def somebody_new() -> dict[str, Any]:
    """Another identity."""
    return build_identity_json({"email": "bob@example.org"}, id=str(uuid.uuid4()), verifiable_addresses=[])


CREDENTIAL_HEADERS = ("Cookie", "X-Session-Token", "Authorization")


class Whoami:
    """The answer of whoami, the same for all cookies and tokens until it is changed."""

    def __init__(self, ory: FakeOry) -> None:
        self.ory = ory

    @property
    def calls(self) -> list[FakeRequest]:
        """All requests so far, also to other endpoints."""
        return self.ory.requests

    def says(self, status: int = 200, *, fault: str = "", **answer: Any) -> None:
        """The arguments of ``FakeOry.respond``. A fault is also that of the health endpoints.

        JSON is the answer to a credential; without one, whoami is a 401.
        """
        self.ory.respond(WHOAMI, status=status, fault=fault, **answer)
        if "json" in answer and not fault:
            response = json_response(answer["json"], status=status, headers=answer.get("headers"))
            anonymous = json_response(UNAUTHORIZED, status=401)

            def respond(request: FakeRequest) -> FakeResponse:
                return response if any(map(request.get_header, CREDENTIAL_HEADERS)) else anonymous

            self.ory.respond(WHOAMI, respond)
        health = {"fault": fault} if fault else {"handler": self.ory.answer}
        self.ory.respond("GET /health/*", **health)

    def signed_in(self, *, headers: dict[str, str] | None = None, **changes: Any) -> None:
        """Ann is signed in. ``changes``: of the session's JSON."""
        self.says(json=session_json(**changes), headers=headers)

    def nobody(self) -> None:
        """The credential is invalid."""
        self.says(401, json=UNAUTHORIZED)

    def wants_second_factor(self) -> None:
        """Ann signed in with a password and has a second factor."""
        self.says(403, json=AAL2_REQUIRED)

    def is_down(self) -> None:
        """Connections are refused."""
        self.says(fault="down")

    def hangs(self) -> None:
        """Requests time out, at once."""
        self.says(fault="slow")


def ory_settings(**changes: Any) -> dict[str, Any]:
    """``settings.ORY`` with changes for the default alias."""
    ory: dict[str, dict[str, Any]] = settings.ORY
    return {**ory, "default": {**ory["default"], **changes}}
