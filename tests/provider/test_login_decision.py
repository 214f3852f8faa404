"""The decisions, without a request: what is accepted, asked, refused or begun again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from django_ory.provider.decisions.outcomes import (
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


class TestLoginWithASessionAtHand:
    def test_is_accepted_for_as_long_as_the_session_lasts(self) -> None:
        assert decide(build_login(), build_session()) == Accept(
            body={
                "subject": ALICE,
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
        assert "context" not in body
        assert "handled_at" not in body

    def test_acr_is_the_sites_word(self) -> None:
        session = build_session(aal="aal2", methods=("password", "totp"))
        body = decide(build_login(), session, acr_values={"aal1": "basic", "aal2": "strong"}).body
        assert (body["acr"], body["amr"]) == ("strong", ["pwd", "otp", "mfa"])

    def test_an_inactive_account_is_refused_and_revoked(self) -> None:
        decision = decide(build_login(), build_session(), is_active=False)
        assert decision == Reject(
            error="access_denied", description="The account is not active.", revoke=True
        )

    @pytest.mark.parametrize("null", [None, {}, {"acr_values": None, "id_token_hint_claims": None}])
    def test_every_part_of_oidc_context_may_be_missing(self, null: Any) -> None:
        assert isinstance(decide(build_login(oidc_context=null), build_session()), Accept)

    def test_the_hint_must_name_the_person(self) -> None:
        hinted = build_login(oidc_context={"id_token_hint_claims": {"sub": BOB}})
        assert decide(hinted, build_session()).error == "login_required"
        assert isinstance(decide(hinted, build_session(subject=BOB)), Accept)

    def test_a_pairwise_hint_cannot_be_compared(self) -> None:
        hinted = build_login(
            oidc_context={"id_token_hint_claims": {"sub": "obfuscated"}}, client={"subject_type": "pairwise"}
        )
        assert isinstance(decide(hinted, build_session()), Accept)


class TestPromptLogin:
    LOGIN = build_login(url=auth_url(prompt="login"))

    def test_a_session_however_young_is_not_enough(self) -> None:
        assert decide(self.LOGIN, build_session(ago=0)) == RequireLogin(refresh=True)

    def test_a_sign_in_after_the_challenge_was_seen_is(self) -> None:
        state = LoginState(seen_at=(NOW - timedelta(seconds=30)).timestamp())
        assert isinstance(decide(self.LOGIN, build_session(ago=20), state=state), Accept)

    def test_coming_back_without_one_ends_on_a_page(self) -> None:
        state = LoginState(seen_at=(NOW - timedelta(seconds=30)).timestamp())
        assert decide(self.LOGIN, build_session(ago=31), state=state) == ShowLoginRequired(
            step=RequireLogin(refresh=True)
        )

    def test_the_second_factor_comes_second_and_once(self) -> None:
        """Kratos would leave the session at aal2 after the first one alone."""
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

    def test_a_session_that_does_not_say_since_when_is_too_old(self) -> None:
        session = BrowserSession(subject=ALICE, session_id="f3a0", authenticated_at=None, expires_at=None)
        assert isinstance(decide(build_login(), session), Accept)
        state = LoginState(seen_at=0)
        assert isinstance(decide(self.LOGIN, session, state=state), ShowLoginRequired)
        assert decide(build_login(url=auth_url(max_age="99999")), session) == RequireLogin(refresh=True)

    def test_it_counts_in_a_request_object_too(self) -> None:
        login = build_login(url=auth_url(scope="openid", request=build_request_object(prompt="login")))
        assert decide(login, build_session(ago=0)) == RequireLogin(refresh=True)

    @pytest.mark.parametrize("token", ["x", "a.b.c", "a.!!!.c", "a.WzFd.c"])
    def test_a_garbled_request_object_is_nobodys_problem(self, token: str) -> None:
        assert isinstance(
            decide(build_login(url=auth_url(scope="openid", request=token)), build_session()), Accept
        )

    def test_parameters_out_of_sight_may_hide_it(self) -> None:
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
    def test_bounds_the_age_of_the_sign_in(self, max_age: str, ago: float, enough: bool) -> None:
        decision = decide(build_login(url=auth_url(max_age=max_age)), build_session(ago=ago))
        assert isinstance(decision, Accept) if enough else decision == RequireLogin(refresh=True)

    def test_bounds_the_age_of_the_second_factor(self) -> None:
        login = build_login(url=auth_url(max_age="600"))
        for ago, enough in ((600, True), (601, False)):
            decision = decide(login, build_session(ago=60, second_factor_at=NOW - timedelta(seconds=ago)))
            assert (
                isinstance(decision, Accept) if enough else decision == RequireLogin(refresh=True, aal="aal2")
            )

    def test_a_fresh_sign_in_is_enough_even_for_zero(self) -> None:
        state = LoginState(seen_at=(NOW - timedelta(seconds=30)).timestamp())
        assert isinstance(
            decide(build_login(url=auth_url(max_age="0")), build_session(ago=10), state=state), Accept
        )


class TestOtherPrompts:
    @pytest.mark.parametrize("prompt", ["select_account", "create", "bogus", "login create"])
    @pytest.mark.parametrize("skip", [True, False])
    def test_what_hydra_would_refuse_in_the_end_is_refused_at_once(self, prompt: str, skip: bool) -> None:
        decision = decide(build_login(url=auth_url(prompt=prompt), skip=skip, subject=ALICE), build_session())
        assert decision.error == "invalid_request"
        assert prompt.split()[-1] in decision.description

    def test_registration_opens_the_registration_page(self) -> None:
        assert decide(build_login(url=auth_url(prompt="registration"))) == RequireLogin(page="registration")

    def test_registration_of_somebody_who_has_an_account(self) -> None:
        assert isinstance(decide(build_login(url=auth_url(prompt="registration")), build_session()), Accept)

    def test_none_never_opens_a_page(self) -> None:
        assert decide(build_login(url=auth_url(prompt="none"))).error == "login_required"


class TestWithoutASession:
    def test_the_person_signs_in(self) -> None:
        assert decide(build_login()) == RequireLogin()

    def test_coming_back_without_one_ends_on_a_page(self) -> None:
        assert decide(build_login(), state=LoginState(seen_at=0)) == ShowLoginRequired(step=RequireLogin())

    @pytest.mark.parametrize("parameters", [{"prompt": "login"}, {"max_age": "0"}])
    def test_owed_second_factor_comes_after_a_fresh_first_one(self, parameters: dict[str, str]) -> None:
        """The first factor of such a session is older than the request, too."""
        login = build_login(url=auth_url(**parameters))
        assert decide(login, aal2_required=True) == RequireLogin(refresh=True)
        first = LoginState(seen_at=0)
        assert decide(login, aal2_required=True, state=first) == RequireLogin(aal="aal2")

    def test_the_second_factor_that_kratos_demands_comes_second(self) -> None:
        assert decide(build_login(), aal2_required=True) == RequireLogin(aal="aal2")
        first = LoginState(seen_at=0)
        assert decide(build_login(), aal2_required=True, state=first) == RequireLogin(aal="aal2")
        second = LoginState(seen_at=0, stepped_up=True)
        assert decide(build_login(), aal2_required=True, state=second) == ShowLoginRequired(
            step=RequireLogin(aal="aal2")
        )


class TestStepUp:
    WANTS = build_login(oidc_context={"acr_values": ["unheard", "aal2", "aal1"]})

    def test_the_first_known_value_counts(self) -> None:
        assert decide(self.WANTS, build_session()) == RequireLogin(aal="aal2")
        first = build_login(oidc_context={"acr_values": ["aal1", "aal2"]})
        assert isinstance(decide(first, build_session()), Accept)

    def test_whoever_has_done_it_goes_through(self) -> None:
        assert isinstance(decide(self.WANTS, build_session(aal="aal2")), Accept)

    def test_whoever_has_no_second_factor_goes_through_with_what_there_is(self) -> None:
        assert decide(self.WANTS, build_session(), has_second_factor=False).body["acr"] == "aal1"

    def test_it_is_asked_for_once(self) -> None:
        state = LoginState(seen_at=NOW.timestamp(), stepped_up=True)
        assert decide(self.WANTS, build_session(), state=state).body["acr"] == "aal1"

    def test_it_follows_a_fresh_sign_in(self) -> None:
        login = build_login(url=auth_url(prompt="login"), oidc_context={"acr_values": ["aal2"]})
        assert decide(login, build_session()) == RequireLogin(refresh=True)
        state = LoginState(seen_at=(NOW - timedelta(seconds=30)).timestamp())
        assert decide(login, build_session(ago=10), state=state) == RequireLogin(aal="aal2")

    @pytest.mark.parametrize("aal", ["aal9", ""])
    def test_levels_that_nobody_knows(self, aal: str) -> None:
        assert decide(self.WANTS, build_session(aal=aal)) == RequireLogin(aal="aal2")
        assert isinstance(decide(self.WANTS, build_session(), acr_values={"aal9": "aal2"}), Accept)


class TestPostedRequest:
    """A client may POST to ``/oauth2/auth``: Hydra's ``request_url`` is bare then, and prompt and max_age are
    unseen.
    """

    URL = "http://hydra.test:4444/oauth2/auth"

    @pytest.mark.parametrize("url", [URL, f"{URL}?prompt=none", "", "http://["])
    def test_needs_a_fresh_sign_in(self, url: str) -> None:
        assert decide(build_login(url=url), build_session(ago=1)) == RequireLogin(refresh=True)
        state = LoginState(seen_at=(NOW - timedelta(seconds=30)).timestamp())
        assert isinstance(decide(build_login(url=url), build_session(ago=10), state=state), Accept)
        assert isinstance(decide(build_login(url=url), build_session(ago=60), state=state), ShowLoginRequired)

    def test_hydras_memory_does_not_make_it_fresh(self) -> None:
        login = build_login(url=self.URL, skip=True, subject=ALICE)
        assert decide(login, build_session(ago=1)) == RequireLogin(refresh=True)
        state = LoginState(seen_at=(NOW - timedelta(seconds=30)).timestamp())
        assert isinstance(decide(login, build_session(ago=10), state=state), Accept)


class TestDeviceRequest:
    """The ``request_url`` of Hydra v26.2.0: it masks the user code, and reads no ``prompt`` there."""

    URL = (
        "http://hydra.test:4444/oauth2/device/verify?client_id=tv&device_verifier=v"
        "&prompt=login&max_age=0&user_code=%2A%2A%2A%2A"
    )

    def request(self, **values: Any) -> Any:
        return build_login(url=self.URL, oidc_context=None, **values)

    def test_session_is_accepted(self) -> None:
        assert isinstance(decide(self.request(), build_session()), Accept)

    def test_without_a_session_signs_in(self) -> None:
        assert decide(self.request()) == RequireLogin()

    @pytest.mark.parametrize("session", [None, build_session(subject=BOB)])
    def test_skip_without_the_session_of_the_subject_forgets_it(self, session: BrowserSession | None) -> None:
        """Hydra would answer ``prompt=login`` with the same skipped request."""
        decision = decide(self.request(skip=True, subject=ALICE), session)
        assert isinstance(decision, RestartAtHydra)
        assert decision.end_session
        assert decision.url.startswith(self.URL.partition("?")[0])

    def test_consent_for_another_subject_forgets_the_session(self) -> None:
        consent = build_consent(request_url=self.URL, oidc_context=None)
        decision = decide_for(BOB, consent)
        assert isinstance(decision, RestartAtHydra)
        assert decision.end_session


class TestSkip:
    def skip(self, session: BrowserSession | None = None, *, active: bool = True, **parameters: str) -> Any:
        return decide(
            build_login(url=auth_url(**parameters), skip=True, subject=ALICE), session, is_active=active
        )

    def test_says_acr_and_amr_again_but_not_how_long(self) -> None:
        body = self.skip(build_session()).body
        assert (body["acr"], body["amr"]) == ("aal1", ["pwd"])
        assert "remember_for" not in body

    def test_is_not_enough_without_a_session(self) -> None:
        """It outlives Kratos' cookie, and the next person at this browser is not the last one."""
        assert self.skip() == RestartAtHydra(url=auth_url(prompt="login"))

    @pytest.mark.parametrize("parameters", [{}, {"scope": "openid", "request_uri": REFERENCE}])
    def test_a_silent_request_needs_no_session(self, parameters: dict[str, Any]) -> None:
        """In a frame on another site the browser sends no cookie."""
        assert self.skip(prompt="none", **parameters) == Accept(body={"subject": ALICE, "remember": True})

    def test_a_session_that_has_ended_is_refused_silently(self) -> None:
        silent = build_login(url=auth_url(prompt="none"), skip=True, subject=ALICE)
        assert decide(silent, session_ended=True).error == "login_required"

    def test_the_second_factor_is_still_asked_for(self) -> None:
        wants: dict[str, Any] = {"oidc_context": {"acr_values": ["aal2"]}, "skip": True, "subject": ALICE}
        assert decide(build_login(**wants), build_session()) == RequireLogin(aal="aal2")
        assert decide(build_login(**wants), build_session(aal="aal2")).body["acr"] == "aal2"
        framed = build_login(url=auth_url(prompt="none"), **wants)
        assert decide(framed, build_session()).body["acr"] == "aal1"

    def test_an_inactive_account_is_refused_and_revoked(self) -> None:
        decision = self.skip(build_session(), active=False)
        assert (decision.error, decision.revoke) == ("access_denied", True)

    def test_somebody_else_in_front_of_the_page_begins_again(self) -> None:
        decision = self.skip(build_session(subject=BOB), scope="openid")
        assert isinstance(decision, RestartAtHydra)
        assert parse_qs(urlsplit(decision.url).query) == {
            "client_id": ["app"],
            "state": ["s"],
            "scope": ["openid"],
            "prompt": ["login"],
        }

    def test_somebody_else_in_a_frame_is_refused(self) -> None:
        assert self.skip(build_session(subject=BOB), prompt="none").error == "login_required"

    def test_hydras_count_of_max_age_is_not_the_sign_ins(self) -> None:
        assert isinstance(self.skip(build_session(ago=700), max_age="600"), RestartAtHydra)
        assert isinstance(self.skip(build_session(ago=603), max_age="600"), Accept)

    def test_beginning_again_keeps_the_other_prompts(self) -> None:
        url = self.skip(prompt="consent").url
        assert parse_qs(urlsplit(url).query)["prompt"] == ["consent login"]
        assert parse_qs(urlsplit(self.skip(prompt="login").url).query)["prompt"] == ["login"]

    def test_a_garbled_address_is_followed_nowhere(self) -> None:
        assert decide(build_login(url="http://[", skip=True, subject=ALICE)).url == "http://["


