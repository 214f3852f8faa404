"""Clients of the package ``mcp`` that get their tokens from the real Hydra."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx2
import requests
from asgiref.sync import sync_to_async
from django.test import Client as Browser
from django.urls import reverse
from mcp import Client
from mcp.client.auth import OAuthClientProvider
from mcp.client.auth.extensions.client_credentials import ClientCredentialsOAuthProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import (
    AuthorizationCodeResult,
    OAuthClientInformationFull,
    OAuthClientMetadata,
    OAuthToken,
)
from pydantic import AnyUrl

from django_ory.clients import get_client

from .grants import CALLBACK, SECONDS, TokenClient

__all__ = ["HydraClientCredentials", "MemoryStorage", "authorize", "connect", "sign_in_by_code"]


class MemoryStorage:
    """Tokens and the registered client."""

    def __init__(self, client: OAuthClientInformationFull | None = None) -> None:
        self.tokens: OAuthToken | None = None
        self.client = client

    async def get_tokens(self) -> OAuthToken | None:
        return self.tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        self.tokens = tokens

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        return self.client

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        self.client = client_info


class HydraClientCredentials(ClientCredentialsOAuthProvider):
    """Hydra reads ``audience`` and ignores ``resource``."""

    async def _perform_authorization(self) -> httpx2.Request:
        request = await super()._perform_authorization()
        form = dict(parse_qsl(request.content.decode()))
        form["audience"] = form.pop("resource")
        headers = {"Authorization": request.headers["Authorization"]}
        return httpx2.Request("POST", request.url, data=form, headers=headers)


@asynccontextmanager
async def connect(url: str, auth: httpx2.Auth | None = None, *, token: str = "") -> AsyncIterator[Client]:
    """A client of the MCP server."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with (
        httpx2.AsyncClient(auth=auth, headers=headers, timeout=SECONDS) as http,
        Client(streamable_http_client(url, http_client=http)) as client,
    ):
        yield client


def authorize(location: str, *, subject: str) -> dict[str, str]:
    """Follow an authorization request of a client with ``skip_consent``. Returns the query of the callback.

    The admin API accepts the login, the view of django_ory the consent.
    """
    browser = requests.Session()

    def follow(target: str) -> str:
        response = browser.get(target, allow_redirects=False, timeout=SECONDS)
        assert response.status_code in {302, 303}, (response.status_code, response.text[:500])
        return str(response.headers["Location"])

    login = get_client().admin_accept_o_auth2_login_request(
        login_challenge=_get_query(follow(location), "login_challenge"), body={"subject": subject}
    )
    challenge = _get_query(follow(login.redirect_to), "consent_challenge")
    consent = Browser().get(reverse("ory:oauth2_consent"), {"consent_challenge": challenge})
    query = dict(parse_qsl(urlsplit(follow(consent["Location"])).query))
    assert "code" in query, query
    return query


def sign_in_by_code(url: str, client: TokenClient, *, subject: str, urls: list[str]) -> OAuthClientProvider:
    """Authorization code with PKCE, by ``authorize``. ``urls`` gets the URL of each authorization request."""
    callbacks: list[dict[str, str]] = []

    async def redirect(location: str) -> None:
        urls.append(location)
        callbacks.append(await sync_to_async(authorize)(location, subject=subject))

    async def wait_for_callback() -> AuthorizationCodeResult:
        query = callbacks.pop()
        return AuthorizationCodeResult(code=query["code"], state=query["state"], iss=query.get("iss"))

    redirect_uri = AnyUrl(CALLBACK)
    registered = OAuthClientInformationFull(
        client_id=client.id,
        client_secret=client.secret,
        redirect_uris=[redirect_uri],
        token_endpoint_auth_method="client_secret_basic",
    )
    # Without refresh tokens the client does not ask for offline_access, which requires the consent page.
    metadata = OAuthClientMetadata(redirect_uris=[redirect_uri], grant_types=["authorization_code"])
    return OAuthClientProvider(url, metadata, MemoryStorage(registered), redirect, wait_for_callback)


def _get_query(url: str, name: str) -> str:
    query = parse_qs(urlsplit(url).query)
    assert name in query, url
    return query[name][0]
