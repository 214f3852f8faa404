"""Compares the URLs to which Hydra redirects browsers with the pages of this site.

To see the consent page, the check starts an authorization, accepts the login of a subject that does not
exist, and revokes that login. No consent is given and no token is issued.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from django.urls import reverse

from django_ory.client import HTTPInfo, OryClient, OryError, OryNotFound, RouteNotFound
from django_ory.client.models import OAuth2Client
from django_ory.conf import OrySettings
from django_ory.provider.agents.policy import uses_authorization_front

from .result import Result, attempt, compare_page, get_origin, is_here

PROBE_NAME = "django-ory-check"


def compare_hydra(client: OryClient, settings: OrySettings, *, has_admin: bool) -> Iterator[Result]:
    """Yield a result for each page of the OAuth2 provider."""
    start = partial(client.perform_o_auth2_authorization_flow, client_id=PROBE_NAME, response_type="code")
    url = attempt(start)
    yield compare_page("OAuth2 error page", url, name="ory:oauth2_error", key="urls.error")
    yield from _compare_login_and_consent(client, has_admin=has_admin)
    site = get_origin(url) if isinstance(url, str) and is_here(url) else "<this site>"
    yield Result(
        check="OAuth2 logout page",
        ok=None,
        detail="only visible to users who are signed in at Hydra",
        hint=f"urls.logout: {site}{reverse('ory:oauth2_logout')}",
    )
    yield _compare_device_page(client)
    if uses_authorization_front(settings):
        yield from _compare_discovery(client, settings)


def _compare_discovery(client: OryClient, settings: OrySettings) -> Iterator[Result]:
    """Compare the endpoints of this site for clients that register themselves."""
    found = attempt(client.discover_oidc_configuration)
    for is_used, member, name, key in (
        (True, "authorization_endpoint", "oauth2_authorize", "auth_url"),
        (
            settings.oauth2_client_registration,
            "registration_endpoint",
            "oauth2_register",
            "client_registration_url",
        ),
    ):
        if is_used:
            url = found if isinstance(found, OryError) else getattr(found, member) or "no URL"
            check, key = f"OAuth2 {member.replace('_', ' ')}", f"webfinger.oidc_discovery.{key}"
            yield compare_page(check, url, name=f"ory:{name}", key=key)


def _compare_device_page(client: OryClient) -> Result:
    """Compare the page for the code of a device. Hydra before 25.4 has no such page."""
    check = "OAuth2 device page"
    url = attempt(client.perform_o_auth2_device_verification_flow)
    if isinstance(url, (RouteNotFound, OryNotFound)):
        return Result(
            check=check, ok=None, detail="this Hydra cannot connect devices: it needs v25.4 or later"
        )
    return compare_page(check, url, name="ory:oauth2_device", key="urls.device.verification")


def _compare_login_and_consent(client: OryClient, *, has_admin: bool) -> Iterator[Result]:
    found = attempt(partial(_find_client, client)) if has_admin else None
    if found is None:
        detail = (
            "needs an OAuth2 client with the grant type authorization_code, and Hydra has none"
            if has_admin
            else "needs Hydra's admin API to find an OAuth2 client: set HYDRA_ADMIN_URL"
        )
        for page in ("login", "consent"):
            yield Result(check=f"OAuth2 {page} page", ok=None, detail=detail)
        return
    info = found if isinstance(found, OryError) else attempt(partial(_start_authorization, client, found))
    if isinstance(info, OryError):
        login_url: str | OryError = info
        consent_url: str | OryError = info
    else:
        login_url, consent_url = info.data, attempt(partial(_accept_probe_login, client, info))
    yield _compare_step("login", login_url)
    yield _compare_step("consent", consent_url)


def _compare_step(page: str, url: str | OryError) -> Result:
    """Compare a page of the authorization. Without a challenge in the URL, Hydra rejected the request."""
    check = f"OAuth2 {page} page"
    if isinstance(url, str) and f"{page}_challenge" not in _parse_query(url):
        error = _parse_query(url).get("error", "no error code")
        return Result(check=check, ok=None, detail=f"needs an authorization, which Hydra rejected: {error}")
    return compare_page(check, url, name=f"ory:oauth2_{page}", key=f"urls.{page}")


def _find_client(client: OryClient) -> OAuth2Client | None:
    for candidate in client.iterate(client.admin_list_o_auth2_clients, page_size=250):
        grants = candidate.grant_types or ["authorization_code"]  # the defaults of the standard
        responses = candidate.response_types or ["code"]
        if "authorization_code" in grants and "code" in responses and candidate.redirect_uris:
            return candidate
    return None


def _start_authorization(client: OryClient, candidate: OAuth2Client) -> HTTPInfo[str]:
    return client.with_http_info.perform_o_auth2_authorization_flow(
        client_id=candidate.client_id or "",
        response_type="code",
        redirect_uri=(candidate.redirect_uris or [""])[0],
        state=PROBE_NAME,
    )


def _accept_probe_login(client: OryClient, info: HTTPInfo[str]) -> str:
    """Return the URL after the login of an authorization; ``info`` is the response to its start."""
    challenge = _parse_query(info.data).get("login_challenge")
    if challenge is None:
        return info.data
    subject = f"{PROBE_NAME}-{uuid.uuid4()}"
    accepted = client.admin_accept_o_auth2_login_request(login_challenge=challenge, body={"subject": subject})
    query: dict[str, Any] = _parse_query(accepted.redirect_to)
    cookie = "; ".join(line.partition(";")[0] for line in info.set_cookies)
    try:
        return client.perform_o_auth2_authorization_flow(**query, cookie=cookie)
    finally:
        client.admin_revoke_o_auth2_login_sessions(subject=subject)


def _parse_query(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query))
