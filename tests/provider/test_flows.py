"""The decisions, without a request: what is accepted, asked, refused or begun again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from django_ory.provider.decisions import Accept, AskAgain, Redirect, Reject, SignIn
from django_ory.provider.flows import decide_consent
from django_ory.provider.freshness import SignedIn
from django_ory.provider.trail import Trail

from .asking import ALICE, BOB, NOW, a_consent, a_login, authorize, decide, request_object, signed_in

REFERENCE = "https://app.example/request.jwt"


class TestLoginWithASessionAtHand:
    def test_is_accepted_for_as_long_as_the_session_lasts(self) -> None:
        assert decide(a_login(), signed_in()) == Accept(
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
        assert decide(a_login(), signed_in(lasts=lasts)).body["remember_for"] == seconds

    def test_unset_keys_are_not_sent(self) -> None:
        body = decide(a_login(), signed_in(methods=())).body
        assert "amr" not in body
        assert "context" not in body
        assert "handled_at" not in body

    def test_acr_is_the_sites_word(self) -> None:
        session = signed_in(aal="aal2", methods=("password", "totp"))
        body = decide(a_login(), session, acrs={"aal1": "basic", "aal2": "strong"}).body
        assert (body["acr"], body["amr"]) == ("strong", ["pwd", "otp", "mfa"])

    def test_an_inactive_account_is_refused_and_revoked(self) -> None:
        decision = decide(a_login(), signed_in(), active=False)
        assert decision == Reject(
            error="access_denied", description="The account is not active.", revoke=True
        )

    @pytest.mark.parametrize("null", [None, {}, {"acr_values": None, "id_token_hint_claims": None}])
    def test_every_part_of_oidc_context_may_be_missing(self, null: Any) -> None:
        assert isinstance(decide(a_login(oidc_context=null), signed_in()), Accept)

    def test_the_hint_must_name_the_person(self) -> None:
        hinted = a_login(oidc_context={"id_token_hint_claims": {"sub": BOB}})
        assert decide(hinted, signed_in()).error == "login_required"
        assert isinstance(decide(hinted, signed_in(subject=BOB)), Accept)

    def test_a_pairwise_hint_cannot_be_compared(self) -> None:
        hinted = a_login(
            oidc_context={"id_token_hint_claims": {"sub": "obfuscated"}}, client={"subject_type": "pairwise"}
        )
        assert isinstance(decide(hinted, signed_in()), Accept)


class TestPromptLogin:
    LOGIN = a_login(url=authorize(prompt="login"))

    def test_a_session_however_young_is_not_enough(self) -> None:
        assert decide(self.LOGIN, signed_in(ago=0)) == SignIn(refresh=True)

    def test_a_sign_in_after_the_challenge_was_seen_is(self) -> None:
        trail = Trail(seen_at=(NOW - timedelta(seconds=30)).timestamp())
        assert isinstance(decide(self.LOGIN, signed_in(ago=20), trail=trail), Accept)

    def test_coming_back_without_one_ends_on_a_page(self) -> None:
        trail = Trail(seen_at=(NOW - timedelta(seconds=30)).timestamp())
        assert decide(self.LOGIN, signed_in(ago=31), trail=trail) == AskAgain(sign_in=SignIn(refresh=True))

    def test_the_second_factor_comes_second_and_once(self) -> None:
        """Kratos would leave the session at aal2 after the first one alone."""
        seen = (NOW - timedelta(seconds=30)).timestamp()
        session = signed_in(aal="aal2", second_at=NOW - timedelta(hours=2))
        assert decide(self.LOGIN, session) == SignIn(refresh=True)
        session = signed_in(ago=20, aal="aal2", second_at=NOW - timedelta(hours=2))
        step = SignIn(refresh=True, aal="aal2")
        assert decide(self.LOGIN, session, trail=Trail(seen_at=seen)) == step
        stepped_up = Trail(seen_at=seen, stepped_up=True)
        assert decide(self.LOGIN, session, trail=stepped_up) == AskAgain(sign_in=step)
        lost = decide(self.LOGIN, session, trail=Trail(seen_at=seen), second_factor=False)
        assert isinstance(lost, Accept)
        session = signed_in(ago=20, aal="aal2", second_at=NOW - timedelta(seconds=10))
        assert decide(self.LOGIN, session, trail=stepped_up).body["acr"] == "aal2"

    def test_a_session_that_does_not_say_since_when_is_too_old(self) -> None:
        session = SignedIn(subject=ALICE, session_id="f3a0", authenticated_at=None, expires_at=None)
        assert isinstance(decide(a_login(), session), Accept)
        trail = Trail(seen_at=0)
        assert isinstance(decide(self.LOGIN, session, trail=trail), AskAgain)
        assert decide(a_login(url=authorize(max_age="99999")), session) == SignIn(refresh=True)

    def test_it_counts_in_a_request_object_too(self) -> None:
        login = a_login(url=authorize(scope="openid", request=request_object(prompt="login")))
        assert decide(login, signed_in(ago=0)) == SignIn(refresh=True)

    @pytest.mark.parametrize("token", ["x", "a.b.c", "a.!!!.c", "a.WzFd.c"])
    def test_a_garbled_request_object_is_nobodys_problem(self, token: str) -> None:
        assert isinstance(decide(a_login(url=authorize(scope="openid", request=token)), signed_in()), Accept)

    def test_parameters_out_of_sight_may_hide_it(self) -> None:
        login = a_login(url=authorize(scope="openid", request_uri=REFERENCE))
        assert decide(login, signed_in(ago=0)) == SignIn(refresh=True)


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
        decision = decide(a_login(url=authorize(max_age=max_age)), signed_in(ago=ago))
        assert isinstance(decision, Accept) if enough else decision == SignIn(refresh=True)

    def test_bounds_the_age_of_the_second_factor(self) -> None:
        login = a_login(url=authorize(max_age="600"))
        for ago, enough in ((600, True), (601, False)):
            decision = decide(login, signed_in(ago=60, second_at=NOW - timedelta(seconds=ago)))
            assert isinstance(decision, Accept) if enough else decision == SignIn(refresh=True, aal="aal2")

    def test_a_fresh_sign_in_is_enough_even_for_zero(self) -> None:
        trail = Trail(seen_at=(NOW - timedelta(seconds=30)).timestamp())
        assert isinstance(decide(a_login(url=authorize(max_age="0")), signed_in(ago=10), trail=trail), Accept)


class TestOtherPrompts:
    @pytest.mark.parametrize("prompt", ["select_account", "create", "bogus", "login create"])
    @pytest.mark.parametrize("skip", [True, False])
    def test_what_hydra_would_refuse_in_the_end_is_refused_at_once(self, prompt: str, skip: bool) -> None:
        decision = decide(a_login(url=authorize(prompt=prompt), skip=skip, subject=ALICE), signed_in())
        assert decision.error == "invalid_request"
        assert prompt.split()[-1] in decision.description

    def test_registration_opens_the_registration_page(self) -> None:
        assert decide(a_login(url=authorize(prompt="registration"))) == SignIn(page="registration")

    def test_registration_of_somebody_who_has_an_account(self) -> None:
        assert isinstance(decide(a_login(url=authorize(prompt="registration")), signed_in()), Accept)

    def test_none_never_opens_a_page(self) -> None:
        assert decide(a_login(url=authorize(prompt="none"))).error == "login_required"


class TestWithoutASession:
    def test_the_person_signs_in(self) -> None:
        assert decide(a_login()) == SignIn()

    def test_coming_back_without_one_ends_on_a_page(self) -> None:
        assert decide(a_login(), trail=Trail(seen_at=0)) == AskAgain(sign_in=SignIn())

    @pytest.mark.parametrize("parameters", [{"prompt": "login"}, {"max_age": "0"}])
    def test_owed_second_factor_comes_after_a_fresh_first_one(self, parameters: dict[str, str]) -> None:
        """The first factor of such a session is older than the request, too."""
        login = a_login(url=authorize(**parameters))
        assert decide(login, owes_second_factor=True) == SignIn(refresh=True)
        first = Trail(seen_at=0)
        assert decide(login, owes_second_factor=True, trail=first) == SignIn(aal="aal2")

    def test_the_second_factor_that_kratos_demands_comes_second(self) -> None:
        assert decide(a_login(), owes_second_factor=True) == SignIn(aal="aal2")
        first = Trail(seen_at=0)
        assert decide(a_login(), owes_second_factor=True, trail=first) == SignIn(aal="aal2")
        second = Trail(seen_at=0, stepped_up=True)
        assert decide(a_login(), owes_second_factor=True, trail=second) == AskAgain(
            sign_in=SignIn(aal="aal2")
        )


class TestStepUp:
    WANTS = a_login(oidc_context={"acr_values": ["unheard", "aal2", "aal1"]})

    def test_the_first_known_value_counts(self) -> None:
        assert decide(self.WANTS, signed_in()) == SignIn(aal="aal2")
        first = a_login(oidc_context={"acr_values": ["aal1", "aal2"]})
        assert isinstance(decide(first, signed_in()), Accept)

    def test_whoever_has_done_it_goes_through(self) -> None:
        assert isinstance(decide(self.WANTS, signed_in(aal="aal2")), Accept)

    def test_whoever_has_no_second_factor_goes_through_with_what_there_is(self) -> None:
        assert decide(self.WANTS, signed_in(), second_factor=False).body["acr"] == "aal1"

    def test_it_is_asked_for_once(self) -> None:
        trail = Trail(seen_at=NOW.timestamp(), stepped_up=True)
        assert decide(self.WANTS, signed_in(), trail=trail).body["acr"] == "aal1"

    def test_it_follows_a_fresh_sign_in(self) -> None:
        login = a_login(url=authorize(prompt="login"), oidc_context={"acr_values": ["aal2"]})
        assert decide(login, signed_in()) == SignIn(refresh=True)
        trail = Trail(seen_at=(NOW - timedelta(seconds=30)).timestamp())
        assert decide(login, signed_in(ago=10), trail=trail) == SignIn(aal="aal2")

    @pytest.mark.parametrize("aal", ["aal9", ""])
    def test_levels_that_nobody_knows(self, aal: str) -> None:
        assert decide(self.WANTS, signed_in(aal=aal)) == SignIn(aal="aal2")
        assert isinstance(decide(self.WANTS, signed_in(), acrs={"aal9": "aal2"}), Accept)


class TestPostedRequest:
    """A client may POST to ``/oauth2/auth``: Hydra's ``request_url`` is bare then, and prompt and max_age are
    unseen.
    """

    URL = "http://hydra.test:4444/oauth2/auth"

    @pytest.mark.parametrize("url", [URL, f"{URL}?prompt=none", "", "http://["])
    def test_needs_a_fresh_sign_in(self, url: str) -> None:
        assert decide(a_login(url=url), signed_in(ago=1)) == SignIn(refresh=True)
        trail = Trail(seen_at=(NOW - timedelta(seconds=30)).timestamp())
        assert isinstance(decide(a_login(url=url), signed_in(ago=10), trail=trail), Accept)
        assert isinstance(decide(a_login(url=url), signed_in(ago=60), trail=trail), AskAgain)

    def test_hydras_memory_does_not_make_it_fresh(self) -> None:
        login = a_login(url=self.URL, skip=True, subject=ALICE)
        assert decide(login, signed_in(ago=1)) == SignIn(refresh=True)
        trail = Trail(seen_at=(NOW - timedelta(seconds=30)).timestamp())
        assert isinstance(decide(login, signed_in(ago=10), trail=trail), Accept)


class TestDeviceRequest:
    """The ``request_url`` of Hydra v26.2.0: it masks the user code, and reads no ``prompt`` there."""

    URL = (
        "http://hydra.test:4444/oauth2/device/verify?client_id=tv&device_verifier=v"
        "&prompt=login&max_age=0&user_code=%2A%2A%2A%2A"
    )

    def request(self, **values: Any) -> Any:
        return a_login(url=self.URL, oidc_context=None, **values)

    def test_session_is_accepted(self) -> None:
        assert isinstance(decide(self.request(), signed_in()), Accept)

    def test_without_a_session_signs_in(self) -> None:
        assert decide(self.request()) == SignIn()

    @pytest.mark.parametrize("session", [None, signed_in(subject=BOB)])
    def test_skip_without_the_session_of_the_subject_forgets_it(self, session: SignedIn | None) -> None:
        """Hydra would answer ``prompt=login`` with the same skipped request."""
        decision = decide(self.request(skip=True, subject=ALICE), session)
        assert isinstance(decision, Redirect)
        assert decision.forget
        assert decision.url.startswith(self.URL.partition("?")[0])

    def test_consent_for_another_subject_forgets_the_session(self) -> None:
        consent = a_consent(request_url=self.URL, oidc_context=None)
        decision = decide_consent(consent, signed_in=BOB)
        assert isinstance(decision, Redirect)
        assert decision.forget


class TestSkip:
    def skip(self, session: SignedIn | None = None, *, active: bool = True, **parameters: str) -> Any:
        return decide(a_login(url=authorize(**parameters), skip=True, subject=ALICE), session, active=active)

    def test_says_acr_and_amr_again_but_not_how_long(self) -> None:
        body = self.skip(signed_in()).body
        assert (body["acr"], body["amr"]) == ("aal1", ["pwd"])
        assert "remember_for" not in body

    def test_is_not_enough_without_a_session(self) -> None:
        """It outlives Kratos' cookie, and the next person at this browser is not the last one."""
        assert self.skip() == Redirect(url=authorize(prompt="login"))

    @pytest.mark.parametrize("parameters", [{}, {"scope": "openid", "request_uri": REFERENCE}])
    def test_a_silent_request_needs_no_session(self, parameters: dict[str, Any]) -> None:
        """In a frame on another site the browser sends no cookie."""
        assert self.skip(prompt="none", **parameters) == Accept(body={"subject": ALICE, "remember": True})

    def test_a_session_that_has_ended_is_refused_silently(self) -> None:
        silent = a_login(url=authorize(prompt="none"), skip=True, subject=ALICE)
        assert decide(silent, ended=True).error == "login_required"

    def test_the_second_factor_is_still_asked_for(self) -> None:
        wants: dict[str, Any] = {"oidc_context": {"acr_values": ["aal2"]}, "skip": True, "subject": ALICE}
        assert decide(a_login(**wants), signed_in()) == SignIn(aal="aal2")
        assert decide(a_login(**wants), signed_in(aal="aal2")).body["acr"] == "aal2"
        framed = a_login(url=authorize(prompt="none"), **wants)
        assert decide(framed, signed_in()).body["acr"] == "aal1"

    def test_an_inactive_account_is_refused_and_revoked(self) -> None:
        decision = self.skip(signed_in(), active=False)
        assert (decision.error, decision.revoke) == ("access_denied", True)

    def test_somebody_else_in_front_of_the_page_begins_again(self) -> None:
        decision = self.skip(signed_in(subject=BOB), scope="openid")
        assert isinstance(decision, Redirect)
        assert parse_qs(urlsplit(decision.url).query) == {
            "client_id": ["app"],
            "state": ["s"],
            "scope": ["openid"],
            "prompt": ["login"],
        }

    def test_somebody_else_in_a_frame_is_refused(self) -> None:
        assert self.skip(signed_in(subject=BOB), prompt="none").error == "login_required"

    def test_hydras_count_of_max_age_is_not_the_sign_ins(self) -> None:
        assert isinstance(self.skip(signed_in(ago=700), max_age="600"), Redirect)
        assert isinstance(self.skip(signed_in(ago=603), max_age="600"), Accept)

    def test_beginning_again_keeps_the_other_prompts(self) -> None:
        url = self.skip(prompt="consent").url
        assert parse_qs(urlsplit(url).query)["prompt"] == ["consent login"]
        assert parse_qs(urlsplit(self.skip(prompt="login").url).query)["prompt"] == ["login"]

    def test_a_garbled_address_is_followed_nowhere(self) -> None:
        assert decide(a_login(url="http://[", skip=True, subject=ALICE)).url == "http://["


