"""The answer of a user, tampered with or repeated, grants no more than the page has offered to this user."""

from __future__ import annotations

from typing import Any

import pytest

from django_ory.authentication.hydra_sessions import record_hydra_session
from django_ory.testing import build_session_json
from tests.provider.provider_site import ALICE, BOB, NEXT, ProviderSite, auth_url

ELSEWHERE = "0c1f3c5e-58f2-4a39-90f6-6a7b8c9d0e1f"
API = "https://api.example"
SCOPE = "openid email photos offline_access"
CLIENT = {
    "client_id": "app",
    "client_name": "Photo Lab",
    "scope": SCOPE,
    "audience": [API],
    "redirect_uris": ["https://photos.example/cb"],
}
#: Fields that only the server decides.
TAMPERED: dict[str, Any] = {
    "subject": "admin",
    "client_id": "other",
    "skip": "1",
    "skip_consent": "1",
    "grant_access_token_audience": [API, "https://other.example"],
    "audience": "https://other.example",
    "resource": "https://other.example",
    "requested_scope": "admin",
    "scope": "admin",
    "remember_for": "99999999",
    "acr": "aal3",
    "amr": "hwk",
    "auth_time": "1",
    "context": "{}",
    "session": '{"id_token": {"sub": "admin"}}',
    "id_token": '{"sub": "admin"}',
    "claims": "admin",
    "redirect_to": "https://evil.example/",
    "request_url": "https://evil.example/",
    "automatic": "1",
    "_method": "PUT",
}


@pytest.fixture
def asked(site: ProviderSite) -> ProviderSite:
    """Alice is asked for two scopes."""
    site.set_request(
        "consent",
        subject=ALICE,
        client=CLIENT,
        requested_scope=["openid", "email"],
        request_url=auth_url(redirect_uri="https://photos.example/cb"),
    )
    site.set_result("consent", "accept")
    site.set_result("consent", "reject")
    site.sign_in()
    return site


@pytest.mark.parametrize(
    "scopes",
    [
        ["openid", "email", "photos", "offline_access", "admin"],
        ["openid email photos"],
        ["OPENID", "Email", "email "],
        ["openid\0", "*", "email*", ".*"],
        ["email", "email", "openid", "openid"],
        ["x" * 10_000],
    ],
)
def test_posted_scopes_grant_at_most_the_requested_ones(asked: ProviderSite, scopes: list[str]) -> None:
    asked.post("consent", accept="1", grant_scope=scopes)
    [body] = asked.list_bodies("PUT", "consent/accept")
    allowed = ["openid", "email"] if "email" in scopes else ["openid"]
    assert body["grant_scope"] == allowed


def test_posted_fields_change_nothing_else(asked: ProviderSite) -> None:
    asked.post("consent", accept="1", grant_scope=["openid"])
    asked.post("consent", accept="1", grant_scope=["openid"], **TAMPERED)
    plain, tampered = asked.list_bodies("PUT", "consent/accept")
    assert tampered == plain
    assert asked.list_targets("PUT")[0] == asked.list_targets("PUT")[1]
    assert plain["grant_access_token_audience"] == []
    assert plain["remember"] is False


@pytest.mark.parametrize("value", ["", "0", "false", "off"])
def test_allow_needs_its_button(asked: ProviderSite, value: str) -> None:
    """Neither Enter in a field of another form nor a link grants anything."""
    for fields in ({"remember": "1"}, {"grant_scope": ["openid"]}, {"Accept": "1"}, {"accept[]": "1"}):
        assert asked.post("consent", **fields).status_code == 200
    assert asked.list_targets("PUT") == []
    assert asked.post("consent", accept=value, reject=value)["Location"] == NEXT
    assert asked.list_bodies("PUT", "consent/accept") == []


def test_answer_of_two_tabs_is_decided_each_time_by_the_present_request(asked: ProviderSite) -> None:
    """A second answer after the first: Hydra decides about it, and nothing is remembered on this side."""
    asked.post("consent", accept="1", grant_scope=["openid", "email"], remember="1")
    asked.post("consent", accept="1", grant_scope=["openid"])
    asked.post("consent", reject="1")
    granted = [(body["grant_scope"], body["remember"]) for body in asked.list_bodies("PUT", "consent/accept")]
    assert granted == [(["openid", "email"], True), (["openid"], False)]
    assert len(asked.list_bodies("PUT", "consent/reject")) == 1


@pytest.mark.parametrize(
    ("status", "shown"),
    [(410, 302), (409, 410), (404, 404), (401, 410), (400, 404), (500, 503)],
)
@pytest.mark.parametrize("answer", ["accept", "reject"])
def test_replayed_challenge_is_a_page(asked: ProviderSite, answer: str, status: int, shown: int) -> None:
    """Hydra refuses the second answer: by the request, or by the answer itself."""
    body = {"error": "request_unauthorized", "redirect_to": f"{auth_url()}"}
    asked.ory.respond(f"PUT /admin/oauth2/auth/requests/consent/{answer}", json=body, status=status)
    assert asked.post("consent", **{answer: "1"}).status_code == shown
    asked.set_request("consent", status=status, body=body)
    assert asked.post("consent", **{answer: "1"}).status_code == shown


@pytest.mark.parametrize("is_verified", [True, False])
@pytest.mark.parametrize("signed_in", [None, BOB])
def test_client_that_registered_itself_ends_no_session_from_its_own_browser(
    site: ProviderSite, signed_in: str | None, is_verified: bool
) -> None:
    """It has Alice's ID token, and answers the question of the logout page itself."""
    record_hydra_session("s1", subject=ALICE, alias="default", session_id=ELSEWHERE)
    session = build_session_json({"id": ALICE}, id=ELSEWHERE)
    site.ory.respond(f"GET /admin/sessions/{ELSEWHERE}", json=session)
    site.ory.respond(f"DELETE /admin/sessions/{ELSEWHERE}", status=204)
    if signed_in:
        site.sign_in(signed_in)
    metadata = {} if is_verified else {"django_ory": {"origin": "registration"}}
    client = {**CLIENT, "metadata": metadata}
    site.set_request("logout", subject=ALICE, sid="s1", rp_initiated=True, client=client)
    site.set_result("logout", "accept")
    site.post("logout", accept="1")
    assert (f"admin/sessions/{ELSEWHERE}" in site.list_targets("DELETE")) is is_verified


def test_logout_of_another_user_keeps_the_session(site: ProviderSite) -> None:
    """Alice opens a logout link of Bob's: Bob's session at Hydra ends, not hers."""
    site.set_request("logout", subject=BOB, rp_initiated=True)
    site.set_result("logout", "accept")
    site.allow_logout()
    site.sign_in()
    site.post("logout", accept="1", subject=ALICE, sid="s", all="1")
    assert not site.has_logged_out()
