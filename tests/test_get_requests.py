"""A GET of a page changes nothing in Kratos or Hydra, except where Hydra's protocol is a redirect."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
import responses
from django.urls import URLPattern, URLResolver, reverse

from django_ory import urls
from tests.provider.stage import ALICE, BOB, HYDRA, SESSION, a_session, an_identity, auth_url

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from django.test import Client
    from requests import PreparedRequest

pytestmark = pytest.mark.django_db

FLOW = "c8a1c3f0-5b0b-4a4f-9d9d-0a1b2c3d4e5f"
LOGIN, CONSENT, LOGOUT = (
    f"PUT /admin/oauth2/auth/requests/{kind}" for kind in ("login", "consent", "logout")
)
FORGET_LOGIN, FORGET_CONSENT = (f"DELETE /admin/oauth2/auth/sessions/{kind}" for kind in ("login", "consent"))

#: Page -> the calls that a GET of it may make. Hydra sends the browser there and waits for an answer.
PROTOCOL = {
    "oauth2_login": {
        f"{LOGIN}/accept",  # the user is signed in
        f"{LOGIN}/reject",  # the account is inactive
        FORGET_LOGIN,  # the account is inactive, or Hydra remembers another user
        FORGET_CONSENT,
    },
    "oauth2_consent": {
        f"{CONSENT}/accept",  # the user has consented before, or the client has skip_consent
        f"{CONSENT}/reject",
        FORGET_LOGIN,
        FORGET_CONSENT,  # also what was granted automatically, once the client has lost skip_consent
    },
    "oauth2_logout": {
        f"{LOGOUT}/accept",  # the client has skip_logout_consent and the user's ID token
        f"DELETE /admin/sessions/{SESSION}",  # and that user is signed in
    },
}
QUERY = {
    "login_challenge": "c",
    "consent_challenge": "c",
    "logout_challenge": "c",
    "flow": FLOW,
    "id": FLOW,
    "error": "access_denied",
    "token": "t",
    "logout_token": "t",
    "next": "/",
    "accept": "1",
    "method": "password",
}
SESSIONS: dict[str, tuple[int, Any]] = {
    "anonymous": (401, {"error": {"code": 401, "status": "Unauthorized"}}),
    "signed in": (200, a_session(ALICE)),
    "another person": (200, a_session(BOB)),
    "owes the second factor": (403, {"error": {"id": "session_aal2_required", "code": 403}}),
}
REQUESTS: dict[str, dict[str, Any]] = {
    "first time": {},
    "remembered": {"skip": True},
    "trusted client": {"client": {"skip_consent": True, "skip_logout_consent": True}},
    "lost trust": {"skip": True, "context": {"asked": False}},
    "device": {"skip": True, "request_url": f"{HYDRA}/oauth2/device/verify?device_verifier=v"},
    "inactive account": {"skip": True, "state": "inactive", "client": {"skip_consent": True}},
}


def get_pages(patterns: Sequence[URLPattern | URLResolver]) -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from get_pages(pattern.url_patterns)
        else:
            assert pattern.name
            yield pattern.name


PAGES = sorted(get_pages(urls.urlpatterns))


class Ory:
    """Kratos and Hydra. ``changes`` lists each call that is not only a read."""

    def __init__(self, *, session: str, request: str) -> None:
        self.session = SESSIONS[session]
        values = dict(REQUESTS[request])
        self.state = values.pop("state", "active")
        self.context = values.pop("context", None)
        self.oauth2_client = {"client_id": "app", "client_name": "Photo Lab", **values.pop("client", {})}
        self.oauth2_request = {
            "challenge": "c",
            "subject": ALICE,
            "rp_initiated": True,
            "session_id": "s",
            "login_session_id": "s",
            "requested_scope": ["openid"],
            "request_url": auth_url(),
            "client": self.oauth2_client,
            **values,
        }
        self.changes: set[str] = set()

    def answer(self, request: PreparedRequest) -> tuple[int, dict[str, str], str]:
        url = urlsplit(request.url or "")
        call = f"{request.method} {url.path}"
        if request.method != "GET" or "token" in parse_qs(url.query):
            self.changes.add(call)
        status, body = self.get_answer(call)
        return status, {"Content-Type": "application/json"}, json.dumps(body)

    def get_answer(self, call: str) -> tuple[int, Any]:
        if call == "GET /sessions/whoami":
            return self.session
        if call.startswith("GET /admin/identities/"):
            return 200, {**an_identity(call.rpartition("/")[2]), "state": self.state}
        if call == "GET /admin/clients/app":
            return 200, self.oauth2_client
        if call.startswith("GET /admin/oauth2/auth/requests/"):
            return 200, self.oauth2_request
        if call == "GET /admin/oauth2/auth/sessions/consent":
            request = {"client": self.oauth2_client}
            consent = {"consent_request": request, "grant_scope": ["openid"], "context": self.context}
            return 200, [consent]
        if call == "GET /self-service/logout/browser":
            return 200, {
                "logout_token": "t",
                "logout_url": "http://kratos.test:4433/self-service/logout?token=t",
            }
        if call.startswith("GET /health/"):
            return 200, {"status": "ok"}
        if call.startswith("PUT "):
            return 200, {"redirect_to": f"{HYDRA}/oauth2/auth?verifier=v"}
        return (204, None) if call.startswith("DELETE ") else (404, {"error": {"code": 404}})


def visit(client: Client, page: str, *, session: str, request: str) -> Ory:
    ory = Ory(session=session, request=request)
    client.cookies["ory_kratos_session"] = "secret"
    with responses.RequestsMock(assert_all_requests_are_fired=False) as stubs:
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
            stubs.add_callback(method, re.compile(".*"), callback=ory.answer)
        client.get(reverse(f"ory:{page}"), QUERY, headers={"Sec-Fetch-Dest": "document"})
    return ory


@pytest.mark.parametrize("request_", REQUESTS)
@pytest.mark.parametrize("session", SESSIONS)
@pytest.mark.parametrize("page", PAGES)
def test_get_only_makes_the_calls_of_the_protocol(
    client: Client, page: str, session: str, request_: str
) -> None:
    ory = visit(client, page, session=session, request=request_)
    assert ory.changes <= PROTOCOL.get(page, set())


@pytest.mark.parametrize("session", ["anonymous", "another person", "owes the second factor"])
@pytest.mark.parametrize("page", PAGES)
def test_get_ends_no_session_of_an_unknown_or_other_user(client: Client, page: str, session: str) -> None:
    """A challenge of the user's own account must not sign another person out."""
    ory = visit(client, page, session=session, request="trusted client")
    assert not [change for change in ory.changes if change.startswith("DELETE /admin/sessions/")]
    if session == "owes the second factor" and page == "oauth2_logout":
        assert not ory.changes


@pytest.mark.parametrize("page", PROTOCOL)
def test_each_call_of_the_protocol_is_made(client: Client, page: str) -> None:
    made: set[str] = set()
    for session in SESSIONS:
        for request_ in REQUESTS:
            made |= visit(client, page, session=session, request=request_).changes
    assert made == PROTOCOL[page]
