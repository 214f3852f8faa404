"""Decisions on consents and logouts, and error pages, without a request."""

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
from django_ory.provider.decisions.consent import ConsentForm, ConsentRequest, build_grant
from django_ory.provider.decisions.logout import decide_logout
from django_ory.provider.decisions.outcomes import (
    Accept,
    Grant,
    Reject,
    RequireLogin,
    RestartAtHydra,
    ShowConsent,
    ShowLogout,
)
from django_ory.provider.error_pages import find_error_page

from .contexts import ALICE, BOB, CLIENT, auth_url, build_consent, decide_for


class TestConsent:
    def test_user_of_the_request_is_asked(self) -> None:
        assert decide_for(ALICE, build_consent()) == ShowConsent()

    def test_unrequested_scopes_are_not_granted(self) -> None:
        answer = ConsentForm(accepted=True, scope=frozenset({"photos", "admin", "offline_access"}))
        assert decide_for(ALICE, build_consent(), form=answer) == Grant(
            scope=("openid", "photos"), audience=("https://api.example",), remember=False
        )

    def test_unrequested_openid_is_not_granted(self) -> None:
        answer = ConsentForm(accepted=True, scope=frozenset({"openid"}), remember=True)
        decision = decide_for(ALICE, build_consent(requested_scope=["photos"]), form=answer)
        assert decision == Grant(scope=(), audience=("https://api.example",), remember=True)

    def test_denied_form_is_rejected(self) -> None:
        decision = decide_for(ALICE, build_consent(), form=ConsentForm(accepted=False))
        assert decision == Reject(error="access_denied", description="The user refused the access.")

    @pytest.mark.parametrize("answer", [None, ConsentForm(accepted=True, scope=frozenset({"photos"}))])
    def test_other_user_restarts_with_a_login(self, answer: ConsentForm | None) -> None:
        decision = decide_for(BOB, build_consent(), form=answer)
        assert isinstance(decision, RestartAtHydra)
        assert decision.url.endswith("prompt=login")

    def test_silent_request_of_another_user_is_rejected(self) -> None:
        decision = decide_for(BOB, build_consent(request_url=auth_url(prompt="none")))
        assert decision == Reject(error="login_required", description="The user must sign in again.")

    @pytest.mark.parametrize("values", [{"is_trusted": True}, {}])
    def test_denied_form_is_rejected_if_no_consent_is_needed(self, values: dict[str, Any]) -> None:
        consent = build_consent(skip=not values)
        decision = decide_for(
            None, consent, has_consent=not values, form=ConsentForm(accepted=False), **values
        )
        assert decision == Reject(error="access_denied", description="The user refused the access.")

    @pytest.mark.parametrize(("aal2_required", "aal"), [(False, None), (True, "aal2")])
    def test_anonymous_user_must_sign_in(self, aal2_required: bool, aal: Any) -> None:
        decision = decide_for(None, build_consent(), aal2_required=aal2_required)
        assert decision == RequireLogin(aal=aal)

    def test_skip_grants_the_earlier_consent(self) -> None:
        assert decide_for(None, build_consent(skip=True), has_consent=True) == Grant(
            scope=("openid", "email", "photos"), audience=(), remember=True, reason="remembered"
        )
        consent = build_consent(
            skip=True, requested_access_token_audience=["https://api.example", "https://new.example"]
        )
        known = {"https://api.example", "x"}
        decision = decide_for(None, consent, has_consent=True, stored_audience=known)
        assert isinstance(decision, Grant)
        assert decision.audience == ("https://api.example",)

    @pytest.mark.parametrize(
        ("query", "granted"),
        [
            ("resource=https://mcp.example/mcp", ("https://api.example", "https://mcp.example/mcp")),
            (
                "resource=https://other.example&resource=https://mcp.example/mcp",
                ("https://api.example", "https://mcp.example/mcp"),
            ),
            ("resource=https://api.example", ("https://api.example",)),
            (
                "resource=https://mcp.example/mcpx&resource=https://mcp.example&resource=",
                ("https://api.example",),
            ),
            (
                "resource=https://mcp.example/mcp/",
                ("https://api.example", "https://mcp.example/mcp/"),
            ),
            ("resource=https://[", ("https://api.example",)),
        ],
    )
    def test_registered_resource_of_the_request_is_granted_as_audience(
        self, query: str, granted: tuple[str, ...]
    ) -> None:
        consent = build_consent(
            request_url=f"{auth_url()}&{query}",
            client={**CLIENT, "audience": ["https://api.example", "https://mcp.example/mcp"]},
        )
        accepted = ConsentForm(accepted=True, scope=frozenset({"photos"}))
        assert decide_for(ALICE, consent, form=accepted).audience == granted
        assert decide_for(None, consent, is_trusted=True).audience == granted
        request = ConsentRequest(consent=consent, client=consent.client)
        assert request.offer.audience == granted

    def test_skip_without_a_consent_restarts(self) -> None:
        consent = build_consent(skip=True)
        assert decide_for(None, consent) == RequireLogin()
        assert decide_for(ALICE, consent) == RestartAtHydra(url=auth_url(), revoke_consents=True)

    @pytest.mark.parametrize(
        "request_url",
        ["http://hydra.test:4444/oauth2/auth", auth_url(prompt="login"), auth_url(max_age="0")],
        ids=["posted", "prompt=login", "max_age=0"],
    )
    def test_skip_without_a_consent_asks_if_a_restart_requires_a_login(self, request_url: str) -> None:
        consent = build_consent(skip=True, request_url=request_url)
        assert decide_for(ALICE, consent) == ShowConsent()
        answer = ConsentForm(accepted=True, scope=frozenset({"email"}), remember=True)
        assert decide_for(ALICE, consent, form=answer) == Grant(
            scope=("openid", "email"), audience=("https://api.example",), remember=True, revoke_consents=True
        )

    def test_silent_skip_without_a_consent_is_rejected(self) -> None:
        consent = build_consent(skip=True, request_url=auth_url(prompt="none"))
        decision = decide_for(ALICE, consent)
        assert isinstance(decision, Reject)
        assert decision.error == "consent_required"

    def test_consent_without_skip_asks(self) -> None:
        assert decide_for(ALICE, build_consent(), has_consent=True) == ShowConsent()

    def test_trusted_client_is_granted_the_request(self) -> None:
        decision = decide_for(None, build_consent(), is_trusted=True)
        assert decision == Grant(
            scope=("openid", "email", "photos"),
            audience=("https://api.example",),
            remember=True,
            automatic=True,
        )

    @pytest.mark.parametrize("values", [{"skip": True}, {}])
    def test_inactive_account_is_rejected_and_revoked(self, values: dict[str, Any]) -> None:
        decision = decide_for(ALICE, build_consent(**values), is_active=False)
        assert isinstance(decision, Reject)
        assert decision.revoke

    def test_body_of_a_grant_has_only_known_keys(self) -> None:
        grant = Grant(scope=("openid",), audience=(), remember=True)
        assert build_grant(grant, claims={"email": "a@example.org"}, token_claims={"acr": "aal1"}) == {
            "grant_scope": ["openid"],
            "grant_access_token_audience": [],
            "remember": True,
            "remember_for": 0,
            "session": {"id_token": {"email": "a@example.org"}, "access_token": {"acr": "aal1"}},
        }

    def test_body_of_an_automatic_grant_has_a_context(self) -> None:
        grant = Grant(scope=("openid",), audience=(), remember=True, automatic=True)
        assert build_grant(grant, claims={}, token_claims={})["context"] == {"asked": False}


