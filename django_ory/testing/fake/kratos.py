"""The fake Kratos: its stores under one router."""

from __future__ import annotations

import re
import secrets
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from django_ory.testing.factories import format_time

from .courier import CourierStore
from .errors import KratosError
from .flows import FlowStore
from .http import FakeRequest, FakeResponse, Router, json_response
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

    @cached_property
    def router(self) -> Router:
        """The routes of all stores, built at the first request."""
        return Router(
            {
                **self.sessions.routes(),
                **self.identities.routes(),
                **self.flows.routes(),
                "POST /admin/recovery/code": self._create_recovery_code,
                "POST /admin/recovery/link": self._create_recovery_link,
                **self.courier.routes(),
            }
        )

    def _create_recovery_code(self, request: FakeRequest) -> FakeResponse:
        if request.json["identity_id"] not in self.identities.identities:
            raise KratosError(404, reason="could not find identity", message="Unable to locate the resource")
        expires_at = _parse_expiry(request, default=timedelta(minutes=15))
        flow = self.flows.add("recovery", state="sent_email")
        content = {
            "recovery_link": f"http://testserver{reverse('ory:recovery')}?flow={flow['id']}",
            "recovery_code": f"{secrets.randbelow(1_000_000):06}",
            "expires_at": expires_at,
        }
        return json_response(content, status=201)

    def _create_recovery_link(self, request: FakeRequest) -> FakeResponse:
        expires_at = _parse_expiry(request, default=timedelta(hours=1))
        if request.json["identity_id"] not in self.identities.identities:
            raise KratosError(400, reason="The requested identity id does not exist.")
        flow = self.flows.add("recovery", state="sent_email")
        link = f"{self.public_url}/self-service/recovery?flow={flow['id']}&token={secrets.token_urlsafe(24)}"
        return json_response({"recovery_link": link, "expires_at": expires_at})


def _parse_expiry(request: FakeRequest, *, default: timedelta) -> str:
    """The time of ``expires_in``, a duration of Go. Only one unit is understood: ``"90s"``, ``"1h"``."""
    duration = request.json.get("expires_in") or f"{int(default.total_seconds())}s"
    found = re.fullmatch(r"(\d+)([smh])", duration)
    if found is None or not int(found[1]):
        raise KratosError(400, reason=f'Value from "expires_in" must be result to a future time: {duration}')
    seconds = int(found[1]) * {"s": 1, "m": 60, "h": 3600}[found[2]]
    return format_time(datetime.now(UTC) + timedelta(seconds=seconds))
