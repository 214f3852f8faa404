"""Mails and text messages of the fake Kratos. Tests add them; flows of the fake send none."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

from django_ory.testing.factories import format_time

from .errors import KratosError
from .http import FakeRequest, FakeResponse, Handler, json_response
from .id_pages import build_id_page

__all__ = ["CourierStore"]

COURIER_STATUSES = ("queued", "sent", "processing", "abandoned")


class CourierStore:
    """The messages of one fake Kratos."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []  #: the newest last

    def routes(self) -> dict[str, Handler]:
        """The routes for messages."""
        return {
            "GET /admin/courier/messages": self._list,
            "GET /admin/courier/messages/{id}": self._get,
        }

    def add(self, recipient: str, **fields: Any) -> dict[str, Any]:
        """Add a message. ``fields`` replace those of its JSON."""
        now = format_time(datetime.now(UTC))
        key = str(uuid.uuid4())
        dispatch = {
            "id": str(uuid.uuid4()),
            "message_id": key,
            "status": "success",
            "error": None,
            "created_at": now,
            "updated_at": now,
        }
        message = {
            "id": key,
            "status": "sent",
            "type": "email",
            "recipient": recipient,
            "body": "Hi,\n\nplease recover access by entering the following code:\n\n123456\n",
            "subject": "Recover access to your account",
            "template_type": "recovery_code_valid",
            "channel": "email",
            "send_count": 1,
            "dispatches": [dispatch],
            "created_at": now,
            "updated_at": now,
            **fields,
        }
        self.messages.append(message)
        return message

    def _list(self, request: FakeRequest) -> FakeResponse:
        recipient, status = request.get_query("recipient"), request.get_query("status")
        if status and status not in COURIER_STATUSES:
            raise KratosError(400, reason="Message status is not valid")
        found = {
            message["id"]: message
            for message in reversed(self.messages)
            if recipient in ("", message["recipient"]) and status in ("", message["status"])
        }
        return build_id_page(
            request, "/admin/courier/messages", found, build_json=_build_listed_json, default_size=10
        )

    def _get(self, request: FakeRequest) -> FakeResponse:
        key = request.path_parameters["id"]
        for message in self.messages:
            if message["id"] == key:
                return json_response(message)
        raise KratosError(404)


def _build_listed_json(message: dict[str, Any]) -> dict[str, Any]:
    """A message of the list: without the attempts to send it."""
    return {name: value for name, value in message.items() if name != "dispatches"}