@pytest.mark.parametrize(
    ("rp_initiated", "skips", "accepted", "expected"),
    [
        (True, True, None, Accept(body={})),
        (True, False, None, ShowLogout()),
        (False, True, None, ShowLogout()),
        (False, False, True, Accept(body={})),
        (True, True, False, Reject(error="access_denied", description="The user stays signed in.")),
    ],
)
def test_outcome_of_a_logout(
    rp_initiated: bool, skips: bool, accepted: bool | None, expected: object
) -> None:
    logout = OAuth2LogoutRequest.model_validate({"subject": ALICE, "rp_initiated": rp_initiated})
    assert decide_logout(logout, skip_logout_consent=skips, accepted=accepted) == expected


@pytest.mark.parametrize(("accepted", "expected"), [(None, ShowLogout()), (True, Accept(body={}))])
def test_logout_with_a_session_of_an_unknown_owner_asks(accepted: bool | None, expected: object) -> None:
    logout = OAuth2LogoutRequest.model_validate({"subject": ALICE, "rp_initiated": True})
    decision = decide_logout(logout, skip_logout_consent=True, accepted=accepted, aal2_required=True)
    assert decision == expected


HYDRA = "GET /admin/oauth2/auth/requests/login"


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (ChallengeGone(status=410, body={}, operation=HYDRA), "used"),
        (OryGone(status=410, operation=HYDRA), "used"),
        (OryUnauthorized(status=401, body={"error": "request_unauthorized"}, operation=HYDRA), "expired"),
        (OryUnauthorized(status=401, body={"error": {"code": 401}}, operation=HYDRA), None),
        (OryNotFound(status=404, body={"error": "Not Found"}, operation=HYDRA), "unknown"),
        (OryBadRequest(status=400, body={"error": "invalid_request"}, operation=HYDRA), "unknown"),
        (OryConflict(status=409, operation=HYDRA), "used"),
        (OryForbidden(status=403, operation=HYDRA), None),
        (OryRateLimited(status=429, operation=HYDRA), None),
        (OryServerError(status=502, operation=HYDRA), None),
        (OryConnectionError("refused", operation=HYDRA), None),
        (OryNotFound(status=404, body="<html>", operation="GET /admin/identities/{id}"), None),
        (OryUnauthorized(status=401, operation="DELETE /admin/sessions/{id}"), None),
    ],
)
def test_error_page_for_an_error(error: OryError, expected: object) -> None:
    assert find_error_page(error) == expected
