"""Decisions on login requests, without a request."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from django_ory.provider.decisions.outcomes import (
    INTERACTION_REQUIRED,
    UNMET_ACR,
    Accept,
    Reject,
    RequireLogin,
    RestartAtHydra,
    ShowLoginRequired,
)
from django_ory.provider.openid.assurance import BrowserSession
from django_ory.provider.state import LoginState

from .contexts import (
    ALICE,
    BOB,
    NOW,
    auth_url,
    build_consent,
    build_login,
    build_request_object,
    build_session,
    decide,
    decide_for,
)

REFERENCE = "https://app.example/request.jwt"


class TestSession:
    def test_session_is_accepted_until_it_expires(self) -> None:
        assert decide(build_login(), build_session()) == Accept(
            body={
                "subject": ALICE,
                "context": {"auth_time": int((NOW - timedelta(minutes=10)).timestamp())},
                "remember": True,
                "remember_for": 3000,
                "acr": "aal1",
                "amr": ["pwd"],
                "identity_provider_session_id": "f3a0",
            }
        )

    @pytest.mark.parametrize(("lasts", "seconds"), [(None, 3600), (-5, 1), (0.4, 1)])
    def test_remember_for_is_never_zero(self, lasts: float | None, seconds: int) -> None:
        assert decide(build_login(), build_session(lasts=lasts)).body["remember_for"] == seconds

    def test_unset_keys_are_not_sent(self) -> None:
        body = decide(build_login(), build_session(methods=())).body
        assert "amr" not in body
        assert "handled_at" not in body

    def test_acr_values_of_the_site_are_sent(self) -> None:
        session = build_session(aal="aal2", methods=("password", "totp"))
        body = decide(build_login(), session, acr_values={"aal1": "basic", "aal2": "strong"}).body
        assert (body["acr"], body["amr"]) == ("strong", ["pwd", "otp", "mfa"])

    def test_inactive_account_is_rejected_and_revoked(self) -> None:
        decision = decide(build_login(), build_session(), is_active=False)
        assert decision == Reject(
            error="access_denied", description="The account is not active.", revoke=True
        )

    @pytest.mark.parametrize("null", [None, {}, {"acr_values": None, "id_token_hint_claims": None}])
    def test_incomplete_oidc_context_is_accepted(self, null: Any) -> None:
        assert isinstance(decide(build_login(oidc_context=null), build_session()), Accept)

    def test_hint_of_another_user_is_rejected(self) -> None:
        hinted = build_login(oidc_context={"id_token_hint_claims": {"sub": BOB}})
        assert decide(hinted, build_session()).error == "login_required"
        assert isinstance(decide(hinted, build_session(subject=BOB)), Accept)

    def test_pairwise_hint_is_ignored(self) -> None:
        hinted = build_login(
            oidc_context={"id_token_hint_claims": {"sub": "obfuscated"}}, client={"subject_type": "pairwise"}
        )
        assert isinstance(decide(hinted, build_session()), Accept)


class TestPromptLogin:
    LOGIN = build_login(url=auth_url(prompt="login"))

    def test_new_session_requires_a_fresh_login(self) -> None:
        assert decide(self.LOGIN, build_session(ago=0)) == RequireLogin(refresh=True)

    def test_login_after_the_challenge_is_accepted(self) -> None:
        state = LoginState(seen_at=(NOW - timedelta(seconds=30)).timestamp())
        assert isinstance(decide(self.LOGIN, build_session(ago=20), state=state), Accept)

    def test_return_without_a_fresh_login_shows_a_page(self) -> None:
        state = LoginState(seen_at=(NOW - timedelta(seconds=30)).timestamp())
        assert decide(self.LOGIN, build_session(ago=31), state=state) == ShowLoginRequired(
            step=RequireLogin(refresh=True)
        )

    def test_second_factor_is_required_after_the_first_and_once(self) -> None:
        """Kratos keeps the session at aal2 after the first factor alone."""
        seen = (NOW - timedelta(seconds=30)).timestamp()
        session = build_session(aal="aal2", second_factor_at=NOW - timedelta(hours=2))
        assert decide(self.LOGIN, session) == RequireLogin(refresh=True)
        session = build_session(ago=20, aal="aal2", second_factor_at=NOW - timedelta(hours=2))
        step = RequireLogin(refresh=True, aal="aal2")
        assert decide(self.LOGIN, session, state=LoginState(seen_at=seen)) == step
        stepped_up = LoginState(seen_at=seen, stepped_up=True)
        assert decide(self.LOGIN, session, state=stepped_up) == ShowLoginRequired(step=step)
        lost = decide(self.LOGIN, session, state=LoginState(seen_at=seen), has_second_factor=False)
        assert isinstance(lost, Accept)
        session = build_session(ago=20, aal="aal2", second_factor_at=NOW - timedelta(seconds=10))
        assert decide(self.LOGIN, session, state=stepped_up).body["acr"] == "aal2"

    def test_session_without_a_time_is_too_old(self) -> None:
        session = BrowserSession(subject=ALICE, session_id="f3a0", authenticated_at=None, expires_at=None)
        assert isinstance(decide(build_login(), session), Accept)
        state = LoginState(seen_at=0)
        assert isinstance(decide(self.LOGIN, session, state=state), ShowLoginRequired)
        assert decide(build_login(url=auth_url(max_age="99999")), session) == RequireLogin(refresh=True)

    def test_prompt_of_a_request_object_counts(self) -> None:
        login = build_login(url=auth_url(scope="openid", request=build_request_object(prompt="login")))
        assert decide(login, build_session(ago=0)) == RequireLogin(refresh=True)

    @pytest.mark.parametrize("token", ["x", "a.b.c", "a.!!!.c", "a.WzFd.c"])
    def test_invalid_request_object_is_ignored(self, token: str) -> None:
        assert isinstance(
            decide(build_login(url=auth_url(scope="openid", request=token)), build_session()), Accept
        )

    def test_request_uri_requires_a_fresh_login(self) -> None:
        login = build_login(url=auth_url(scope="openid", request_uri=REFERENCE))
        assert decide(login, build_session(ago=0)) == RequireLogin(refresh=True)


class TestMaxAge:
    @pytest.mark.parametrize(
        ("max_age", "ago", "enough"),
        [
            ("600", 600, True),
            ("600", 601, False),
            ("0", 0, False),
            ("", 9999, True),
            ("-1", 9999, True),
            ("x", 9, True),
        ],
    )
    def test_max_age_limits_the_age_of_the_login(self, max_age: str, ago: float, enough: bool) -> None:
        decision = decide(build_login(url=auth_url(max_age=max_age)), build_session(ago=ago))
        assert isinstance(decision, Accept) if enough else decision == RequireLogin(refresh=True)

    def test_max_age_limits_the_age_of_the_second_factor(self) -> None:
        login = build_login(url=auth_url(max_age="600"))
        for ago, enough in ((600, True), (601, False)):
            decision = decide(login, build_session(ago=60, second_factor_at=NOW - timedelta(seconds=ago)))
            assert (
                isinstance(decision, Accept) if enough else decision == RequireLogin(refresh=True, aal="aal2")
            )

    def test_fresh_login_is_accepted_with_max_age_zero(self) -> None:
        state = LoginState(seen_at=(NOW - timedelta(seconds=30)).timestamp())
        assert isinstance(
            decide(build_login(url=auth_url(max_age="0")), build_session(ago=10), state=state), Accept
        )


class TestOtherPrompts:
    @pytest.mark.parametrize("prompt", ["bogus", "login bogus", "none create", "none select_account"])
    @pytest.mark.parametrize("skip", [True, False])
    def test_unknown_prompt_is_rejected(self, prompt: str, skip: bool) -> None:
        decision = decide(build_login(url=auth_url(prompt=prompt), skip=skip, subject=ALICE), build_session())
        assert decision.error == "invalid_request"
        assert prompt.split()[-1] in decision.description

    @pytest.mark.parametrize(
        ("prompt", "translated"),
        [
            ("select_account", "login"),
            ("create", "registration"),
            ("login create", "login registration"),
            ("select_account login consent", "login consent"),
        ],
    )
    @pytest.mark.parametrize("skip", [True, False])
    def test_standard_prompt_is_translated(self, prompt: str, translated: str, skip: bool) -> None:
        url = auth_url(prompt=prompt, redirect_uri="https://app.example/?a=b c&d", empty="")
        decision = decide(build_login(url=url, skip=skip, subject=ALICE), build_session())
        before, after = (
            parse_qs(urlsplit(each).query, keep_blank_values=True) for each in (url, decision.url)
        )
        assert after == {**before, "prompt": [translated]}
        assert not decision.end_session
        restarted = build_login(url=decision.url)
        assert not isinstance(decide(restarted, build_session()), RestartAtHydra)  # no loop

    def test_prompt_of_a_request_object_is_not_translated(self) -> None:
        request = build_request_object(prompt="select_account")
        login = build_login(url=auth_url(scope="openid", request=request))
        assert decide(login, build_session()).error == "invalid_request"

    def test_prompt_registration_opens_the_registration_page(self) -> None:
        assert decide(build_login(url=auth_url(prompt="registration"))) == RequireLogin(page="registration")

    def test_prompt_registration_accepts_a_session(self) -> None:
        assert isinstance(decide(build_login(url=auth_url(prompt="registration")), build_session()), Accept)

    def test_prompt_none_without_a_session_is_rejected(self) -> None:
        assert decide(build_login(url=auth_url(prompt="none"))).error == "login_required"


class TestEssentialLevel:
    """``acr`` as an essential claim (Core 5.5.1.1), or required ``acr_values`` of a client."""

    def request(self, *values: str, essential: Any = True, **parameters: str) -> Any:
        claims = {"id_token": {"acr": {"essential": essential, "values": list(values)}}}
        return build_login(url=auth_url(claims=json.dumps(claims), **parameters))

    def test_reached_level_is_accepted(self) -> None:
        decision = decide(self.request("aal2"), build_session(aal="aal2", methods=("password", "totp")))
        assert decision.body["acr"] == "aal2"

    def test_higher_level_is_accepted(self) -> None:
        assert decide(self.request("aal1"), build_session(aal="aal2")).body["acr"] == "aal2"

    def test_level_that_can_be_reached_is_required(self) -> None:
        assert decide(self.request("aal2"), build_session()) == RequireLogin(aal="aal2")

    def test_return_without_the_level_is_an_error(self) -> None:
        state = LoginState(seen_at=0, stepped_up=True)
        assert decide(self.request("aal2"), build_session(), state=state) is UNMET_ACR

    def test_user_without_a_second_factor_is_an_error(self) -> None:
        assert decide(self.request("aal2"), build_session(), has_second_factor=False) is UNMET_ACR

    def test_unknown_level_is_an_error(self) -> None:
        assert decide(self.request("urn:example:vault"), build_session(aal="aal2")) is UNMET_ACR

    def test_silent_request_needs_an_interaction(self) -> None:
        login = self.request("aal2", prompt="none")
        assert decide(login, build_session()) is INTERACTION_REQUIRED
        remembered = login.model_copy(update={"skip": True, "subject": ALICE})
        assert decide(remembered) is INTERACTION_REQUIRED  # in a frame, without the cookie

    @pytest.mark.parametrize("essential", [False, None, "true", 1])
    def test_voluntary_level_is_a_preference(self, essential: Any) -> None:
        login = self.request("aal2", essential=essential)
        assert decide(login, build_session()) == RequireLogin(aal="aal2")
        assert decide(login, build_session(), has_second_factor=False).body["acr"] == "aal1"

    def test_acr_values_are_required_for_some_clients(self) -> None:
        login = build_login(oidc_context={"acr_values": ["aal2"]})
        without: Any = {"has_second_factor": False}
        assert decide(login, build_session(), is_acr_essential=True, **without) is UNMET_ACR
        assert isinstance(decide(login, build_session(), **without), Accept)
        assert isinstance(decide(build_login(), build_session(), is_acr_essential=True, **without), Accept)

    @pytest.mark.parametrize(
        "claims",
        [
            *(
                "",
                "{",
                "[]",
                "null",
                "1",
                '"x"',
                "[" * 100_000,
                '{"id_token": []}',
                '{"id_token": {"acr": null}}',
            ),
            *('{"id_token": {"acr": {"essential": true}}}', '{"userinfo": {"acr": {"essential": true}}}'),
            '{"id_token": {"acr": {"essential": true, "values": [1, null, {}], "value": 7}}}',
        ],
    )
    def test_unusable_claims_are_ignored(self, claims: str) -> None:
        assert isinstance(decide(build_login(url=auth_url(claims=claims)), build_session()), Accept)

    def test_claims_of_a_request_object_count(self) -> None:
        claims = {"id_token": {"acr": {"essential": True, "value": "aal2"}}}
        request = build_request_object(claims=claims)
        login = build_login(url=auth_url(scope="openid", request=request))
        assert decide(login, build_session()) == RequireLogin(aal="aal2")


class TestPoliciesOfTheSite:
    @pytest.mark.parametrize(("seconds", "remembered"), [(600, 600), (9_999_999, 3000), (None, 3000)])
    def test_client_is_remembered_for_at_most_the_session(self, seconds: int | None, remembered: int) -> None:
        body = decide(build_login(), build_session(lasts=3000), remember_seconds=seconds).body
        assert (body["remember"], body["remember_for"]) == (True, remembered)

    def test_references_of_the_site_replace_the_builtin_ones(self) -> None:
        session = build_session(aal="aal2", methods=("passkey", "totp", "oidc"))
        body = decide(build_login(), session, amr_references={"passkey": "pop", "totp": "otp"}).body
        assert body["amr"] == ["pop", "otp", "oidc", "mfa"]

    @pytest.mark.parametrize(
        ("method", "reference"),
        [
            *[("password", "pwd"), ("totp", "otp"), ("lookup_secret", "otp"), ("code", "otp")],
            *[("webauthn", "hwk"), ("passkey", "hwk"), ("oidc", "oidc"), ("of the future", "of the future")],
        ],
    )
    def test_method_has_the_reference_of_rfc_8176(self, method: str, reference: str) -> None:
        assert decide(build_login(), build_session(methods=(method, method))).body["amr"] == [reference]


class TestWithoutASession:
    def test_no_session_requires_a_login(self) -> None:
        assert decide(build_login()) == RequireLogin()

    def test_return_without_a_session_shows_a_page(self) -> None:
        assert decide(build_login(), state=LoginState(seen_at=0)) == ShowLoginRequired(step=RequireLogin())

    @pytest.mark.parametrize("parameters", [{"prompt": "login"}, {"max_age": "0"}])
    def test_fresh_first_factor_is_required_before_the_second(self, parameters: dict[str, str]) -> None:
        """The first factor of such a session is older than the request, too."""
        login = build_login(url=auth_url(**parameters))
        assert decide(login, aal2_required=True) == RequireLogin(refresh=True)
        first = LoginState(seen_at=0)
        assert decide(login, aal2_required=True, state=first) == RequireLogin(aal="aal2")

    def test_second_factor_required_by_kratos_is_asked_for_once(self) -> None:
        assert decide(build_login(), aal2_required=True) == RequireLogin(aal="aal2")
        first = LoginState(seen_at=0)
        assert decide(build_login(), aal2_required=True, state=first) == RequireLogin(aal="aal2")
        second = LoginState(seen_at=0, stepped_up=True)
        assert decide(build_login(), aal2_required=True, state=second) == ShowLoginRequired(
            step=RequireLogin(aal="aal2")
        )


class TestStepUp:
    WANTS = build_login(oidc_context={"acr_values": ["unheard", "aal2", "aal1"]})

    def test_first_known_acr_value_counts(self) -> None:
        assert decide(self.WANTS, build_session()) == RequireLogin(aal="aal2")
        first = build_login(oidc_context={"acr_values": ["aal1", "aal2"]})
        assert isinstance(decide(first, build_session()), Accept)

    def test_session_with_the_second_factor_is_accepted(self) -> None:
        assert isinstance(decide(self.WANTS, build_session(aal="aal2")), Accept)

    def test_user_without_a_second_factor_is_accepted(self) -> None:
        assert decide(self.WANTS, build_session(), has_second_factor=False).body["acr"] == "aal1"

    def test_step_up_is_required_once(self) -> None:
        state = LoginState(seen_at=NOW.timestamp(), stepped_up=True)
        assert decide(self.WANTS, build_session(), state=state).body["acr"] == "aal1"

    def test_step_up_follows_a_fresh_login(self) -> None:
        login = build_login(url=auth_url(prompt="login"), oidc_context={"acr_values": ["aal2"]})
        assert decide(login, build_session()) == RequireLogin(refresh=True)
        state = LoginState(seen_at=(NOW - timedelta(seconds=30)).timestamp())
        assert decide(login, build_session(ago=10), state=state) == RequireLogin(aal="aal2")

    @pytest.mark.parametrize("aal", ["aal9", ""])
    def test_unknown_level_of_the_session_steps_up(self, aal: str) -> None:
        assert decide(self.WANTS, build_session(aal=aal)) == RequireLogin(aal="aal2")
        assert isinstance(decide(self.WANTS, build_session(), acr_values={"aal9": "aal2"}), Accept)


class TestPostedRequest:
    """A client may POST to ``/oauth2/auth``: Hydra's ``request_url`` then has no
    parameters.
    """

    URL = "http://hydra.test:4444/oauth2/auth"

    @pytest.mark.parametrize("url", [URL, f"{URL}?prompt=none", "", "http://["])
    def test_unreadable_request_requires_a_fresh_login(self, url: str) -> None:
        assert decide(build_login(url=url), build_session(ago=1)) == RequireLogin(refresh=True)
        state = LoginState(seen_at=(NOW - timedelta(seconds=30)).timestamp())
        assert isinstance(decide(build_login(url=url), build_session(ago=10), state=state), Accept)
        assert isinstance(decide(build_login(url=url), build_session(ago=60), state=state), ShowLoginRequired)

    def test_remembered_login_is_not_fresh(self) -> None:
        login = build_login(url=self.URL, skip=True, subject=ALICE)
        assert decide(login, build_session(ago=1)) == RequireLogin(refresh=True)
        state = LoginState(seen_at=(NOW - timedelta(seconds=30)).timestamp())
        assert isinstance(decide(login, build_session(ago=10), state=state), Accept)


class TestDeviceRequest:
    """The ``request_url`` of Hydra v26.2.0: the user code is masked, and ``prompt`` is ignored."""

    URL = (
        "http://hydra.test:4444/oauth2/device/verify?client_id=tv&device_verifier=v"
        "&prompt=login&max_age=0&user_code=%2A%2A%2A%2A"
    )

    def request(self, **values: Any) -> Any:
        return build_login(url=self.URL, oidc_context=None, **values)

    def test_session_is_accepted(self) -> None:
        assert isinstance(decide(self.request(), build_session()), Accept)

    def test_no_session_requires_a_login(self) -> None:
        assert decide(self.request()) == RequireLogin()

    @pytest.mark.parametrize("session", [None, build_session(subject=BOB)])
    def test_skip_without_the_session_of_the_subject_ends_hydras_session(
        self, session: BrowserSession | None
    ) -> None:
        """With ``prompt=login``, Hydra returns the same skipped request."""
        decision = decide(self.request(skip=True, subject=ALICE), session)
        assert isinstance(decision, RestartAtHydra)
        assert decision.end_session
        assert decision.url.startswith(self.URL.partition("?")[0])

    def test_consent_for_another_subject_ends_hydras_session(self) -> None:
        consent = build_consent(request_url=self.URL, oidc_context=None)
        decision = decide_for(BOB, consent)
        assert isinstance(decision, RestartAtHydra)
        assert decision.end_session


class TestSkip:
    def skip(self, session: BrowserSession | None = None, *, active: bool = True, **parameters: str) -> Any:
        return decide(
            build_login(url=auth_url(**parameters), skip=True, subject=ALICE), session, is_active=active
        )

    def test_skip_sends_acr_and_amr_without_remember_for(self) -> None:
        body = self.skip(build_session()).body
        assert (body["acr"], body["amr"]) == ("aal1", ["pwd"])
        assert "remember_for" not in body

    def test_skip_without_a_session_restarts(self) -> None:
        """A remembered login outlives Kratos' cookie, and the browser may have another user now."""
        assert self.skip() == RestartAtHydra(url=auth_url(prompt="login"))

    @pytest.mark.parametrize("parameters", [{}, {"scope": "openid", "request_uri": REFERENCE}])
    def test_silent_request_needs_no_session(self, parameters: dict[str, Any]) -> None:
        """In a frame on another site the browser sends no cookie."""
        assert self.skip(prompt="none", **parameters) == Accept(body={"subject": ALICE, "remember": True})

    def test_silent_request_with_an_ended_session_is_rejected(self) -> None:
        silent = build_login(url=auth_url(prompt="none"), skip=True, subject=ALICE)
        assert decide(silent, session_ended=True).error == "login_required"

    def test_skip_still_steps_up(self) -> None:
        wants: dict[str, Any] = {"oidc_context": {"acr_values": ["aal2"]}, "skip": True, "subject": ALICE}
        assert decide(build_login(**wants), build_session()) == RequireLogin(aal="aal2")
        assert decide(build_login(**wants), build_session(aal="aal2")).body["acr"] == "aal2"
        framed = build_login(url=auth_url(prompt="none"), **wants)
        assert decide(framed, build_session()).body["acr"] == "aal1"

    def test_inactive_account_is_rejected_and_revoked(self) -> None:
        decision = self.skip(build_session(), active=False)
        assert (decision.error, decision.revoke) == ("access_denied", True)

    def test_session_of_another_user_restarts_with_a_login(self) -> None:
        decision = self.skip(build_session(subject=BOB), scope="openid")
        assert isinstance(decision, RestartAtHydra)
        assert parse_qs(urlsplit(decision.url).query) == {
            "client_id": ["app"],
            "state": ["s"],
            "scope": ["openid"],
            "prompt": ["login"],
        }

    def test_silent_request_of_another_user_is_rejected(self) -> None:
        assert self.skip(build_session(subject=BOB), prompt="none").error == "login_required"

    def test_max_age_counts_from_the_login(self) -> None:
        assert isinstance(self.skip(build_session(ago=700), max_age="600"), RestartAtHydra)
        assert isinstance(self.skip(build_session(ago=603), max_age="600"), Accept)

    def test_restart_keeps_other_prompts(self) -> None:
        url = self.skip(prompt="consent").url
        assert parse_qs(urlsplit(url).query)["prompt"] == ["consent login"]
        assert parse_qs(urlsplit(self.skip(prompt="login").url).query)["prompt"] == ["login"]

    def test_invalid_request_url_is_not_changed(self) -> None:
        assert decide(build_login(url="http://[", skip=True, subject=ALICE)).url == "http://["


