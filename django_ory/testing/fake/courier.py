"""Mails and text messages of the fake Kratos. Tests add them; flows of the fake send none."""

from __future__ import annotations

import base64
import uuid
from datetime import UTC, datetime
from typing import Any

from django_ory.testing.factories import format_time

from .errors import KratosError
from .http import FakeRequest, FakeResponse, Handler, build_link_header, json_response

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
        found = [
            {name: value for name, value in message.items() if name != "dispatches"}
            for message in reversed(self.messages)
            if recipient in ("", message["recipient"]) and status in ("", message["status"])
        ]
        size = int(request.get_query("page_size") or "10")
        after = read_token(request.get_query("page_token"))
        start = next((index + 1 for index, each in enumerate(found) if each["id"] == after), 0)
        page = found[start : start + size]
        pages = {"first": {"page_size": str(size), "page_token": build_token(str(uuid.UUID(int=0)))}}
        if len(found) > start + size:
            pages["next"] = {"page_size": str(size), "page_token": build_token(page[-1]["id"])}
        link = build_link_header("/admin/courier/messages", **pages)
        return json_response(page, headers={"Link": link, "X-Total-Count": str(len(found))})

    def _get(self, request: FakeRequest) -> FakeResponse:
        key = request.path_parameters["id"]
        for message in self.messages:
            if message["id"] == key:
                return json_response(message)
        raise KratosError(404)


def build_token(key: str) -> str:
    """The page token of the rows after the one with this id."""
    return base64.urlsafe_b64encode(f"id={key}".encode()).decode().rstrip("=")


def read_token(token: str) -> str:
    """The id in a page token; "" for no token. Raises the error of Kratos for another token."""
    if not token:
        return ""
    try:
        text = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode()
    except ValueError:
        text = ""
    if not text.startswith("id="):
        raise KratosError(400, reason="The page token is invalid, do not craft your own page tokens")
    return text.removeprefix("id=")
