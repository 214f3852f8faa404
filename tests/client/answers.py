"""Answers of Ory that several tests need."""

from __future__ import annotations

from typing import Any

IDENTITY: dict[str, Any] = {
    "id": "0f9b7c1e-2f5b-4c3c-9d3c-0d8f6f0b3a11",
    "schema_id": "default",
    "schema_url": "http://kratos.test/schemas/ZGVmYXVsdA",
    "state": "active",
    "traits": {"email": "planted-trait@example.org"},
    "verifiable_addresses": None,
    "metadata_public": None,
    "created_at": "2026-01-02T03:04:05.123456789Z",
}
SESSION: dict[str, Any] = {
    "id": "1c9b7c1e-2f5b-4c3c-9d3c-0d8f6f0b3a11",
    "active": True,
    "authenticator_assurance_level": "aal1",
    "authentication_methods": [{"method": "password", "aal": "aal1"}],
    "expires_at": "2027-01-02T03:04:05Z",
    "identity": IDENTITY,
    "devices": None,
    "tokenized": "planted-token",
}
FLOW: dict[str, Any] = {
    "id": "2d9b7c1e-2f5b-4c3c-9d3c-0d8f6f0b3a11",
    "type": "browser",
    "state": "choose_method",
    "ui": {
        "action": "http://kratos.test/self-service/login?flow=2d9b7c1e",
        "method": "POST",
        "nodes": [],
        "messages": [{"id": 4000006, "text": "The provided credentials are invalid", "type": "error"}],
    },
}
