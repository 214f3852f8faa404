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


def get_parameter(url: str, name: str) -> str:
    """Return one parameter of the query of a URL."""
    return parse_qs(urlsplit(url).query)[name][0]


@dataclass
class Authorization:
    """One authorization of one person. Each step includes the steps before."""

    world: World
    app: models.OAuth2Client
    subject: str
    scope: str = SCOPE
    browser: Browser = field(default_factory=Browser)
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(40))

    def open(self, url: str = "") -> str:
        """Open Hydra's authorization endpoint, at ``url`` or for a new request. Returns the redirect URL."""
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

    def get_login_challenge(self) -> str:
        """Start the authorization."""
        return get_parameter(self.open(), "login_challenge")

    def get_consent_challenge(self) -> str:
        """Start and log in."""
        accepted = self.world.client.admin_accept_o_auth2_login_request(
            login_challenge=self.get_login_challenge(),
            body={
                "subject": self.subject,
                "remember": True,
                "remember_for": 3600,
                "acr": "aal1",
                "amr": ["pwd"],
            },
        )
        return get_parameter(self.open(accepted.redirect_to), "consent_challenge")

    def get_code(self) -> str:
        """Start, log in and consent."""
        accepted = self.world.client.admin_accept_o_auth2_consent_request(
            consent_challenge=self.get_consent_challenge(),
            body={
                "grant_scope": self.scope.split(),
                "remember": True,
                "remember_for": 3600,
                "session": {"id_token": {"color": "blue"}, "access_token": {"color": "blue"}},
            },
        )
        return get_parameter(self.open(accepted.redirect_to), "code")

    def get_tokens(self) -> models.OAuth2TokenExchange:
        """Complete the authorization."""
        assert self.app.client_id
        assert self.app.client_secret
        return self.world.client.perform_o_auth2_token_flow(
            grant_type="authorization_code",
            code=self.get_code(),
            redirect_uri=REDIRECT,
            code_verifier=self.verifier,
            basic_auth=(self.app.client_id, self.app.client_secret),
        )


def new_app(world: World, **more: Any) -> models.OAuth2Client:
    """Create an OAuth2 client. Its secret contains characters that HTTP basic authentication must encode."""
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


def new_authorization(world: World, **more: Any) -> Authorization:
    """Return an authorization of a new subject at a new client."""
    return Authorization(world, new_app(world, **more), subject=f"subject-{world.mark}")
