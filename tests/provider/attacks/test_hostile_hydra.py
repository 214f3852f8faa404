"""Hydra's responses are input, too: wrong types and hostile texts never cause a 500 or a wrong acceptance."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.provider.provider_site import ALICE, HYDRA, ProviderSite, auth_url
from tests.support.fixtures import fresh_start

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from django.http import HttpResponse

#: A lone surrogate is valid JSON, but cannot be encoded.
VALUES: dict[str, Any] = {
    "null": None,
    "number": -(10**30),
    "empty": "",
    "long": "x" * 50_000,
    "not text": "\ud800a\0b\r\nX: y",
    "markup": '"><script>alert(1)</script>{{ 7|add:7 }}%s%(a)s{0}',
    "list of texts": ["\ud800", "a\0b", "x" * 10_000, "javascript:alert(1)"],
    "object": {"a": {"b": [1, None]}, "sub": ["x"], "auth_time": "soon", "asked": 0},
}
CLIENT = {
    "client_id": "app",
    "client_name": "Photo Lab",
    "client_uri": "https://photos.example/",
    "logo_uri": "https://photos.example/logo.png",
    "policy_uri": "https://photos.example/policy",
    "tos_uri": "https://photos.example/terms",
    "redirect_uris": ["https://photos.example/callback"],
    "post_logout_redirect_uris": ["https://photos.example/"],
    "audience": ["https://api.example"],
    "scope": "openid email",
    "metadata": {},
    "contacts": [],
    "owner": "",
    "skip_consent": False,
    "skip_logout_consent": False,
    "subject_type": "public",
    "created_at": "2026-05-04T12:00:00Z",
    "jwks": {},
}
REQUEST = {
    "challenge": "c",
    "client": CLIENT,
    "oidc_context": {
        "acr_values": ["aal1"],
        "ui_locales": ["de"],
        "login_hint": "a",
        "id_token_hint_claims": {},
    },
    "request_url": auth_url(redirect_uri="https://photos.example/callback", resource="https://api.example"),
    "requested_access_token_audience": ["https://api.example"],
    "requested_scope": ["openid", "email"],
    "skip": False,
    "subject": ALICE,
}
REQUESTS: dict[str, dict[str, Any]] = {
    "login": {**REQUEST, "subject": "", "session_id": "s"},
    "consent": {
        **REQUEST,
        "acr": "aal1",
        "amr": ["pwd"],
        "context": {"auth_time": 1},
        "login_challenge": "l",
        "login_session_id": "s",
    },
    "logout": {
        "challenge": "c",
        "client": CLIENT,
        "request_url": f"{HYDRA}/oauth2/sessions/logout",
        "rp_initiated": True,
        "sid": "s",
        "subject": ALICE,
    },
}


def replace_each_member(request: Mapping[str, Any], name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the request with another value for each of its members, also for those of its objects."""
    value = VALUES[name]
    for key, known in request.items():
        yield key, {**request, key: value}
        if isinstance(known, dict):
            for inner in known:
                yield f"{key}.{inner}", {**request, key: {**known, inner: value}}


def list_visits(page: str) -> list[dict[str, Any]]:
    """List the requests of a browser: a GET, and the answers by POST."""
    visits: dict[str, list[dict[str, Any]]] = {
        "login": [],
        "consent": [{"accept": "1", "grant_scope": ["openid", "email"]}],
        "logout": [{"accept": "1"}],
    }
    return visits[page]


def visit(site: ProviderSite, page: str, fields: dict[str, Any] | None) -> HttpResponse:
    return site.get(page) if fields is None else site.post(page, **fields)


def set_responses(site: ProviderSite, page: str, body: Any) -> None:
    """Sign in again, and set the response and the client that Hydra has now."""
    site.sign_in()
    site.ory.respond(f"GET /admin/oauth2/auth/requests/{page}", json=body)
    client = body.get("client") if isinstance(body, dict) else None
    site.ory.respond("GET /admin/clients/app", json=client if isinstance(client, dict) else CLIENT)


@pytest.fixture
def site(site: ProviderSite, page: str) -> ProviderSite:
    """The site with all responses that are the same for each case."""
    site.set_identity()
    site.allow_logout()
    site.ory.respond("GET /admin/oauth2/auth/sessions/consent", json=[])
    site.ory.respond("DELETE /admin/oauth2/auth/sessions/consent", status=204)
    site.ory.respond("DELETE /admin/oauth2/auth/sessions/login", status=204)
    for verb in ("accept", "reject"):
        site.set_result(page, verb)
    return site


def list_registered(body: Any) -> set[str]:
    """Return the audiences that the client of a response has registered."""
    client = body.get("client") if isinstance(body, dict) else None
    audience = client.get("audience") if isinstance(client, dict) else None
    return {str(each) for each in audience} if isinstance(audience, list) else set()


def check_response(site: ProviderSite, response: HttpResponse, request_body: Any) -> None:
    """No 500, no markup of Hydra, no redirect to another server, no acceptance for another subject."""
    assert response.status_code in {200, 302, 303, 400, 403, 404, 410, 502, 503}
    location = response.get("Location", "")
    assert not location or re.match(rf"{HYDRA}/|/(?!/)", location)
    page = response.content.decode()
    assert "<script>alert" not in page
    assert 'href="javascript:' not in page
    assert 'src="javascript:' not in page
    for end in ("login/accept", "consent/accept"):
        for body in site.list_bodies("PUT", end):
            json.dumps(body).encode()
            assert body.get("subject", ALICE) == ALICE
            assert set(body.get("grant_scope", ())) <= {"openid", "email"}
            audience = body.get("grant_access_token_audience", ())
            assert len(audience) <= len(list_registered(request_body))


@pytest.mark.parametrize("name", VALUES)
@pytest.mark.parametrize("page", REQUESTS)
def test_wrong_member_of_a_request_is_no_500(
    site: ProviderSite, page: str, name: str, subtests: pytest.Subtests
) -> None:
    for member, body in replace_each_member(REQUESTS[page], name):
        with subtests.test(member=member):
            for fields in (None, *list_visits(page)):
                with fresh_start():
                    site.ory.requests.clear()
                    set_responses(site, page, body)
                    check_response(site, visit(site, page, fields), body)


@pytest.mark.parametrize("name", VALUES)
@pytest.mark.parametrize("page", REQUESTS)
def test_response_of_a_wrong_type_is_no_500(site: ProviderSite, page: str, name: str) -> None:
    for fields in (None, *list_visits(page)):
        with fresh_start():
            set_responses(site, page, VALUES[name])
            check_response(site, visit(site, page, fields), VALUES[name])
    if page != "logout":  # all members of a logout request are optional
        assert site.list_targets("PUT") == []