class TestFixedPrompt:
    """``prompt`` of a request object counts, and one in the URL does not. Hydra's session
    must end instead.
    """

    INSIDE = auth_url(scope="openid", request=build_request_object(prompt="consent", max_age="600"))
    BEHIND = auth_url(scope="openid", request_uri=REFERENCE)

    @pytest.mark.parametrize("url", [INSIDE, BEHIND])
    @pytest.mark.parametrize("session", [None, build_session(subject=BOB)])
    def test_restart_ends_hydras_session(self, url: str, session: BrowserSession | None) -> None:
        decision = decide(build_login(url=url, skip=True, subject=ALICE), session)
        assert (type(decision), decision.end_session) == (RestartAtHydra, True)

    def test_restart_keeps_hydras_session_if_the_url_counts(self) -> None:
        for url in (
            auth_url(scope="openid", request=build_request_object(max_age="600")),
            auth_url(scope="photos", request=build_request_object(prompt="consent")),
        ):
            assert decide(build_login(url=url, skip=True, subject=ALICE)).end_session is False

    def test_max_age_requires_a_fresh_login(self) -> None:
        login = build_login(url=self.INSIDE, skip=True, subject=ALICE)
        assert decide(login, build_session(ago=700)) == RequireLogin(refresh=True)
        state = LoginState(seen_at=(NOW - timedelta(seconds=30)).timestamp())
        assert isinstance(decide(login, build_session(ago=700), state=state), ShowLoginRequired)
        assert isinstance(decide(login, build_session(ago=20), state=state), Accept)

    def test_silent_request_is_rejected(self) -> None:
        url = auth_url(scope="openid", request_uri=REFERENCE, prompt="none")
        assert (
            decide(build_login(url=url, skip=True, subject=ALICE), build_session()).error == "login_required"
        )