class TestSealedPrompt:
    """``prompt`` of a request object counts, and one in the URL beside it does not: Hydra must forget
    instead.
    """

    INSIDE = auth_url(scope="openid", request=build_request_object(prompt="consent", max_age="600"))
    BEHIND = auth_url(scope="openid", request_uri=REFERENCE)

    @pytest.mark.parametrize("url", [INSIDE, BEHIND])
    @pytest.mark.parametrize("session", [None, build_session(subject=BOB)])
    def test_hydra_forgets_before_it_begins_again(self, url: str, session: BrowserSession | None) -> None:
        decision = decide(build_login(url=url, skip=True, subject=ALICE), session)
        assert (type(decision), decision.end_session) == (RestartAtHydra, True)

    def test_not_where_the_url_counts(self) -> None:
        for url in (
            auth_url(scope="openid", request=build_request_object(max_age="600")),
            auth_url(scope="photos", request=build_request_object(prompt="consent")),
        ):
            assert decide(build_login(url=url, skip=True, subject=ALICE)).end_session is False

    def test_max_age_takes_a_sign_in_of_its_own(self) -> None:
        login = build_login(url=self.INSIDE, skip=True, subject=ALICE)
        assert decide(login, build_session(ago=700)) == RequireLogin(refresh=True)
        state = LoginState(seen_at=(NOW - timedelta(seconds=30)).timestamp())
        assert isinstance(decide(login, build_session(ago=700), state=state), ShowLoginRequired)
        assert isinstance(decide(login, build_session(ago=20), state=state), Accept)

    def test_a_silent_request_opens_no_page(self) -> None:
        url = auth_url(scope="openid", request_uri=REFERENCE, prompt="none")
        assert (
            decide(build_login(url=url, skip=True, subject=ALICE), build_session()).error == "login_required"
        )
