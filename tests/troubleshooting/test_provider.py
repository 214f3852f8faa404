"""Symptoms of the OAuth2 provider on the pages of this site."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

import pytest

from tests.provider.conftest import site

from .page import expect

if TYPE_CHECKING:
    from pytest_django import Settings

    from tests.provider.provider_site import ProviderSite

__all__ = ["site"]


@pytest.fixture(autouse=True)
def _debug(settings: Settings) -> None:
    settings.DEBUG = True


def show(site: ProviderSite) -> str:
    return html.unescape(site.get("login").content.decode())


def test_used_challenge_is_explained(site: ProviderSite) -> None:
    site.set_request("login", status=409, body={"error": "Conflict"})
    expect("challenge-used", show(site))


def test_expired_challenge_is_explained(site: ProviderSite) -> None:
    body = {"error": "request_unauthorized", "error_description": "The login request has expired."}
    site.set_request("login", status=401, body=body)
    expect("challenge-expired", show(site))


def test_unknown_challenge_is_explained(site: ProviderSite) -> None:
    body = {"error": "Not Found", "error_description": "Unable to locate the requested resource"}
    site.set_request("login", status=404, body=body)
    expect("challenge-unknown", show(site))


def test_page_without_challenge_is_explained(site: ProviderSite) -> None:
    response = site.browser.get("/auth/oauth2/consent/")
    expect("no-challenge", html.unescape(response.content.decode()))


def test_redirect_to_another_server_is_explained(site: ProviderSite) -> None:
    site.set_request("login")
    site.sign_in()
    site.set_result("login", "accept", to="https://hydra.internal/oauth2/auth")
    expect("untrusted-redirect", show(site))


def test_http_for_hydra_is_explained(site: ProviderSite) -> None:
    body = {"error": "error", "error_description": "can not serve request over insecure http"}
    site.set_request("login", status=502, body=body)
    expect("insecure-http", show(site))
