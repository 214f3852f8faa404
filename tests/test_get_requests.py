"""A GET of a page changes nothing in Kratos or Hydra, except where Hydra's protocol is a redirect."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import URLPattern, URLResolver, reverse

from django_ory import urls
from django_ory.testing import (
    FakeOry,
    build_consent_request_json,
    build_login_request_json,
    build_oauth2_client_json,
)
from tests.provider.provider_site import (
    ALICE,
    BOB,
    HYDRA,
    auth_url,
    build_identity,
    build_session_response,
)
from tests.support.fixtures import fresh_start

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from django.test import Client

pytestmark = pytest.mark.django_db

FLOW = "c8a1c3f0-5b0b-4a4f-9d9d-0a1b2c3d4e5f"
LOGIN, CONSENT, LOGOUT = (
    f"PUT /admin/oauth2/auth/requests/{kind}" for kind in ("login", "consent", "logout")
)
FORGET_LOGIN, FORGET_CONSENT = (f"DELETE /admin/oauth2/auth/sessions/{kind}" for kind in ("login", "consent"))

END_SESSION = "GET /self-service/logout"  # with the token of the logout

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
        FORGET_CONSENT,  # also consents granted automatically before the client lost skip_consent
    },
    "oauth2_logout": {
        f"{LOGOUT}/accept",  # the client has skip_logout_consent and the user's ID token
        END_SESSION,  # and that user is signed in
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
    "signed in": (200, build_session_response(ALICE)),
    "another person": (200, build_session_response(BOB)),
    "second factor missing": (403, {"error": {"id": "session_aal2_required", "code": 403}}),
}
REQUESTS: dict[str, dict[str, Any]] = {
    "first time": {},
    "remembered": {"skip": True},
    "trusted client": {"client": {"skip_consent": True, "skip_logout_consent": True}},
    "lost trust": {"skip": True, "context": {"asked": False}},
    "device": {"skip": True, "request_url": f"{HYDRA}/oauth2/device/verify?device_verifier=v"},
    "inactive account": {"skip": True, "state": "inactive", "client": {"skip_consent": True}},
}


def get_pages(patterns: Sequence[URLPattern | URLResolver]) -> Iterator[tuple[str, dict[str, str]]]:
    """The name and the arguments of each URL. All of them take an alias, or nothing."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from get_pages(pattern.url_patterns)
        else:
            assert pattern.name
            yield pattern.name, dict.fromkeys(pattern.pattern.converters, "default")


PAGES = dict(get_pages(urls.urlpatterns))


READS = ("GET", "HEAD")


def list_changes(ory: FakeOry) -> set[str]:
    """Each call that is not only a read. A logout token ends a session by GET."""
    return {
        f"{request.method} {request.path}"
        for request in ory.requests
        if request.method not in READS or "token" in request.query
    }


def add_responses(ory: FakeOry, *, session: str, request: str) -> None:
    """The responses of Kratos and Hydra for one visit."""
    status, answer = SESSIONS[session]
    ory.respond("GET /sessions/whoami", json=answer, status=status)
    values = dict(REQUESTS[request])
    state, context = values.pop("state", "active"), values.pop("context", None)
    for person in (ALICE, BOB):
        ory.respond(f"GET /admin/identities/{person}", json={**build_identity(person), "state": state})
    client = build_oauth2_client_json("app", client_name="Photo Lab", **values.pop("client", {}))
    ory.respond("GET /admin/clients/app", json=client)
    challenge = build_consent_request_json(
        ALICE,
        build_login_request_json(client, request_url=auth_url(), session_id="s"),
        challenge="c",
        session_id="s",
        rp_initiated=True,
    )
    for kind in ("login", "consent", "logout"):
        base = f"/admin/oauth2/auth/requests/{kind}"
        ory.respond(f"GET {base}", json={**challenge, **values})
        for verb in ("accept", "reject"):
            ory.respond(f"PUT {base}/{verb}", json={"redirect_to": f"{HYDRA}/oauth2/auth?verifier=v"})
    consent = {"consent_request": {"client": client}, "grant_scope": ["openid"], "context": context}
    ory.respond("GET /admin/oauth2/auth/sessions/consent", json=[consent])
    logout_url = "http://kratos.test:4433/self-service/logout?token=t"
    ory.respond("GET /self-service/logout/browser", json={"logout_token": "t", "logout_url": logout_url})
    deleted = {"Set-Cookie": "ory_kratos_session=x; Path=/; Max-Age=0; HttpOnly"}
    ory.respond(END_SESSION, status=204, headers=deleted)


def visit(client: Client, page: str, *, session: str, request: str) -> set[str]:
    """The changes that a GET of a page makes."""
    client.cookies["ory_kratos_session"] = "secret"
    with FakeOry() as ory:
        add_responses(ory, session=session, request=request)
        client.get(reverse(f"ory:{page}", kwargs=PAGES[page]), QUERY, headers={"Sec-Fetch-Dest": "document"})
        return list_changes(ory)


@pytest.mark.parametrize("page", PAGES)
def test_get_makes_the_calls_of_the_protocol_and_no_others(
    client: Client, page: str, subtests: pytest.Subtests
) -> None:
    made: set[str] = set()
    for session, request in product(SESSIONS, REQUESTS):
        with subtests.test(session=session, request=request), fresh_start():
            client.cookies.clear()
            changes = visit(client, page, session=session, request=request)
            made |= changes
            assert changes <= PROTOCOL.get(page, set())
            if request == "trusted client" and session != "signed in":
                # A challenge of one account must not end the session of an unknown or other user.
                assert END_SESSION not in changes
                if session == "second factor missing" and page == "oauth2_logout":
                    assert not changes
    assert made == PROTOCOL.get(page, set())
