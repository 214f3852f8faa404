"""Decisions on consents by the policy and the registration of the client."""

from __future__ import annotations

from typing import Any

import pytest

from django_ory.client.models import OAuth2Client
from django_ory.consent_policy import ConsentPolicy
from django_ory.provider.decisions.consent import (
    MAX_CONSENT_SCOPES,
    ConsentForm,
    build_grant,
    build_offer,
    remove_context,
)
from django_ory.provider.decisions.outcomes import Grant, Reject, RestartAtHydra, ShowConsent

from .contexts import ALICE, BOB, CLIENT, auth_url, build_consent, decide_for

API = "https://api.example"


def allow(*scope: str, **values: Any) -> ConsentForm:
    return ConsentForm(accepted=True, scope=frozenset(scope), **values)


def build_client(**values: Any) -> OAuth2Client:
    return OAuth2Client.model_validate({**CLIENT, **values})


class TestRegistration:
    @pytest.mark.parametrize("is_trusted", [True, False])
    def test_scope_that_is_no_longer_registered_is_not_granted(self, is_trusted: bool) -> None:
        client = build_client(scope="openid photos")
        form = None if is_trusted else allow("openid", "email", "photos")
        decision = decide_for(ALICE, build_consent(), client=client, form=form, is_trusted=is_trusted)
        assert decision.scope == ("openid", "photos")

    def test_audience_that_is_no_longer_registered_is_not_granted(self) -> None:
        decision = decide_for(ALICE, build_consent(), client=build_client(audience=None), form=allow())
        assert decision.audience == ()

    def test_client_without_a_registered_scope_gets_none(self) -> None:
        decision = decide_for(ALICE, build_consent(), client=build_client(scope=None), form=allow("openid"))
        assert decision.scope == ()

    def test_remembered_scope_is_limited_as_well(self) -> None:
        decision = decide_for(
            None, build_consent(skip=True), client=build_client(scope="openid"), has_consent=True
        )
        assert decision.scope == ("openid",)

    def test_request_without_a_scope_gets_the_registered_part_of_the_default(self) -> None:
        policy = ConsentPolicy(default_scope=("openid", "photos", "admin"))
        consent = build_consent(requested_scope=[])
        decision = decide_for(ALICE, consent, policy=policy, form=allow("openid", "photos", "admin", "email"))
        assert decision.scope == ("openid", "photos")
        offer = build_offer(build_consent(requested_scope=["email"]), client=consent.client, policy=policy)
        assert offer.scope == ("email",)

    def test_remembered_consent_to_a_part_of_the_default_scope_counts(self) -> None:
        policy = ConsentPolicy(default_scope=("openid", "photos"))
        consent = build_consent(requested_scope=[], skip=True)
        decision = decide_for(ALICE, consent, policy=policy, remembered_scope={"openid", "email"})
        assert decision.scope == ("openid",)
        assert isinstance(decide_for(ALICE, consent, policy=policy), RestartAtHydra)

    def test_incomplete_list_of_consents_revokes_nothing(self) -> None:
        consent = build_consent(skip=True)
        assert decide_for(ALICE, consent, has_all_consents=False) == ShowConsent()
        decision = decide_for(ALICE, consent, has_all_consents=False, form=allow("openid"))
        assert decision.revoke_consents is False

    def test_resources_of_newer_servers_are_granted_as_audience(self) -> None:
        consent = build_consent(requested_resources=["https://new.example", "https://evil.example"])
        assert decide_for(ALICE, consent, form=allow()).audience == (API, "https://new.example")


class TestRequiredScopes:
    policy = ConsentPolicy(required_scope=frozenset({"photos", "admin"}))

    def test_required_scope_of_the_page_is_granted(self) -> None:
        decision = decide_for(ALICE, build_consent(), policy=self.policy, form=allow("photos"))
        assert decision.scope == ("openid", "photos")

    def test_scope_that_the_page_did_not_show_as_required_is_not_granted(self) -> None:
        decision = decide_for(ALICE, build_consent(), policy=self.policy, form=allow("email"))
        assert decision == ShowConsent(has_changed=True)

    def test_required_scope_that_is_not_requested_is_not_granted(self) -> None:
        consent = build_consent(requested_scope=["openid"])
        assert decide_for(ALICE, consent, policy=self.policy, form=allow()).scope == ("openid",)


