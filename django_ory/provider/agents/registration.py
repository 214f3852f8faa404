"""Registers a client that describes itself (RFC 7591), by the admin API of Hydra.

Hydra's own open registration accepts any owner, scope and audience, and has no limits.
"""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from django_ory.client_metadata import METADATA_KEY, SELF_REGISTERED
from django_ory.mirror.clients import create_client

from .client_description import ClientDescription
from .lifetime import build_expiry


@dataclass(frozen=True, kw_only=True)
class Registration:
    """A registered client. ``secret``: "" for a public client."""

    client_id: str
    issued_at: int
    secret: str = field(default="", repr=False)
    description: ClientDescription

    def build_response(self) -> dict[str, Any]:
        """Return the client information response (RFC 7591 section 3.2.1)."""
        body = self.description.build_body()
        del body["audience"]  # a member of Hydra alone
        response = {
            "client_id": self.client_id,
            "client_id_issued_at": self.issued_at,
            **{name: value for name, value in body.items() if value},
        }
        if self.secret:
            response |= {"client_secret": self.secret, "client_secret_expires_at": 0}
        return response


def register_client(description: ClientDescription, *, alias: str) -> Registration:
    """Create the client in Hydra, marked as registered by itself, and its row. Raises OryError."""
    client_id = str(uuid.uuid4())
    is_public = description.auth_method == "none"
    secret = "" if is_public else secrets.token_urlsafe(32)
    own = SELF_REGISTERED[METADATA_KEY] | build_expiry(alias)
    body = {"client_id": client_id, **description.build_body(), "metadata": {METADATA_KEY: own}}
    create_client(alias, body if is_public else {**body, "client_secret": secret})
    issued_at = int(timezone.now().timestamp())
    return Registration(client_id=client_id, issued_at=issued_at, secret=secret, description=description)
