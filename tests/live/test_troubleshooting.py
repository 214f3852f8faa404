"""The entries of the page "Troubleshooting" with messages of Kratos and Hydra themselves."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
import requests

from django_ory.clients import get_client
from tests.troubleshooting.page import expect

if TYPE_CHECKING:
    from django_ory.devstack import StackAddresses

pytestmark = pytest.mark.live

CALLBACK = "https://app.example/callback"


@pytest.fixture
def stack(ory_stack: StackAddresses, settings: Any, db: None) -> StackAddresses:
    settings.ORY = ory_stack.ory_setting
    return ory_stack


class App:
    """An OAuth2 client, and the answers of Hydra to its requests."""

    def __init__(self, stack: StackAddresses) -> None:
        self.url = stack.hydra_public_url
        client = get_client().admin_create_o_auth2_client(
            body={
                "grant_types": ["authorization_code"],
                "response_types": ["code"],
                "redirect_uris": [CALLBACK],
                "scope": "openid",
                "audience": ["https://api.example"],
            }
        )
        self.id, self.secret = client.client_id or "", client.client_secret or ""

    def authorize(self, **parameters: str) -> dict[str, str]:
        """Return the query of the URL to which Hydra redirects the browser."""
        query = {
            "client_id": self.id,
            "response_type": "code",
            "scope": "openid",
            "redirect_uri": CALLBACK,
            "state": secrets.token_urlsafe(16),
            **parameters,
        }
        return follow(f"{self.url}/oauth2/auth?{urlencode(query)}")

    def exchange(self, code: str) -> str:
        """Return the answer of the token endpoint."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
        auth = (self.id, self.secret)
        return requests.post(f"{self.url}/oauth2/token", form, auth=auth, timeout=30).text


def follow(url: str) -> dict[str, str]:
    """Open a URL without cookies. Returns the query of its redirect."""
    response = requests.get(url, allow_redirects=False, timeout=30)
    return dict(parse_qsl(urlsplit(response.headers["Location"]).query))


@pytest.fixture
def app(stack: StackAddresses) -> App:
    return App(stack)


def test_form_without_the_cookie_of_kratos_is_rejected(stack: StackAddresses) -> None:
    as_json = {"Accept": "application/json"}
    url = f"{stack.kratos_public_url}/self-service/login/browser"
    flow = requests.get(url, headers=as_json, timeout=30).json()
    body = {"method": "password", "identifier": "ann@example.org", "password": "x", "csrf_token": "x"}
    response = requests.post(flow["ui"]["action"], json=body, headers=as_json, timeout=30)
    expect("csrf-json", response.text)


def test_whoami_without_the_cookie_is_rejected(stack: StackAddresses) -> None:
    expect("whoami", requests.get(f"{stack.kratos_public_url}/sessions/whoami", timeout=30).text)


def test_unknown_redirect_uri_is_rejected(app: App) -> None:
    expect("redirect-uri", app.authorize(redirect_uri=f"{CALLBACK}/")["error_description"])


def test_wrong_secret_is_rejected(app: App) -> None:
    app.secret = "wrong"
    expect("client-secret", app.exchange("ory_ac_unknown.code"))


def test_short_state_is_rejected(app: App) -> None:
    expect("state", app.authorize(state="x")["error_description"])


def test_audience_that_the_client_lacks_is_rejected(app: App) -> None:
    expect("audience", app.authorize(audience="https://other.example")["error_description"])


def test_scope_that_the_client_lacks_is_rejected(app: App) -> None:
    expect("scope", app.authorize(scope="openid admin")["error_description"])


def test_login_without_the_cookie_of_hydra_is_rejected(app: App) -> None:
    challenge = app.authorize()["login_challenge"]
    accepted = get_client().admin_accept_o_auth2_login_request(
        login_challenge=challenge, body={"subject": "ann"}
    )
    expect("hydra-csrf", follow(accepted.redirect_to)["error_description"])


def test_unknown_code_is_rejected(app: App) -> None:
    expect("code-used", app.exchange("ory_ac_unknown.code"))
