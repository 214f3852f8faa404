"""The identity and session of Ann, and the response of whoami in ``FakeOry``."""

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
    """Return a past time (future for negative numbers) in the format of Kratos."""
    return format_time(datetime.now(UTC) - timedelta(**distance))


def identity_json(**changes: Any) -> dict[str, Any]:
    """Return the JSON of Ann's identity."""
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
    """Return the JSON of Ann's session, which is five minutes old."""
    session = build_session_json(
        identity_json() if identity is None else identity,
        authenticated_at=timedelta(minutes=5),
        id=SESSION_ID,
        expires_at=ago(days=-1),
        devices=[],
    )
    return session | changes


def build_identity(**changes: Any) -> Identity:
    """Return Ann's identity as a model."""
    return Identity.model_validate(identity_json(**changes))


def build_session(**changes: Any) -> Session:
    """Return Ann's session as a model."""
    return Session.model_validate(session_json(**changes))


def build_other_identity_json() -> dict[str, Any]:
    """Return the JSON of another identity."""
    return build_identity_json({"email": "bob@example.org"}, id=str(uuid.uuid4()), verifiable_addresses=[])


CREDENTIAL_HEADERS = ("Cookie", "X-Session-Token", "Authorization")


class Whoami:
    """The response of whoami, the same for all cookies and tokens."""

    def __init__(self, ory: FakeOry) -> None:
        self.ory = ory

    @property
    def calls(self) -> list[FakeRequest]:
        """All requests so far, also to other endpoints."""
        return self.ory.requests

    def respond(self, status: int = 200, *, fault: str = "", **answer: Any) -> None:
        """Set the response, with the arguments of ``FakeOry.respond``. Health endpoints have the same fault.

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
        """Return the session of Ann, with changes of its JSON."""
        self.respond(json=session_json(**changes), headers=headers)

    def reject_credential(self) -> None:
        """Reject the credential as invalid."""
        self.respond(401, json=UNAUTHORIZED)

    def require_second_factor(self) -> None:
        """Reject the credential: the session has one factor of two."""
        self.respond(403, json=AAL2_REQUIRED)

    def refuse_connections(self) -> None:
        """Refuse connections."""
        self.respond(fault="down")


def ory_settings(**changes: Any) -> dict[str, Any]:
    """Return ``settings.ORY`` with changes for the default alias."""
    ory: dict[str, dict[str, Any]] = settings.ORY
    return {**ory, "default": {**ory["default"], **changes}}
