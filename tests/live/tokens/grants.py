"""Clients of the real Hydra, and the grants by which they get tokens. No page is involved."""

from __future__ import annotations

import json
import secrets
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
import requests
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from django_ory.clients import get_client
from django_ory.devstack.stack.plan import StackAddresses

CALLBACK = "http://127.0.0.1:9/callback"
AUDIENCE = "https://api.example"
SECONDS = 10


@dataclass
class TokenClient:
    """An OAuth2 client of the real Hydra."""

    stack: StackAddresses
    id: str
    secret: str

    def post_token(self, **form: str) -> dict[str, Any]:
        """A call of the token endpoint."""
        response = requests.post(
            f"{self.stack.hydra_public_url}/oauth2/token",
            data=form,
            auth=(self.id, self.secret),
            timeout=SECONDS,
        )
        assert response.status_code == 200, response.text
        return dict(response.json())

    def client_credentials(self, *, scope: str = "photos", audience: str = AUDIENCE) -> str:
        """An access token of the client itself."""
        form = {"grant_type": "client_credentials", "scope": scope, "audience": audience}
        return str(self.post_token(**form)["access_token"])

    def authorization_code(self, subject: str, *, scope: str = "openid photos offline") -> dict[str, Any]:
        """The tokens of a user. Login and consent are accepted by the admin API."""
        browser = requests.Session()
        query = {
            "client_id": self.id,
            "response_type": "code",
            "scope": scope,
            "audience": AUDIENCE,
            "redirect_uri": CALLBACK,
            "state": secrets.token_urlsafe(16),
        }
        url = f"{self.stack.hydra_public_url}/oauth2/auth?{urlencode(query)}"
        location = _get_location(browser, url)
        login = get_client().admin_accept_o_auth2_login_request(
            login_challenge=_get_query(location, "login_challenge"), body={"subject": subject}
        )
        location = _get_location(browser, login.redirect_to)
        consent = get_client().admin_accept_o_auth2_consent_request(
            consent_challenge=_get_query(location, "consent_challenge"),
            body={"grant_scope": scope.split(), "grant_access_token_audience": [AUDIENCE]},
        )
        location = _get_location(browser, consent.redirect_to)
        return self.post_token(
            grant_type="authorization_code", code=_get_query(location, "code"), redirect_uri=CALLBACK
        )

    def jwt_bearer(self, subject: str, *, scope: str = "photos") -> str:
        """An access token for an assertion of a trusted issuer (RFC 7523)."""
        key, key_id, issuer = (
            ec.generate_private_key(ec.SECP256R1()),
            secrets.token_hex(8),
            secrets.token_hex(8),
        )
        jwk = json.loads(ECAlgorithm.to_jwk(key.public_key()))
        get_client().admin_trust_o_auth2_jwt_grant_issuer(
            body={
                "issuer": issuer,
                "subject": subject,
                "scope": scope.split(),
                "expires_at": "2030-01-01T00:00:00Z",
                "jwk": {**jwk, "kid": key_id, "alg": "ES256", "use": "sig"},
            }
        )
        now = int(time.time())
        assertion = {
            "iss": issuer,
            "sub": subject,
            "aud": f"{self.stack.hydra_public_url}/oauth2/token",
            "jti": secrets.token_hex(8),
            "iat": now,
            "exp": now + 60,
        }
        form = {
            "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
            "assertion": jwt.encode(assertion, key, algorithm="ES256", headers={"kid": key_id}),
            "scope": scope,
            "audience": AUDIENCE,
        }
        return str(self.post_token(**form)["access_token"])

    def refresh(self, refresh_token: str) -> dict[str, Any]:
        """New tokens for a refresh token."""
        return self.post_token(grant_type="refresh_token", refresh_token=refresh_token)

    def revoke(self, token: str) -> None:
        """Revoke a token (RFC 7009)."""
        response = requests.post(
            f"{self.stack.hydra_public_url}/oauth2/revoke",
            data={"token": token},
            auth=(self.id, self.secret),
            timeout=SECONDS,
        )
        assert response.status_code == 200, response.text


def create_token_client(stack: StackAddresses, *, strategy: str, **values: Any) -> TokenClient:
    """A new client with this ``access_token_strategy`` ("opaque" or "jwt")."""
    client = get_client().admin_create_o_auth2_client(
        body={
            "client_name": "Token test",
            "access_token_strategy": strategy,
            "grant_types": [
                "authorization_code",
                "client_credentials",
                "refresh_token",
                "urn:ietf:params:oauth:grant-type:jwt-bearer",
            ],
            "response_types": ["code"],
            "redirect_uris": [CALLBACK],
            "scope": "openid photos photos.read offline",
            "audience": [AUDIENCE, "https://other.example"],
            "token_endpoint_auth_method": "client_secret_basic",
            **values,
        }
    )
    return TokenClient(stack, client.client_id or "", client.client_secret or "")


def rotate_key() -> None:
    """Give Hydra a new key, which signs access tokens from now on. The old ones stay published."""
    get_client().admin_create_json_web_key_set(
        "hydra.jwt.access-token",
        body={"alg": "ES256", "use": "sig", "kid": secrets.token_hex(8)},  # RSA keys take seconds
    )


def _get_location(browser: requests.Session, url: str) -> str:
    response = browser.get(url, allow_redirects=False, timeout=SECONDS)
    assert response.status_code in {302, 303}, (response.status_code, response.text[:500])
    return str(response.headers["Location"])


def _get_query(url: str, name: str) -> str:
    query = parse_qs(urlsplit(url).query)
    assert name in query, url
    return query[name][0]
