"""The two servers that the scenarios run against: FakeOry, and a real Kratos and Hydra."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol
from urllib.parse import parse_qs, urlsplit

import requests

from django_ory.client import OryClient
from tests.live.codes import totp
from tests.live.native_sign_in import post_sign_in

if TYPE_CHECKING:
    from django_ory.client import models
    from django_ory.devstack import StackAddresses
    from django_ory.testing import FakeOry

__all__ = ["PASSWORD", "FakeWorld", "RealWorld", "SignedIn", "World"]

PASSWORD = "correct horse battery"


class SignedIn(NamedTuple):
    """Two sessions of one user: a token, and a Cookie header."""

    token: str
    cookie: str


class World(Protocol):
    """The actions of a scenario besides calls of the client."""

    client: OryClient  #: its answers are compared
    unrecorded: OryClient  #: for calls with answers that depend on other tests on the servers
    site_url: str

    def sign_in(self, identity: models.Identity) -> SignedIn:
        """Create two sessions of an identity with an email address and the password PASSWORD."""

    def add_totp(self, identity: models.Identity, held: SignedIn) -> None:
        """Set up an authenticator app in the browser session, which has ``aal2`` afterwards."""

    def start_authorization(self, client_id: str, scope: str) -> str:
        """Start an authorization like a browser. Returns the login challenge."""

    def continue_authorization(self, redirect_to: str) -> str:
        """Follow a URL of Hydra like a browser. Returns the consent challenge or the code."""

    def start_logout(self, subject: str, client_id: str) -> str:
        """Start a logout at Hydra. Returns the logout challenge."""


class FakeWorld:
    """FakeOry, which must be active."""

    site_url = "http://testserver"

    def __init__(self, ory: FakeOry) -> None:
        self.ory = ory
        urls: dict[str, Any] = {
            "kratos_public_url": "http://kratos.test:4433",
            "kratos_admin_url": "http://kratos.test:4434",
            "hydra_public_url": "http://hydra.test:4444",
            "hydra_admin_url": "http://hydra.test:4445",
        }
        self.client, self.unrecorded = OryClient(**urls), OryClient(**urls)

    def sign_in(self, identity: models.Identity) -> SignedIn:
        cookie = self.ory.create_session(identity).cookie
        return SignedIn(self.ory.create_session(identity).token, f"ory_kratos_session={cookie}")

    def add_totp(self, identity: models.Identity, held: SignedIn) -> None:
        identities = self.ory.kratos.identities
        identities.add_totp(identity.id)
        for address in identities.get(identity.id)["verifiable_addresses"]:
            address["status"] = "sent"  # a change in settings sends the mail that verifies the address
        for session in self.ory.kratos.sessions.sessions.values():
            if held.cookie.endswith(session.cookie):
                session.aal = "aal2"

    def start_authorization(self, client_id: str, scope: str) -> str:
        return self.ory.create_login_request(client_id, scope=scope.split())

    def continue_authorization(self, redirect_to: str) -> str:
        return _get_challenge_or_code(self.ory.continue_authorization(redirect_to))

    def start_logout(self, subject: str, client_id: str) -> str:
        return self.ory.create_logout_request(subject)


class RealWorld:
    """A real Kratos and a real Hydra."""

    def __init__(self, stack: StackAddresses) -> None:
        self.stack = stack
        self.site_url = stack.site_url
        urls: dict[str, Any] = {
            "kratos_public_url": stack.kratos_public_url,
            "kratos_admin_url": stack.kratos_admin_url,
            "hydra_public_url": stack.hydra_public_url,
            "hydra_admin_url": stack.hydra_admin_url,
        }
        self.client, self.unrecorded = OryClient(**urls), OryClient(**urls)
        self.browser = requests.Session()
        self.browser.trust_env = False

    def sign_in(self, identity: models.Identity) -> SignedIn:
        public, email = self.stack.kratos_public_url, identity.traits["email"]
        login = {"method": "password", "identifier": email, "password": PASSWORD}
        token = post_sign_in(public, email, PASSWORD).json()["session_token"]
        browser = requests.Session()
        accept = {"Accept": "application/json"}
        flow = browser.get(f"{public}/self-service/login/browser", headers=accept, timeout=10).json()
        nodes = {node["attributes"].get("name"): node["attributes"] for node in flow["ui"]["nodes"]}
        login["csrf_token"] = nodes["csrf_token"]["value"]
        browser.post(flow["ui"]["action"], data=login, allow_redirects=False, timeout=10)
        return SignedIn(token, f"ory_kratos_session={browser.cookies['ory_kratos_session']}")

    def add_totp(self, identity: models.Identity, held: SignedIn) -> None:
        url = f"{self.stack.kratos_public_url}/self-service/settings/browser"
        headers = {"Accept": "application/json", "Cookie": held.cookie}
        response = requests.get(url, headers=headers, timeout=10)
        flow = response.json()
        nodes = [node["attributes"] for node in flow["ui"]["nodes"]]
        by_name = {node.get("name", node.get("id")): node for node in nodes}
        secret = by_name["totp_secret_key"]["text"]["context"]["secret"]
        body = {
            "method": "totp",
            "totp_code": totp(secret),
            "csrf_token": by_name["csrf_token"]["value"],
        }
        cookies = [held.cookie, *(f"{name}={value}" for name, value in response.cookies.items())]
        headers["Cookie"] = "; ".join(cookies)
        requests.post(
            flow["ui"]["action"], data=body, headers=headers, allow_redirects=False, timeout=10
        ).raise_for_status()

    def start_authorization(self, client_id: str, scope: str) -> str:
        query = {"client_id": client_id, "response_type": "code", "scope": scope, "state": "0123456789"}
        query["redirect_uri"] = "https://shop.example/callback"
        url = f"{self.stack.hydra_public_url}/oauth2/auth"
        response = self.browser.get(url, params=query, allow_redirects=False, timeout=10)
        return _get_challenge_or_code(response.headers["Location"])

    def continue_authorization(self, redirect_to: str) -> str:
        response = self.browser.get(redirect_to, allow_redirects=False, timeout=10)
        return _get_challenge_or_code(response.headers["Location"])

    def start_logout(self, subject: str, client_id: str) -> str:
        url = f"{self.stack.hydra_public_url}/oauth2/sessions/logout"
        response = self.browser.get(url, allow_redirects=False, timeout=10)
        return _get_challenge_or_code(response.headers["Location"])


def _get_challenge_or_code(url: str) -> str:
    query = parse_qs(urlsplit(url).query)
    name = next(name for name in query if re.fullmatch(r"\w+_challenge|code|error", name))
    return query[name][0]