class TestSealedPrompt:
    """``prompt`` of a request object counts, and one in the URL beside it does not: Hydra must forget
    instead.
    """

    INSIDE = authorize(scope="openid", request=request_object(prompt="consent", max_age="600"))
    BEHIND = authorize(scope="openid", request_uri=REFERENCE)

    @pytest.mark.parametrize("url", [INSIDE, BEHIND])
    @pytest.mark.parametrize("session", [None, signed_in(subject=BOB)])
    def test_hydra_forgets_before_it_begins_again(self, url: str, session: SignedIn | None) -> None:
        decision = decide(a_login(url=url, skip=True, subject=ALICE), session)
        assert (type(decision), decision.forget) == (Redirect, True)

    def test_not_where_the_url_counts(self) -> None:
        for url in (
            authorize(scope="openid", request=request_object(max_age="600")),
            authorize(scope="photos", request=request_object(prompt="consent")),
        ):
            assert decide(a_login(url=url, skip=True, subject=ALICE)).forget is False

    def test_max_age_takes_a_sign_in_of_its_own(self) -> None:
        login = a_login(url=self.INSIDE, skip=True, subject=ALICE)
        assert decide(login, signed_in(ago=700)) == SignIn(refresh=True)
        trail = Trail(seen_at=(NOW - timedelta(seconds=30)).timestamp())
        assert isinstance(decide(login, signed_in(ago=700), trail=trail), AskAgain)
        assert isinstance(decide(login, signed_in(ago=20), trail=trail), Accept)

    def test_a_silent_request_opens_no_page(self) -> None:
        url = authorize(scope="openid", request_uri=REFERENCE, prompt="none")
        assert decide(a_login(url=url, skip=True, subject=ALICE), signed_in()).error == "login_required"
