"""The fake Kratos: its stores under one router."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from django_ory.testing.factories import format_time

from .courier import CourierStore
from .errors import KratosError
from .flows import FlowStore
from .http import FakeRequest, FakeResponse, Handler, Router, json_response
from .identities import IdentityStore
from .sessions import SessionStore

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["FakeKratos"]


class FakeKratos:
    """An in-memory Kratos v1.3.1: public and admin API."""

    def __init__(self, *, public_url: str, schemas: Mapping[str, dict[str, Any]]) -> None:
        self.public_url = public_url
        self.identities = IdentityStore(public_url=public_url, schemas=schemas)
        self.sessions = SessionStore(self.identities, public_url=public_url)
        self.flows = FlowStore(self.sessions, public_url=public_url)
        self.courier = CourierStore()
        self.router = Router(self._routes())

    def _routes(self) -> dict[str, Handler]:
        return {
            **self.sessions.routes(),
            **self.identities.routes(),
            **self.flows.routes(),
            "POST /admin/recovery/code": self._create_recovery_code,
            "POST /admin/recovery/link": self._create_recovery_link,
            **self.courier.routes(),
        }

    def _get_recovering_identity(self, request: FakeRequest) -> str:
        identity_id: str = request.json["identity_id"]
        if identity_id not in self.identities.identities:
            raise KratosError(404)
        return identity_id

    def _create_recovery_code(self, request: FakeRequest) -> FakeResponse:
        self._get_recovering_identity(request)
        flow = self.flows.add("recovery", state="sent_email")
        content = {
            "recovery_link": f"http://testserver{reverse('ory:recovery')}?flow={flow['id']}",
            "recovery_code": f"{secrets.randbelow(1_000_000):06}",
            "expires_at": format_time(datetime.now(UTC) + timedelta(minutes=15)),
        }
        return json_response(content, status=201)

    def _create_recovery_link(self, request: FakeRequest) -> FakeResponse:
        self._get_recovering_identity(request)
        flow = self.flows.add("recovery", state="sent_email")
        link = f"{self.public_url}/self-service/recovery?flow={flow['id']}&token={secrets.token_urlsafe(24)}"
        return json_response(
            {"recovery_link": link, "expires_at": format_time(datetime.now(UTC) + timedelta(hours=1))}
        )
