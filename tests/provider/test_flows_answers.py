"""The decisions about consents, logouts and errors, without a request."""

from __future__ import annotations

from typing import Any

import pytest

from django_ory.client import (
    ChallengeGone,
    OryBadRequest,
    OryConflict,
    OryConnectionError,
    OryError,
    OryForbidden,
    OryGone,
    OryNotFound,
    OryRateLimited,
    OryServerError,
    OryUnauthorized,
)
from django_ory.client.models import OAuth2LogoutRequest
from django_ory.provider.decisions import (
    Accept,
    Ask,
    Grant,
    Redirect,
    Reject,
    RestartConsent,
    SignIn,
)
from django_ory.provider.flows import (
    Answer,
    decide_consent,
    decide_logout,
    grant_body,
)
from django_ory.provider.problems import explain

from .asking import ALICE, BOB, a_consent, authorize


class TestConsent:
    def test_asks_the_person_it_is_about(self) -> None:
        assert decide_consent(a_consent(), signed_in=ALICE) == Ask()

    def test_never_grants_more_than_was_requested(self) -> None:
        answer = Answer(accepted=True, scope=frozenset({"photos", "admin", "offline_access"}))
        assert decide_consent(a_consent(), signed_in=ALICE, answer=answer) == Grant(
            scope=("openid", "photos"), audience=("https://api.example",), remember=False
        )

    def test_openid_is_not_added_to_what_did_not_ask_for_it(self) -> None:
        answer = Answer(accepted=True, scope=frozenset({"openid"}), remember=True)
        decision = decide_consent(a_consent(requested_scope=["photos"]), signed_in=ALICE, answer=answer)
        assert decision == Grant(scope=(), audience=("https://api.example",), remember=True)

    def test_the_person_says_no(self) -> None:
        decision = decide_consent(a_consent(), signed_in=ALICE, answer=Answer(accepted=False))
        assert decision == Reject(error="access_denied", description="The user refused the access.")

    @pytest.mark.parametrize("answer", [None, Answer(accepted=True, scope=frozenset({"photos"}))])
    def test_somebody_else_begins_again(self, answer: Answer | None) -> None:
        decision = decide_consent(a_consent(), signed_in=BOB, answer=answer)
        assert isinstance(decision, Redirect)
        assert decision.url.endswith("prompt=login")

    def test_somebody_else_gets_no_page_in_a_silent_request(self) -> None:
        decision = decide_consent(a_consent(request_url=authorize(prompt="none")), signed_in=BOB)
        assert decision == Reject(error="login_required", description="The user must sign in again.")

    @pytest.mark.parametrize("values", [{"trusted": True}, {}])
    def test_no_is_heard_where_nobody_needed_to_be_asked(self, values: dict[str, Any]) -> None:
        consent = a_consent(skip=not values)
        decision = decide_consent(
            consent, signed_in=None, has_consent=not values, answer=Answer(accepted=False), **values
        )
        assert decision == Reject(error="access_denied", description="The user refused the access.")

    @pytest.mark.parametrize(("owes", "aal"), [(False, None), (True, "aal2")])
    def test_nobody_signs_in(self, owes: bool, aal: str | None) -> None:
        decision = decide_consent(a_consent(), signed_in=None, owes_second_factor=owes)
        assert decision == SignIn(aal=aal)

    def test_skip_grants_what_was_granted_before(self) -> None:
        assert decide_consent(a_consent(skip=True), signed_in=None, has_consent=True) == Grant(
            scope=("openid", "email", "photos"), audience=(), remember=True
        )
        consent = a_consent(
            skip=True, requested_access_token_audience=["https://api.example", "https://new.example"]
        )
        known = {"https://api.example", "x"}
        decision = decide_consent(consent, signed_in=None, has_consent=True, stored_audience=known)
        assert isinstance(decision, Grant)
        assert decision.audience == ("https://api.example",)

    def test_skip_without_a_consent_of_the_user_asks(self) -> None:
        consent = a_consent(skip=True)
        assert decide_consent(consent, signed_in=None) == SignIn()
        assert decide_consent(consent, signed_in=ALICE) == RestartConsent(url=authorize())

    @pytest.mark.parametrize(
        "request_url",
        ["http://hydra.test:4444/oauth2/auth", authorize(prompt="login"), authorize(max_age="0")],
        ids=["posted", "prompt=login", "max_age=0"],
    )
    def test_skip_without_a_consent_of_the_user_asks_where_a_restart_would_cost_a_sign_in(
        self, request_url: str
    ) -> None:
        consent = a_consent(skip=True, request_url=request_url)
        assert decide_consent(consent, signed_in=ALICE) == Ask()
        answer = Answer(accepted=True, scope=frozenset({"email"}), remember=True)
        assert decide_consent(consent, signed_in=ALICE, answer=answer) == Grant(
            scope=("openid", "email"), audience=("https://api.example",), remember=True, revoke=True
        )

    def test_skip_without_a_consent_of_the_user_fails_in_a_silent_request(self) -> None:
        consent = a_consent(skip=True, request_url=authorize(prompt="none"))
        decision = decide_consent(consent, signed_in=ALICE)
        assert isinstance(decision, Reject)
        assert decision.error == "consent_required"

    def test_consent_of_the_user_without_skip_asks(self) -> None:
        assert decide_consent(a_consent(), signed_in=ALICE, has_consent=True) == Ask()

    def test_a_trusted_client_gets_what_it_requested(self) -> None:
        decision = decide_consent(a_consent(), signed_in=None, trusted=True)
        assert decision == Grant(
            scope=("openid", "email", "photos"), audience=("https://api.example",), remember=True, asked=False
        )

    @pytest.mark.parametrize("values", [{"skip": True}, {}])
    def test_an_inactive_account_gets_nothing(self, values: dict[str, Any]) -> None:
        decision = decide_consent(a_consent(**values), signed_in=ALICE, active=False)
        assert isinstance(decision, Reject)
        assert decision.revoke

    def test_the_body_has_no_key_that_older_versions_refuse(self) -> None:
        grant = Grant(scope=("openid",), audience=(), remember=True)
        assert grant_body(grant, claims={"email": "a@example.org"}) == {
            "grant_scope": ["openid"],
            "grant_access_token_audience": [],
            "remember": True,
            "remember_for": 0,
            "session": {"id_token": {"email": "a@example.org"}, "access_token": {}},
        }

    def test_the_body_of_an_automatic_grant_says_so(self) -> None:
        grant = Grant(scope=("openid",), audience=(), remember=True, asked=False)
        assert grant_body(grant, claims={})["context"] == {"asked": False}


