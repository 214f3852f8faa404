"""The authorization code flow without a browser: cookies by hand, challenges accepted through the client."""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from .world import Browser, World

if TYPE_CHECKING:
    from django_ory.client import models

REDIRECT = "https://app.example.com/callback"
SCOPE = "openid offline profile"


def parameter(url: str, name: str) -> str:
    """One parameter of a URL's query."""
    return parse_qs(urlsplit(url).query)[name][0]


@dataclass
class Walk:
    """One person's way through an authorization. Each step can be done alone."""

    world: World
    app: models.OAuth2Client
    subject: str
    scope: str = SCOPE
    browser: Browser = field(default_factory=Browser)
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(40))

    def open(self, url: str = "") -> str:
        """Open Hydra's authorization endpoint, at ``url`` or anew, and return where it leads."""
        query: dict[str, Any] = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        if not url:
            digest = hashlib.sha256(self.verifier.encode()).digest()
            query = {
                "client_id": self.app.client_id,
                "response_type": "code",
                "redirect_uri": REDIRECT,
                "scope": self.scope,
                "state": secrets.token_urlsafe(16),
                "nonce": secrets.token_urlsafe(16),
                "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
                "code_challenge_method": "S256",
            }
        ask = self.world.client.with_http_info.perform_o_auth2_authorization_flow
        return self.browser.take(ask(**query, cookie=self.browser.cookie or None))

    def to_login(self) -> str:
        """Start; the login challenge."""
        return parameter(self.open(), "login_challenge")

    def to_consent(self) -> str:
        """Start and log in; the consent challenge."""
        accepted = self.world.client.admin_accept_o_auth2_login_request(
            login_challenge=self.to_login(),
            body={
                "subject": self.subject,
                "remember": True,
                "remember_for": 3600,
                "acr": "aal1",
                "amr": ["pwd"],
            },
        )
        return parameter(self.open(accepted.redirect_to), "consent_challenge")

    def to_code(self) -> str:
        """Start, log in and consent; the code."""
        accepted = self.world.client.admin_accept_o_auth2_consent_request(
            consent_challenge=self.to_consent(),
            body={
                "grant_scope": self.scope.split(),
                "remember": True,
                "remember_for": 3600,
                "session": {"id_token": {"color": "blue"}, "access_token": {"color": "blue"}},
            },
        )
        return parameter(self.open(accepted.redirect_to), "code")

    def to_tokens(self) -> models.OAuth2TokenExchange:
        """All of it; the tokens."""
        assert self.app.client_id
        assert self.app.client_secret
        return self.world.client.perform_o_auth2_token_flow(
            grant_type="authorization_code",
            code=self.to_code(),
            redirect_uri=REDIRECT,
            code_verifier=self.verifier,
            basic_auth=(self.app.client_id, self.app.client_secret),
        )


def new_app(world: World, **more: Any) -> models.OAuth2Client:
    """An OAuth2 client with a secret that has characters which HTTP basic must encode."""
    return world.client.admin_create_o_auth2_client(
        body={
            "client_name": f"App {world.mark}",
            "client_secret": f"p:ss wörd%+{secrets.token_urlsafe(8)}",
            "redirect_uris": [REDIRECT],
            "post_logout_redirect_uris": ["https://app.example.com/bye"],
            "grant_types": ["authorization_code", "refresh_token", "client_credentials"],
            "response_types": ["code"],
            "scope": SCOPE,
            "owner": world.mark,
            **more,
        }
    )


def new_walk(world: World, **more: Any) -> Walk:
    """A walk of somebody new at a new client."""
    return Walk(world, new_app(world, **more), subject=f"subject-{world.mark}")
