"""What the tests of the decisions ask: requests of Hydra, and somebody in front of the page."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django_ory.client.models import OAuth2ConsentRequest, OAuth2LoginRequest
from django_ory.provider.flows import decide_login
from django_ory.provider.freshness import SignedIn

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
ALICE = "5b1c1dcb-7cc9-4e0a-9a9e-1f0c2a6f3a01"
BOB = "0b9d0c0e-8c3e-4a63-b1c9-7a4f6a1a2b02"


def authorize(**parameters: str) -> str:
    return "http://hydra.test:4444/oauth2/auth?" + urlencode({"client_id": "app", "state": "s", **parameters})


def request_object(**claims: Any) -> str:
    """OpenID Connect Core 6.1, unsigned."""
    return f"e30.{base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip('=')}."


def a_login(*, url: str = authorize(), **values: Any) -> OAuth2LoginRequest:
    return OAuth2LoginRequest.model_validate({"challenge": "c", "request_url": url, **values})


def signed_in(
    *, ago: float = 600, lasts: float | None = 3000, subject: str = ALICE, **values: Any
) -> SignedIn:
    return SignedIn(
        subject=subject,
        session_id="f3a0",
        authenticated_at=NOW - timedelta(seconds=ago),
        expires_at=None if lasts is None else NOW + timedelta(seconds=lasts),
        **{"methods": ("password",), **values},
    )


def decide(login: OAuth2LoginRequest, session: SignedIn | None = None, **values: Any) -> Any:
    return decide_login(login, session=session, **{"active": True, "now": NOW, **values})


def a_consent(**values: Any) -> OAuth2ConsentRequest:
    return OAuth2ConsentRequest.model_validate(
        {
            "challenge": "c",
            "subject": ALICE,
            "request_url": authorize(),
            "requested_scope": ["openid", "email", "photos", "email"],
            "requested_access_token_audience": ["https://api.example"],
            **values,
        }
    )