class TestRemember:
    @pytest.mark.parametrize(
        ("remember", "selected", "expected"),
        [
            ("never", True, False),
            ("ask", False, False),
            ("ask", True, True),
            ("always", False, True),
        ],
    )
    def test_policy_decides_whether_a_consent_is_remembered(
        self, remember: Any, selected: bool, expected: bool
    ) -> None:
        policy = ConsentPolicy(remember=remember, remember_seconds=60)
        decision = decide_for(ALICE, build_consent(), policy=policy, form=allow(remember=selected))
        assert (decision.remember, decision.remember_seconds) == (expected, 60)

    def test_remembered_consent_does_not_count_with_never(self) -> None:
        policy, consent = ConsentPolicy(remember="never"), build_consent(skip=True)
        assert decide_for(ALICE, consent, policy=policy, has_consent=True) == ShowConsent()
        decision = decide_for(ALICE, consent, policy=policy, has_consent=True, form=allow("email"))
        assert decision == Grant(scope=("openid", "email"), audience=(API,), remember=False)

    def test_silent_request_with_never_is_rejected(self) -> None:
        consent = build_consent(skip=True, request_url=auth_url(prompt="none"))
        decision = decide_for(ALICE, consent, policy=ConsentPolicy(remember="never"), has_consent=True)
        assert isinstance(decision, Reject)
        assert decision.error == "consent_required"

    def test_automatic_grant_is_remembered_without_an_end(self) -> None:
        policy = ConsentPolicy(is_first_party=True, remember="never", remember_seconds=60)
        decision = decide_for(ALICE, build_consent(), policy=policy)
        assert (decision.remember, decision.remember_seconds, decision.automatic) == (True, 0, True)


class TestAnotherUserInTheBrowser:
    @pytest.mark.parametrize("values", [{"is_trusted": True}, {"has_consent": True}])
    def test_consent_without_a_page_restarts_for_another_user(self, values: Any) -> None:
        decision = decide_for(BOB, build_consent(skip=True), **values)
        assert isinstance(decision, RestartAtHydra)
        assert decision.url.endswith("prompt=login")

    @pytest.mark.parametrize("values", [{"is_trusted": True}, {"has_consent": True}])
    def test_silent_consent_is_rejected_for_another_user(self, values: Any) -> None:
        consent = build_consent(skip=True, request_url=auth_url(prompt="none"))
        decision = decide_for(BOB, consent, **values)
        assert isinstance(decision, Reject)
        assert decision.error == "login_required"


class TestChangedPage:
    def test_form_of_another_content_shows_the_page_again(self) -> None:
        form = allow("openid", "email", fingerprint="seen")
        assert decide_for(ALICE, build_consent(), form=form, fingerprint="now") == ShowConsent(
            has_changed=True
        )
        decision = decide_for(ALICE, build_consent(), form=form, fingerprint="seen")
        assert decision.scope == ("openid", "email")

    def test_denied_form_of_another_content_is_rejected(self) -> None:
        form = ConsentForm(accepted=False, fingerprint="seen")
        assert isinstance(decide_for(ALICE, build_consent(), form=form, fingerprint="now"), Reject)


@pytest.mark.parametrize(
    ("count", "expected"), [(MAX_CONSENT_SCOPES, ShowConsent), (MAX_CONSENT_SCOPES + 1, Reject)]
)
def test_request_with_too_many_scopes_is_rejected(count: int, expected: type) -> None:
    names = [f"s{number}" for number in range(count)]
    consent = build_consent(requested_scope=names, client={**CLIENT, "scope": " ".join(names)})
    decision = decide_for(ALICE, consent)
    assert isinstance(decision, expected)
    if isinstance(decision, Reject):
        assert decision.error == "invalid_scope"
    assert len(decide_for(ALICE, consent, is_trusted=True).scope) == count


class TestContext:
    grant = Grant(scope=("openid",), audience=(), remember=True)
    automatic = Grant(scope=("openid",), audience=(), remember=True, automatic=True)

    def build(self, grant: Grant, context: Any) -> dict[str, Any]:
        return build_grant(grant, claims={}, token_claims={}, context=context)

    def test_context_of_the_adapter_is_stored(self) -> None:
        assert self.build(self.grant, {"tenant": "a", "asked": False})["context"] == {"tenant": "a"}
        assert self.build(self.automatic, {"tenant": "a", "asked": True})["context"] == {
            "tenant": "a",
            "asked": False,
        }
        assert "context" not in self.build(self.grant, {"asked": False})

    def test_automatic_grant_without_a_context_is_not_remembered(self) -> None:
        body = remove_context(self.build(self.automatic, {"tenant": "a"}), automatic=True)
        assert "context" not in body
        assert body["remember"] is False
        body = remove_context(self.build(self.grant, {"tenant": "a"}), automatic=False)
        assert "context" not in body
        assert body["remember"] is True