@pytest.mark.parametrize(
    ("rp_initiated", "skips", "accepted", "expected"),
    [
        (True, True, None, Accept(body={})),
        (True, False, None, Ask()),
        (False, True, None, Ask()),
        (False, False, True, Accept(body={})),
        (True, True, False, Reject(error="access_denied", description="The user stays signed in.")),
    ],
)
def test_logout(rp_initiated: bool, skips: bool, accepted: bool | None, expected: object) -> None:
    logout = OAuth2LogoutRequest.model_validate({"subject": ALICE, "rp_initiated": rp_initiated})
    assert decide_logout(logout, skip_logout_consent=skips, accepted=accepted) == expected


@pytest.mark.parametrize(("accepted", "expected"), [(None, Ask()), (True, Accept(body={}))])
def test_logout_with_a_session_of_an_unknown_owner_asks(accepted: bool | None, expected: object) -> None:
    logout = OAuth2LogoutRequest.model_validate({"subject": ALICE, "rp_initiated": True})
    decision = decide_logout(logout, skip_logout_consent=True, accepted=accepted, owes_second_factor=True)
    assert decision == expected


HYDRA = "GET /admin/oauth2/auth/requests/login"


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (
            ChallengeGone(status=410, body={"redirect_to": "/oauth2/auth"}, operation=HYDRA),
            Redirect(url="/oauth2/auth"),
        ),
        (ChallengeGone(status=410, body={}, operation=HYDRA), "unknown"),
        (OryGone(status=410, operation=HYDRA), "unknown"),
        (OryUnauthorized(status=401, body={"error": "request_unauthorized"}, operation=HYDRA), "expired"),
        (OryUnauthorized(status=401, body={"error": {"code": 401}}, operation=HYDRA), None),
        (OryNotFound(status=404, body={"error": "Not Found"}, operation=HYDRA), "unknown"),
        (OryBadRequest(status=400, body={"error": "invalid_request"}, operation=HYDRA), "unknown"),
        (OryConflict(status=409, operation=HYDRA), "unknown"),
        (OryForbidden(status=403, operation=HYDRA), None),
        (OryRateLimited(status=429, operation=HYDRA), None),
        (OryServerError(status=502, operation=HYDRA), None),
        (OryConnectionError("refused", operation=HYDRA), None),
        (OryNotFound(status=404, body="<html>", operation="GET /admin/identities/{id}"), None),
        (OryUnauthorized(status=401, operation="DELETE /admin/sessions/{id}"), None),
    ],
)
def test_what_an_error_means(error: OryError, expected: object) -> None:
    assert explain(error) == expected
