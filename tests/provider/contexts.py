"""Builds the input of decisions: requests of Hydra and sessions of browsers."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django_ory.client.models import OAuth2ConsentRequest, OAuth2LoginRequest
from django_ory.consent_policy import ConsentPolicy
from django_ory.provider.decisions.consent import ConsentContext, ConsentRequest, decide_consent
from django_ory.provider.decisions.login import LoginContext, decide_login
from django_ory.provider.openid.assurance import BrowserSession
from django_ory.provider.openid.authorization import parse_authorization_request

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
ALICE = "5b1c1dcb-7cc9-4e0a-9a9e-1f0c2a6f3a01"
CLIENT = {
    "client_id": "app",
    "scope": "openid email photos offline_access",
    "audience": ["https://api.example", "https://new.example"],
}
BOB = "0b9d0c0e-8c3e-4a63-b1c9-7a4f6a1a2b02"


def auth_url(**parameters: str) -> str:
    return "http://hydra.test:4444/oauth2/auth?" + urlencode({"client_id": "app", "state": "s", **parameters})


def build_request_object(**claims: Any) -> str:
    """OpenID Connect Core 6.1, unsigned."""
    return f"e30.{base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip('=')}."


def build_login(*, url: str = auth_url(), **values: Any) -> OAuth2LoginRequest:
    return OAuth2LoginRequest.model_validate({"challenge": "c", "request_url": url, **values})


def build_session(
    *, ago: float = 600, lasts: float | None = 3000, subject: str = ALICE, **values: Any
) -> BrowserSession:
    return BrowserSession(
        subject=subject,
        session_id="f3a0",
        authenticated_at=NOW - timedelta(seconds=ago),
        expires_at=None if lasts is None else NOW + timedelta(seconds=lasts),
        **{"methods": ("password",), **values},
    )


def decide(login: OAuth2LoginRequest, session: BrowserSession | None = None, **values: Any) -> Any:
    """Decide on a login request. ``values``: attributes of ``LoginContext``."""
    return decide_login(build_login_context(login, session, **values))


def build_login_context(
    login: OAuth2LoginRequest, session: BrowserSession | None = None, **values: Any
) -> LoginContext:
    """Build the input of a decision on a login request. ``values``: attributes of ``LoginContext``."""
    authorization = parse_authorization_request(login)
    return LoginContext(login=login, authorization=authorization, session=session, **{"now": NOW, **values})


def build_consent(**values: Any) -> OAuth2ConsentRequest:
    return OAuth2ConsentRequest.model_validate(
        {
            "challenge": "c",
            "subject": ALICE,
            "request_url": auth_url(),
            "requested_scope": ["openid", "email", "photos", "email"],
            "requested_access_token_audience": ["https://api.example"],
            "client": CLIENT,
            **values,
        }
    )


def decide_for(
    subject: str | None,
    consent: OAuth2ConsentRequest,
    *,
    is_trusted: bool = False,
    has_consent: bool = False,
    **values: Any,
) -> Any:
    """Decide on a consent request for the user in the browser.

    ``has_consent``: Hydra remembers a consent of the user to all scopes. ``values``: of ``ConsentContext``
    and of its request.
    """
    request = ConsentRequest(
        consent=consent,
        client=values.pop("client", consent.client),
        policy=values.pop("policy", ConsentPolicy(is_first_party=is_trusted)),
    )
    known = {"remembered_scope": consent.requested_scope if has_consent else None}
    return decide_consent(ConsentContext(request=request, subject=subject, **{**known, **values}))
