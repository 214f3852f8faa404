"""Hydra's login page: what the browser gets and what Hydra is told."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth import get_user_model

from django_ory.http.redirects import read_client_name
from django_ory.models import Identity
from django_ory.signals import ory_unavailable
from django_ory.testing import FakeResponse
from django_ory.testing.fake.http import json_response

from .contexts import build_request_object
from .stage import (
    ALICE,
    BOB,
    HYDRA,
    HYDRA_ADMIN,
    KRATOS,
    KRATOS_ADMIN,
    NEXT,
    Stage,
    an_identity,
    auth_url,
    query_of,
)

if TYPE_CHECKING:
    from django_ory.testing import FakeRequest

REVOKED = [
    f"admin/oauth2/auth/sessions/login?subject={ALICE}",
    f"admin/oauth2/auth/sessions/consent?subject={ALICE}&all=true",
]


def link_inactive_user() -> None:
    user = get_user_model().objects.create(email="alice@example.org", is_active=False)
    Identity.objects.create(identity_id=ALICE, user=user)


def allow_revocation(stage: Stage) -> None:
    for kind in ("login", "consent"):
        stage.ory.respond(f"DELETE /admin/oauth2/auth/sessions/{kind}", status=204)


class TestAccepts:
    def test_the_session_at_hand(self, stage: Stage) -> None:
        stage.asks("login")
        stage.answers("login", "accept")
        stage.sign_in()
        response = stage.get("login")
        assert (response.status_code, response["Location"]) == (302, NEXT)
        [body] = stage.told("PUT", "login/accept")
        assert 3500 < body.pop("remember_for") <= 3600
        assert body == {
            "subject": ALICE,
            "remember": True,
            "acr": "aal1",
            "amr": ["pwd"],
            "identity_provider_session_id": "f3a0d9b8-93b5-4c76-8d5f-2d3c4b5a6978",
        }

    def test_a_remembered_sign_in_without_any_cookie(self, stage: Stage) -> None:
        stage.asks("login", skip=True, subject=ALICE, request_url=auth_url(prompt="none"))
        stage.answers("login", "accept")
        stage.identity()
        assert stage.get("login")["Location"] == NEXT
        assert stage.told("PUT", "login/accept") == [{"subject": ALICE, "remember": True}]

    def test_the_challenge_goes_to_hydra_as_it_came(self, stage: Stage) -> None:
        stage.asks("login")
        stage.answers("login", "accept")
        stage.sign_in()
        stage.get("login", "a+b/c==&x")
        assert "admin/oauth2/auth/requests/login?login_challenge=a%2Bb%2Fc%3D%3D%26x" in stage.paths("GET")

    def test_headers_keep_the_challenge_to_ourselves(self, stage: Stage) -> None:
        stage.asks("login")
        stage.answers("login", "accept")
        stage.sign_in()
        response = stage.get("login")
        assert "no-store" in response["Cache-Control"]
        assert response["Referrer-Policy"] == "same-origin"
        assert response["X-Frame-Options"] == "DENY"
        assert "Cookie" in response["Vary"]

    def test_on_a_site_without_time_zones(self, stage: Stage, settings: Any) -> None:
        settings.USE_TZ = False
        stage.asks("login", request_url=auth_url(prompt="login"))
        stage.answers("login", "accept")
        stage.sign_in()
        state = query_of(query_of(stage.get("login")["Location"])["return_to"])["state"]
        stage.sign_in(ago=-1)
        assert stage.get("login", state=state)["Location"] == NEXT


class TestRejects:
    @pytest.mark.parametrize("values", [{"state": "inactive"}, {"status": 404}])
    def test_an_account_that_is_gone_and_revokes_all_of_it(
        self, stage: Stage, values: dict[str, Any]
    ) -> None:
        stage.asks("login", skip=True, subject=ALICE)
        stage.answers("login", "reject")
        stage.identity(**values)
        allow_revocation(stage)
        assert stage.get("login")["Location"] == NEXT
        [body] = stage.told("PUT", "login/reject")
        assert body == {"error": "access_denied", "error_description": "The account is not active."}
        assert stage.paths("DELETE") == REVOKED

    @pytest.mark.parametrize("skip", [True, False])
    def test_a_deactivated_django_user(self, stage: Stage, skip: bool) -> None:
        link_inactive_user()
        stage.asks("login", skip=skip, subject=ALICE if skip else "")
        stage.answers("login", "reject")
        stage.identity()
        stage.sign_in()
        allow_revocation(stage)
        stage.get("login")
        assert stage.told("PUT", "login/reject")
        assert stage.paths("DELETE") == REVOKED

    def test_a_subject_that_is_no_identity(self, stage: Stage) -> None:
        stage.asks("login", skip=True, subject="not a uuid")
        stage.answers("login", "reject")
        allow_revocation(stage)
        stage.get("login")
        assert stage.told("PUT", "login/reject")

    @pytest.mark.parametrize("kind", ["login", "consent"])
    @pytest.mark.parametrize(
        ("status", "body"),
        [
            (404, "<html>404 Not Found</html>"),
            (404, "404 page not found\n"),
            (404, '{"error": "Unable to locate the resource"}'),
            (404, '{"error": {"code": 404, "message": "Not Found", "reason": "The route does not exist."}}'),
            (400, "Client sent an HTTP request to an HTTPS server.\n"),
            (400, '{"error": {"code": 400}}'),
        ],
    )
    def test_nobody_on_the_word_of_another_server(
        self, stage: Stage, kind: str, status: int, body: str
    ) -> None:
        stage.asks(kind, skip=True, subject=ALICE, request_url=auth_url(prompt="none"))
        stage.answers(kind, "reject")
        stage.answers(kind, "accept")
        consent = {"consent_request": {"client": {"client_id": "app"}}, "grant_scope": ["openid"]}
        stage.ory.respond("GET /admin/oauth2/auth/sessions/consent", json=[consent])
        stage.ory.respond(f"GET /admin/identities/{ALICE}", body=body, status=status)
        allow_revocation(stage)
        assert stage.get(kind).status_code == 503
        assert stage.paths("PUT") == []
        assert stage.paths("DELETE") == []

    def test_a_silent_request_of_a_page_that_would_have_brought_a_cookie(self, stage: Stage) -> None:
        stage.asks("login", skip=True, subject=ALICE, request_url=auth_url(prompt="none"))
        stage.answers("login", "accept")
        stage.answers("login", "reject")
        stage.identity()
        for destination, error in (("iframe", []), ("document", ["login_required"])):
            stage.browser.get(
                "/auth/oauth2/login/",
                {"login_challenge": "c"},
                headers={"Sec-Fetch-Dest": destination},
            )
            assert [body["error"] for body in stage.told("PUT", "login/reject")] == error
        assert len(stage.told("PUT", "login/accept")) == 1

    def test_an_unknown_prompt_without_revoking_anything(self, stage: Stage) -> None:
        stage.asks("login", request_url=auth_url(prompt="select_account"))
        stage.answers("login", "reject")
        stage.sign_in()
        stage.get("login")
        assert stage.told("PUT", "login/reject")[0]["error"] == "invalid_request"
        assert stage.paths("DELETE") == []


class TestSendsAwayToSignIn:
    def test_and_back_to_this_challenge(self, stage: Stage) -> None:
        stage.asks("login")
        response = stage.get("login", "c" * 1200)
        assert response["Location"].startswith("/auth/login/?")
        query = query_of(response["Location"])
        assert set(query) == {"return_to", "client"}
        assert read_client_name(query["client"]) == "Photo Lab"
        assert query["return_to"].startswith("http://testserver/auth/oauth2/login/?")
        assert query_of(query["return_to"])["login_challenge"] == "c" * 1200

    def test_with_the_longest_challenge_too(self, stage: Stage) -> None:
        stage.asks("login")
        response = stage.get("login", "c" * 7000)
        assert query_of(query_of(response["Location"])["return_to"])["login_challenge"] == "c" * 7000

    def test_registration(self, stage: Stage) -> None:
        stage.asks("login", request_url=auth_url(prompt="registration"))
        response = stage.get("login")
        assert response["Location"].startswith(
            "/auth/registration/?return_to=http%3A%2F%2Ftestserver%2Fauth%2Foauth2"
        )
        assert read_client_name(query_of(response["Location"])["client"]) == "Photo Lab"

    def test_prompt_login_is_satisfied_by_a_sign_in_after_it(self, stage: Stage) -> None:
        stage.asks("login", request_url=auth_url(prompt="login"))
        stage.answers("login", "accept")
        stage.sign_in(ago=5)
        sent = query_of(stage.get("login")["Location"])
        assert sent["refresh"] == "true"
        back = query_of(sent["return_to"])
        page = stage.get("login", state=back["state"])  # without having signed in again
        assert page.status_code == 403
        assert b"Sign in again to continue" in page.content
        assert b"refresh=true" in page.content
        stage.sign_in(ago=-1)
        assert stage.get("login", state=back["state"])["Location"] == NEXT
        assert len(stage.told("PUT", "login/accept")) == 1

    @pytest.mark.parametrize(
        ("method", "credentials", "asked"),
        [("totp", {"totp": {}}, True), ("code", {"code": {}}, True), ("totp", {"password": {}}, False)],
    )
    def test_prompt_login_takes_both_factors(
        self, stage: Stage, method: str, credentials: Any, asked: bool
    ) -> None:
        stage.asks("login", request_url=auth_url(prompt="login"))
        stage.answers("login", "accept")
        stage.identity(credentials=credentials)
        now = datetime.now(UTC)
        before, after = ((now + timedelta(seconds=seconds)).isoformat() for seconds in (-600, 1))

        def methods(first_at: str, second_factor_at: str) -> dict[str, Any]:
            return {
                "authenticated_at": max(first_at, second_factor_at),
                "authenticator_assurance_level": "aal2",
                "authentication_methods": [
                    {"method": "password", "aal": "aal1", "completed_at": before},
                    {"method": method, "aal": "aal2", "completed_at": second_factor_at},
                    {"method": "password", "aal": "aal1", "completed_at": first_at},
                ],
            }

        stage.sign_in(**methods(before, before))
        sent = query_of(stage.get("login")["Location"])
        assert (sent["refresh"], sent.get("aal")) == ("true", None)
        state = query_of(sent["return_to"])["state"]
        stage.sign_in(**methods(before, after))
        assert stage.get("login", state=state).status_code == 403  # the second one alone is not enough
        stage.sign_in(**methods(after, before))
        response = stage.get("login", state=state)
        if not asked:  # the only one was taken away meanwhile
            assert response["Location"] == NEXT
            return
        sent = query_of(response["Location"])
        assert (sent["refresh"], sent["aal"]) == ("true", "aal2")
        stage.sign_in(**methods(after, after))
        assert stage.get("login", state=query_of(sent["return_to"])["state"])["Location"] == NEXT

    @pytest.mark.parametrize("state", ["", "x", "WzAsMF0:forged:signature", "x" * 3000])
    def test_a_forged_trail_is_none(self, stage: Stage, state: str) -> None:
        stage.asks("login", request_url=auth_url(prompt="login"))
        stage.sign_in(ago=0)
        assert "refresh=true" in stage.get("login", state=state)["Location"]

    def test_a_trail_fits_one_challenge(self, stage: Stage) -> None:
        stage.asks("login", request_url=auth_url(prompt="login"))
        stage.sign_in(ago=-5)
        state = query_of(query_of(stage.get("login", "one")["Location"])["return_to"])["state"]
        assert stage.get("login", "another", state=state).status_code == 302

    def test_coming_back_without_a_session_ends_on_a_page(self, stage: Stage) -> None:
        stage.asks("login")
        state = query_of(query_of(stage.get("login")["Location"])["return_to"])["state"]
        page = stage.get("login", state=state)
        assert page.status_code == 403
        assert b"Sign in to continue" in page.content

    def test_for_the_second_factor_that_kratos_demands(self, stage: Stage) -> None:
        stage.asks("login")
        stage.kratos_says(403, {"error": {"id": "session_aal2_required", "code": 403}})
        assert query_of(stage.get("login")["Location"])["aal"] == "aal2"

    def test_for_the_second_factor_that_the_client_wants(self, stage: Stage) -> None:
        stage.asks("login", oidc_context={"acr_values": ["aal2"]})
        stage.sign_in()
        stage.identity(credentials={"password": {}, "totp": {}})
        sent = query_of(stage.get("login")["Location"])
        assert sent["aal"] == "aal2"
        stage.answers("login", "accept")
        state = query_of(sent["return_to"])["state"]
        assert stage.get("login", state=state)["Location"] == NEXT

    @pytest.mark.parametrize(
        ("credentials", "has_one"),
        [
            (None, False),
            ({"password": {}, "code": {}}, False),
            ({"webauthn": {"config": {"user_handle": "x"}}}, False),
            ({"webauthn": {"config": {"credentials": [{"id": "k", "is_passwordless": True}, 7]}}}, False),
            ({"webauthn": {"config": {"credentials": [{"id": "k", "is_passwordless": False}]}}}, True),
            ({"webauthn": {}, "lookup_secret": {}}, True),
        ],
    )
    def test_only_to_use_a_second_factor_that_exists(
        self, stage: Stage, credentials: Any, has_one: bool
    ) -> None:
        stage.asks("login", oidc_context={"acr_values": ["aal2"]})
        stage.answers("login", "accept")
        stage.sign_in()
        stage.identity(credentials=credentials)
        location = stage.get("login")["Location"]
        assert ("aal=aal2" in location) is has_one
        assert [body["acr"] for body in stage.told("PUT", "login/accept")] == ([] if has_one else ["aal1"])

    def test_a_kratos_that_does_not_show_configurations(self, stage: Stage) -> None:
        stage.asks("login", oidc_context={"acr_values": ["aal2"]})
        stage.sign_in()

        def respond(request: FakeRequest) -> FakeResponse:
            if request.get_query("include_credential"):
                return FakeResponse(400, b"{}")
            return json_response(an_identity(credentials={"totp": {}}))

        stage.ory.respond(f"GET /admin/identities/{ALICE}", respond)
        assert "aal=aal2" in stage.get("login")["Location"]

    def test_a_session_that_has_ended_is_not_replaced_by_hydras_memory(self, stage: Stage) -> None:
        stage.asks("login", skip=True, subject=ALICE)
        stage.identity()
        stage.kratos_says(401, {"error": {"code": 401}})
        assert stage.get("login")["Location"] == auth_url(prompt="login")
        assert stage.paths("PUT") == []

    def test_whoever_comes_after_the_one_that_hydra_remembers(self, stage: Stage) -> None:
        stage.asks("login", skip=True, subject=ALICE)
        stage.identity()
        assert stage.get("login")["Location"] == auth_url(prompt="login")
        assert stage.paths("PUT") == []

    def test_a_request_that_cannot_ask_for_it_makes_hydra_forget(self, stage: Stage) -> None:
        url = auth_url(scope="openid", request=build_request_object(prompt="consent"))
        stage.asks("login", skip=True, subject=ALICE, session_id="s1", request_url=url)
        stage.identity()
        allow_revocation(stage)
        assert stage.get("login")["Location"].startswith(f"{HYDRA}/oauth2/auth?")
        assert stage.paths("DELETE") == ["admin/oauth2/auth/sessions/login?sid=s1"]
        assert stage.paths("PUT") == []

    def test_somebody_else_begins_again_at_hydra(self, stage: Stage) -> None:
        stage.asks("login", skip=True, subject=ALICE)
        stage.identity()
        stage.sign_in(BOB)
        assert stage.get("login")["Location"] == auth_url(prompt="login")
        assert stage.paths("PUT") == []


class TestGoesWrong:
    def test_no_challenge(self, stage: Stage) -> None:
        response = stage.browser.get("/auth/oauth2/login/")
        assert response.status_code == 400
        assert b"This page cannot be opened directly" in response.content

    @pytest.mark.parametrize("challenge", ["c" * 20_000, "\x00", "a\nb", "\u202e"])
    def test_a_challenge_that_cannot_be_one(self, stage: Stage, challenge: str) -> None:
        assert stage.get("login", challenge).status_code == 404
        assert len(stage.ory.requests) == 0

    @pytest.mark.parametrize(
        ("status", "body", "shown"),
        [
            (401, {"error": "request_unauthorized"}, 410),
            (404, {"error": "Not Found", "error_description": ""}, 404),
            (404, {"detail": "Not Found"}, 503),  # another server
            (404, "<html>", 503),
            (400, {"error": "invalid_request"}, 404),
            (409, {"error": "Unable to insert or update resource because"}, 404),
            (500, {"error": "error"}, 503),
            (502, "<html>", 503),
            (200, [], 503),
            (200, {"challenge": 1, "client": 7}, 503),
        ],
    )
    def test_what_hydra_says(self, stage: Stage, status: int, body: Any, shown: int) -> None:
        stage.asks("login", status=status, body=body)
        response = stage.get("login")
        assert response.status_code == shown
        assert "no-store" in response["Cache-Control"]

    @pytest.mark.parametrize(
        ("whose", "answer", "retry_after"),
        [
            ("Hydra", {"fault": "down"}, "5"),
            ("Hydra", {"status": 429, "json": {}, "headers": {"Retry-After": "17"}}, "17"),
            ("Kratos", {"status": 500, "json": {}}, "5"),
            ("Kratos", {"status": 404, "body": "<html>"}, "5"),
        ],
    )
    def test_an_outage_is_told_by_name(
        self,
        stage: Stage,
        caplog: pytest.LogCaptureFixture,
        whose: str,
        answer: dict[str, Any],
        retry_after: str,
    ) -> None:
        heard: list[Any] = []

        def listen(**values: Any) -> None:
            heard.append((values["alias"], values["error"], values["request"].path))

        ory_unavailable.connect(listen)
        if whose == "Hydra":
            stage.ory.respond("GET /admin/oauth2/auth/requests/login", **answer)
        else:
            stage.asks("login", skip=True, subject=ALICE)
            stage.ory.respond(f"GET /admin/identities/{ALICE}", **answer)
        response = stage.get("login", "a-secret-challenge")
        assert (response.status_code, response["Retry-After"]) == (503, retry_after)
        [line] = [r.getMessage() for r in caplog.records if r.name == "django_ory"]
        url = HYDRA_ADMIN if whose == "Hydra" else KRATOS_ADMIN
        assert line.startswith(f"{whose} is unavailable for a page (project default, {url}): GET /admin/")
        assert "a-secret-challenge" not in line
        assert [(alias, path) for alias, _, path in heard] == [("default", "/auth/oauth2/login/")]
        ory_unavailable.disconnect(listen)

    def test_an_answer_that_hydra_refuses_is_logged(
        self, stage: Stage, caplog: pytest.LogCaptureFixture
    ) -> None:
        stage.asks("login")
        stage.sign_in()
        stage.ory.respond(
            "PUT /admin/oauth2/auth/requests/login/accept",
            json={"error": "invalid_request", "error_description": 'unknown field "remember_for"'},
            status=400,
        )
        assert stage.get("login", "a-secret-challenge").status_code == 404
        [line] = [r.getMessage() for r in caplog.records if r.name == "django_ory.provider"]
        assert "PUT /admin/oauth2/auth/requests/login/accept: 400 Bad Request [invalid_request]" in line
        assert "a-secret-challenge" not in caplog.text

    def test_a_made_up_challenge_is_not(self, stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
        stage.asks("login", status=404, body={"error": "Not Found", "error_description": ""})
        stage.get("login")
        assert [r for r in caplog.records if r.name.startswith("django_ory") and r.levelno > 10] == []

    def test_kratos_is_down_and_nobody_is_who_they_were(self, stage: Stage, settings: Any) -> None:
        """What the settings allow elsewhere does not go out to other sites."""
        ory = {**settings.ORY["default"], "SESSION_CACHE_SECONDS": 60, "WHEN_UNAVAILABLE_SAFE": "stale"}
        settings.ORY = {"default": ory}
        stage.asks("login")
        stage.answers("login", "accept")
        stage.sign_in()
        assert stage.get("login")["Location"] == NEXT
        stage.kratos_says(500, {})
        assert stage.get("login").status_code == 503
        assert len(stage.told("PUT", "login/accept")) == 1

    def test_kratos_is_down_and_nobody_is_taken_for_a_stranger(self, stage: Stage) -> None:
        stage.asks("login")
        stage.kratos_says(500, {})
        assert stage.get("login").status_code == 503

    def test_the_challenge_expires_between_reading_and_accepting(self, stage: Stage) -> None:
        stage.asks("login")
        stage.sign_in()
        stage.ory.respond(
            "PUT /admin/oauth2/auth/requests/login/accept",
            json={"error": "request_unauthorized"},
            status=401,
        )
        assert stage.get("login").status_code == 410

    def test_an_expired_page_leads_back_to_the_app(self, stage: Stage) -> None:
        stage.asks("login")
        state = query_of(query_of(stage.get("login")["Location"])["return_to"])["state"]
        stage.asks("login", status=401, body={"error": "request_unauthorized"})
        response = stage.get("login", state=state)
        assert b'href="https://photos.example/"' in response.content
        assert b"Go to Photo Lab" in response.content

    def test_an_expired_page_has_no_link_that_runs(self, stage: Stage) -> None:
        stage.asks("login", client={"client_id": "app", "client_uri": "javascript:alert(1)"})
        state = query_of(query_of(stage.get("login")["Location"])["return_to"])["state"]
        stage.asks("login", status=401, body={"error": "request_unauthorized"})
        assert b"javascript" not in stage.get("login", state=state).content

    def test_a_used_challenge_starts_over_at_hydra(self, stage: Stage) -> None:
        stage.asks("login", status=410, body={"redirect_to": auth_url()})
        assert stage.get("login")["Location"] == auth_url()

    @pytest.mark.parametrize(
        "to",
        [
            "https://evil.example/",
            "//evil.example",
            "",
            f"{HYDRA}.evil.example/",
            "http://x@hydra.test:4444/",
        ],
    )
    def test_hydra_leads_astray(self, stage: Stage, to: str, caplog: pytest.LogCaptureFixture) -> None:
        stage.asks("login")
        stage.sign_in()
        stage.answers("login", "accept", to=to)
        response = stage.get("login")
        assert response.status_code == 502
        assert "Location" not in response
        assert b"evil" not in response.content
        assert [r.levelno for r in caplog.records if r.name == "django_ory.provider"] == [logging.ERROR]

    def test_no_hydra_is_no_page(self, stage: Stage, settings: Any) -> None:
        settings.ORY = {"default": {"KRATOS_PUBLIC_URL": KRATOS}}
        assert stage.get("login").status_code == 404

    def test_no_admin_url_of_kratos(self, stage: Stage, settings: Any) -> None:
        settings.ORY = {
            "default": {
                "KRATOS_PUBLIC_URL": KRATOS,
                "HYDRA_PUBLIC_URL": HYDRA,
                "HYDRA_ADMIN_URL": HYDRA_ADMIN,
            }
        }
        stage.asks("login", skip=True, subject=ALICE)
        assert stage.get("login").status_code == 503

    @pytest.mark.parametrize("method", ["post", "head", "put"])
    def test_other_methods_accept_nothing(self, stage: Stage, method: str) -> None:
        response = getattr(stage.browser, method)("/auth/oauth2/login/?login_challenge=c")
        assert response.status_code in (400, 405)
        assert stage.paths("PUT") == []


@pytest.mark.parametrize("base", [HYDRA, ""])
def test_skipped_device_request_without_a_session_forgets_hydras_session(stage: Stage, base: str) -> None:
    """The response of Hydra v26.2.0. Restarting with ``prompt=login`` alone would loop."""
    path = "/oauth2/device/verify?client_id=app&device_verifier=v&user_code=%2A%2A%2A%2A"
    stage.asks(
        "login", skip=True, subject=ALICE, session_id="s1", oidc_context=None, request_url=f"{base}{path}"
    )
    stage.identity()
    stage.ory.respond("DELETE /admin/oauth2/auth/sessions/login", status=204)
    response = stage.get("login")
    assert stage.paths("DELETE") == ["admin/oauth2/auth/sessions/login?sid=s1"]
    assert response["Location"].startswith(f"{HYDRA}/oauth2/device/verify?client_id=app&device_verifier=v&")
    assert stage.paths("PUT") == []
