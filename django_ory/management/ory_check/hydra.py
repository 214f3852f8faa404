"""Where Hydra sends browsers, compared with the project.

It asks as an OAuth2 client would, and to see the page for the consent it signs in somebody who does not
exist, and takes that back. No consent is given, no token is made.
"""

from __future__ import annotations

import uuid
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from django.urls import reverse

from django_ory.client import OryError

from .result import Result, attempt, is_here, origin, page_result

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django_ory.client import HTTPInfo, OryClient
    from django_ory.client.models import OAuth2Client

__all__ = ["compare_hydra"]

PROBE = "django-ory-check"
LOGIN: dict[str, str] = {"what": "OAuth2 login page", "name": "ory:oauth2_login", "key": "urls.login"}
CONSENT: dict[str, str] = {"what": "OAuth2 consent page", "name": "ory:oauth2_consent", "key": "urls.consent"}


def compare_hydra(client: OryClient, alias: str, *, has_admin: bool) -> Iterator[Result]:
    """The pages for errors, login and consent; and what is not shown to strangers."""
    ask = partial(client.perform_o_auth2_authorization_flow, client_id=PROBE, response_type="code")
    where = attempt(ask)
    yield page_result(alias, "OAuth2 error page", where, name="ory:oauth2_error", key="urls.error")
    yield from _login_and_consent(client, alias, has_admin=has_admin)
    site = origin(where) if isinstance(where, str) and is_here(where) else "<this site>"
    yield Result(
        alias=alias,
        what="OAuth2 logout page",
        ok=None,
        detail="is only shown to people who are signed in at Hydra",
        hint=f"urls.logout: {site}{reverse('ory:oauth2_logout')}",
    )


def _login_and_consent(client: OryClient, alias: str, *, has_admin: bool) -> Iterator[Result]:
    found = attempt(partial(_some_client, client)) if has_admin else None
    if found is None:
        detail = (
            "needs an OAuth2 client that uses the authorization code, and Hydra has none yet"
            if has_admin
            else "needs Hydra's admin API, to find a client to try: HYDRA_ADMIN_URL"
        )
        for page in (LOGIN, CONSENT):
            yield Result(alias=alias, what=page["what"], ok=None, detail=detail)
        return
    info = found if isinstance(found, OryError) else attempt(partial(_ask_for_code, client, found))
    yield _step(alias, LOGIN, info if isinstance(info, OryError) else info.data, "login_challenge")
    if isinstance(info, OryError):
        where: str | OryError = info
    else:
        where = attempt(partial(_sign_in_nobody, client, info))
    yield _step(alias, CONSENT, where, "consent_challenge")


def _step(alias: str, page: dict[str, str], where: str | OryError, challenge: str) -> Result:
    """A step of an authorization. Without a challenge Hydra led elsewhere: it refused."""
    if isinstance(where, str) and challenge not in _query(where):
        said = _query(where).get("error", "nothing")
        detail = f"needs an authorization that Hydra does not refuse; it said: {said}"
        return Result(alias=alias, what=page["what"], ok=None, detail=detail)
    return page_result(alias, where=where, **page)


def _some_client(client: OryClient) -> OAuth2Client | None:
    for candidate in client.iterate(client.admin_list_o_auth2_clients, page_size=250):
        asks_for_code = "code" in (candidate.response_types or ["code"])
        if (
            "authorization_code" in (candidate.grant_types or [])
            and asks_for_code
            and candidate.redirect_uris
        ):
            return candidate
    return None


def _ask_for_code(client: OryClient, candidate: OAuth2Client) -> HTTPInfo[str]:
    return client.with_http_info.perform_o_auth2_authorization_flow(
        client_id=candidate.client_id or "",
        response_type="code",
        redirect_uri=(candidate.redirect_uris or [""])[0],
        state=PROBE,
    )


def _sign_in_nobody(client: OryClient, info: HTTPInfo[str]) -> str:
    """Where Hydra leads after a login. ``info``: how it answered when the authorization began."""
    challenge = _query(info.data).get("login_challenge")
    if challenge is None:
        return info.data
    subject = f"{PROBE}-{uuid.uuid4()}"
    accepted = client.admin_accept_o_auth2_login_request(login_challenge=challenge, body={"subject": subject})
    query: dict[str, Any] = _query(accepted.redirect_to)
    cookie = "; ".join(line.partition(";")[0] for line in info.set_cookies)
    try:
        return client.perform_o_auth2_authorization_flow(**query, cookie=cookie)
    finally:
        client.admin_revoke_o_auth2_login_sessions(subject=subject)


def _query(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query))
