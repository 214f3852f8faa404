"""Numbered identities and named OAuth2 clients in ``FakeOry``, and the calls that reached it."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django_ory.testing import (
    build_error_json,
    build_identity_json,
    build_oauth2_client_json,
    build_verifiable_address_json,
)
from django_ory.testing.fake.faults import FAULTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from django_ory.testing import FakeOry, FakeRequest, FakeResponse

#: In the metadata and the credentials of each identity of ``make_identity``. No row may store it.
SECRET = "s3cret-that-no-row-may-store"


def make_identity(number: int, **fields: Any) -> dict[str, Any]:
    """The JSON of an identity that the admin API returns, with a credential."""
    identity_id, email = str(uuid.UUID(int=number)), f"person{number}@example.com"
    times: dict[str, Any] = {
        "created_at": "2026-01-02T03:04:05.123456789Z",
        "updated_at": "2026-01-02T03:04:05Z",
    }
    address = build_verifiable_address_json(email, id=identity_id, verified_at=times["created_at"], **times)
    identity = build_identity_json(
        {"email": email, "name": {"first": "Zoë"}},
        id=identity_id,
        schema_id="person",
        state_changed_at=times["created_at"],
        verifiable_addresses=[address],
        recovery_addresses=[],
        metadata_admin={"note": SECRET},
        credentials={"password": {"type": "password", "config": {"hashed_password": SECRET}}},
        **times,
    )
    return identity | fields


def make_client(client_id: str, **fields: Any) -> dict[str, Any]:
    """The JSON of an OAuth2 client of a shop."""
    return build_oauth2_client_json(
        **{
            "client_id": client_id,
            "client_name": f"Shop {client_id}",
            "redirect_uris": ["https://shop.example/callback"],
            "grant_types": ["authorization_code"],
            "scope": "openid",
            "created_at": "2026-01-02T03:04:05Z",
            "updated_at": "2026-01-02T03:04:05Z",
            **fields,
        }
    )


def add_identities(ory: FakeOry, *identities: dict[str, Any]) -> None:
    """Store identities with any traits. An identity with the same id is replaced."""
    ory.kratos.identities.identities.update({each["id"]: each for each in identities})


def add_clients(ory: FakeOry, *clients: dict[str, Any]) -> None:
    """Store OAuth2 clients; one with the same id is replaced."""
    ory.hydra.clients.clients.update({each["client_id"]: each for each in clients})


def list_calls(ory: FakeOry, part: str = "", *, method: str = "") -> list[str]:
    """Return the calls with ``part`` in the path: ``["GET /admin/clients?page_size=250"]``."""
    return [
        f"{request.method} {request.target}"
        for request in ory.requests
        if part in request.path and method in ("", request.method)
    ]


def call_during(ory: FakeOry, route: str, function: Callable[[], object], *, before: bool = False) -> None:
    """Call a function once, during the next response of a route.

    ``before``: before that response is read from the store.
    """
    pending = [function]

    def respond(request: FakeRequest) -> FakeResponse:
        if before and pending:
            pending.pop()()
        response = ory.answer(request)
        if pending:
            pending.pop()()
        return response

    ory.respond(route, respond)


def fail(ory: FakeOry, route: str, status: int, reason: str) -> None:
    """Let a route return an error with this reason."""
    is_hydra = "/admin/clients" in route or "/oauth2" in route
    error = {"error": "error", "error_description": reason} if is_hydra else build_error_json(status, reason)
    ory.respond(route, status=status, json=error)


def lose_response(ory: FakeOry, route: str, *, fault: str = "slow", made: bool = True) -> None:
    """Let Ory make a change, or not, and answer with a fault."""

    def respond(request: FakeRequest) -> FakeResponse:
        if made:
            ory.answer(request)
        return FAULTS[fault]()

    ory.respond(route, respond)


def fail_hydra_sessions(ory: FakeOry, status: int, reason: str = "Hydra is busy") -> None:
    """Let Hydra reject the deletion of login sessions and consents."""
    for kind in ("login", "consent"):
        fail(ory, f"DELETE /admin/oauth2/auth/sessions/{kind}", status, reason)
