"""Hydra and the site under one issuer, with the paths of ``ory_config nginx``, as in production."""

from __future__ import annotations

import base64
import hashlib
import secrets
from typing import Any
from urllib.parse import urlencode

import pytest

from django_ory.devstack.config.proxies import HYDRA_PATHS

from .browser import CALLBACK, HOME, Browser, InProcess
from .conftest import create_person, parse_claims
from .test_production_config import KRATOS, SITE, TLSProxy, ports

__all__ = ["ports"]

pytestmark = [pytest.mark.live, pytest.mark.urls("tests.live.provider.agent_urls")]


@pytest.fixture
def project() -> dict[str, Any]:
    return {
        "HYDRA_BROWSER_URL": SITE,
        "OAUTH2_CLIENT_REGISTRATION": True,
        "OAUTH2_CLIENT_AUDIENCE": [f"{SITE}/mcp"],
    }


def test_client_knows_only_the_issuer_and_registers_signs_in_refreshes_and_signs_out(
    ports: dict[str, int],
) -> None:
    browser = Browser(SITE)
    browser.session.mount(SITE, InProcess())
    browser.session.mount(KRATOS, TLSProxy(ports["kratos"]))
    for path in HYDRA_PATHS:
        browser.session.mount(f"{SITE}{path}", TLSProxy(ports["hydra"]))
    alice = create_person(browser)

    def call(method: str, url: str, **options: Any) -> Any:
        answer = browser.session.request(method, url, timeout=30, **options)
        assert answer.status_code in (200, 201), (url, answer.status_code, answer.text)
        return answer.json() if answer.content else None

    metadata = call("GET", f"{SITE}/.well-known/oauth-authorization-server")
    assert metadata["issuer"] == SITE
    assert call("GET", f"{SITE}/.well-known/openid-configuration") == metadata
    assert call("GET", metadata["jwks_uri"])["keys"]

    registration = {"client_name": "Example agent", "redirect_uris": [CALLBACK]}
    client = call("POST", metadata["registration_endpoint"], json=registration)
    verifier = secrets.token_urlsafe(40)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=")
    query = {
        "client_id": client["client_id"],
        "response_type": "code",
        "scope": "openid offline_access",
        "resource": f"{SITE}/mcp",
        "redirect_uri": CALLBACK,
        "state": secrets.token_urlsafe(16),
        "code_challenge": challenge.decode(),
        "code_challenge_method": "S256",
    }
    browser.open(f"{metadata['authorization_endpoint']}?{urlencode(query)}")
    page = alice.sign_in()
    assert page.url.startswith(f"{SITE}/auth/oauth2/consent/"), (page.url, page.text[:2000])
    page.press("accept")
    assert page.url.startswith(CALLBACK), (page.url, page.text[:2000])

    form = {"client_id": client["client_id"]}
    tokens = call(
        "POST",
        metadata["token_endpoint"],
        data={
            **form,
            "grant_type": "authorization_code",
            "code": page.query["code"],
            "redirect_uri": CALLBACK,
            "code_verifier": verifier,
        },
    )
    refreshing = {**form, "grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    tokens = call("POST", metadata["token_endpoint"], data=refreshing)
    assert parse_claims(tokens["id_token"])["iss"] == SITE
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert call("GET", metadata["userinfo_endpoint"], headers=headers)["sub"] == alice.id

    call("POST", metadata["revocation_endpoint"], data={**form, "token": tokens["refresh_token"]})
    refreshing["refresh_token"] = tokens["refresh_token"]
    answer = browser.session.post(metadata["token_endpoint"], data=refreshing, timeout=30)
    assert answer.json()["error"] == "invalid_grant", answer.text

    hint = urlencode({"id_token_hint": tokens["id_token"]})
    page = browser.open(f"{metadata['end_session_endpoint']}?{hint}").press("accept")
    assert page.url.rstrip("/") in (SITE, HOME.rstrip("/")), page.url
    assert browser.session.post(f"{SITE}/oauth2/register", json=registration, timeout=30).status_code == 404
