"""A site with real servers, users with accounts, and OAuth2 clients."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
import requests

from django_ory.clients import get_client

from .browser import CALLBACK, HOME, Browser

if TYPE_CHECKING:
    from collections.abc import Callable

    from django_ory.devstack import StackAddresses

PASSWORD = "a quiet harbor at 5 am"


@dataclass
class Person:
    """A user with an account and a browser."""

    id: str
    email: str
    browser: Browser

    def sign_in(self, page: Browser | None = None) -> Browser:
        """Fill in the sign-in page that is open."""
        browser = page or self.browser
        for number, form in enumerate(browser.forms):
            names = {name for name, _ in form.fields}
            if "password" in names:
                if "identifier" in names:
                    return browser.press("method", form=number, password=PASSWORD, identifier=self.email)
                return browser.press("method", form=number, password=PASSWORD)
        raise AssertionError(f"no password field on {browser.url}: {browser.text[:2000]}")


@dataclass
class App:
    """An OAuth2 client, from the side of the other site."""

    stack: StackAddresses
    id: str
    secret: str
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(40))

    def authorize(self, **parameters: Any) -> str:
        """Build the URL of an authorization request."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        query = {
            "client_id": self.id,
            "response_type": "code",
            "scope": "openid email profile offline_access",
            "redirect_uri": CALLBACK,
            "state": secrets.token_urlsafe(16),
            "nonce": secrets.token_urlsafe(16),
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
            **parameters,
        }
        return f"{self.stack.hydra_public_url}/oauth2/auth?{urlencode(query)}"

    def tokens(self, browser: Browser) -> dict[str, Any]:
        """Exchange the code in the URL of the callback, and refresh the tokens if there is a refresh token.

        A grant beyond the registration of the client only fails at the first refresh.
        """
        assert "code" in browser.query, (browser.url, browser.status, browser.text[:2000])
        tokens = self.post_token(
            grant_type="authorization_code",
            code=browser.query["code"],
            redirect_uri=CALLBACK,
            code_verifier=self.verifier,
        )
        if "refresh_token" not in tokens:
            return tokens
        fresh = self.refresh(tokens["refresh_token"])
        assert fresh["scope"] == tokens["scope"]
        if "id_token" in tokens:
            first, second = (parse_claims(each["id_token"]) for each in (tokens, fresh))
            for name in ("sub", "sid", "acr", "amr", "auth_time"):
                assert second.get(name) == first.get(name), name
        return fresh

    def refresh(self, refresh_token: str) -> dict[str, Any]:
        """Refresh the tokens."""
        return self.post_token(grant_type="refresh_token", refresh_token=refresh_token)

    def post_token(self, **form: str) -> dict[str, Any]:
        """Call the token endpoint, and return the tokens."""
        answer = self.call_token_endpoint(**form)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def call_token_endpoint(self, **form: str) -> requests.Response:
        """Call the token endpoint, and return any answer."""
        url = f"{self.stack.hydra_public_url}/oauth2/token"
        return requests.post(url, data=form, auth=(self.id, self.secret), timeout=30)

    def claims(self, browser: Browser) -> dict[str, Any]:
        """Return the claims of the ID token."""
        return parse_claims(self.tokens(browser)["id_token"])


def parse_claims(id_token: str) -> dict[str, Any]:
    payload = id_token.split(".")[1]
    return dict(json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))))


def create_person(browser: Browser) -> Person:
    """Create an account with a verified address, for a browser."""
    email = f"p{secrets.token_hex(6)}@example.org"
    identity = get_client().admin_create_identity(
        body={
            "schema_id": "person",
            "traits": {"email": email, "name": {"first": "Alice", "last": "Liddell"}},
            "credentials": {"password": {"config": {"password": PASSWORD}}},
            "verifiable_addresses": [
                {"value": email, "verified": True, "via": "email", "status": "completed"}
            ],
        }
    )
    return Person(id=identity.id, email=email, browser=browser)


@pytest.fixture
def stack(ory_stack: StackAddresses, settings: Any, db: None) -> StackAddresses:
    settings.ORY = ory_stack.ory_setting
    return ory_stack


@pytest.fixture
def person(stack: StackAddresses) -> Callable[[], Person]:
    return lambda: create_person(Browser(stack.site_url))


@pytest.fixture
def alice(person: Callable[[], Person]) -> Person:
    return person()


@pytest.fixture
def app(stack: StackAddresses) -> Callable[..., App]:
    def make(**values: Any) -> App:
        client = get_client().admin_create_o_auth2_client(
            body={
                "client_name": "Photo Lab",
                "grant_types": ["authorization_code", "refresh_token"],
                "response_types": ["code"],
                "redirect_uris": [CALLBACK],
                "post_logout_redirect_uris": [HOME],
                "scope": "openid email profile offline_access photos",
                "audience": ["https://api.example"],
                "token_endpoint_auth_method": "client_secret_basic",
                **values,
            }
        )
        return App(stack=stack, id=client.client_id or "", secret=client.client_secret or "")

    return make
