"""Hydra's login request: the response to the browser and the one to Hydra."""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth import get_user_model

from django_ory.http.redirects import read_client_name
from django_ory.models import Identity
from django_ory.signals import ory_unavailable
from django_ory.testing import FakeResponse, json_response

from .contexts import build_request_object
from .provider_site import (
    ALICE,
    BOB,
    HYDRA,
    HYDRA_ADMIN,
    KRATOS,
    KRATOS_ADMIN,
    NEXT,
    ProviderSite,
    auth_url,
    build_identity,
    parse_query,
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


def allow_revocation(site: ProviderSite) -> None:
    for kind in ("login", "consent"):
        site.ory.respond(f"DELETE /admin/oauth2/auth/sessions/{kind}", status=204)


class TestAccept:
    def test_session_is_accepted(self, site: ProviderSite) -> None:
        site.set_request("login")
        site.set_result("login", "accept")
        site.sign_in()
        response = site.get("login")
        assert (response.status_code, response["Location"]) == (302, NEXT)
        [body] = site.list_bodies("PUT", "login/accept")
        assert 3500 < body.pop("remember_for") <= 3600
        assert 0 <= time.time() - body.pop("context")["auth_time"] < 3600
        assert body == {
            "subject": ALICE,
            "remember": True,
            "acr": "aal1",
            "amr": ["pwd"],
            "identity_provider_session_id": "f3a0d9b8-93b5-4c76-8d5f-2d3c4b5a6978",
        }

    def test_silent_request_is_accepted_without_a_cookie(self, site: ProviderSite) -> None:
        site.set_request("login", skip=True, subject=ALICE, request_url=auth_url(prompt="none"))
        site.set_result("login", "accept")
        site.set_identity()
        assert site.get("login")["Location"] == NEXT
        assert site.list_bodies("PUT", "login/accept") == [{"subject": ALICE, "remember": True}]

    def test_challenge_is_sent_to_hydra_unchanged(self, site: ProviderSite) -> None:
        site.set_request("login")
        site.set_result("login", "accept")
        site.sign_in()
        site.get("login", "a+b/c==&x")
        assert "admin/oauth2/auth/requests/login?login_challenge=a%2Bb%2Fc%3D%3D%26x" in site.list_targets(
            "GET"
        )

    def test_response_is_private(self, site: ProviderSite) -> None:
        site.set_request("login")
        site.set_result("login", "accept")
        site.sign_in()
        response = site.get("login")
        assert "no-store" in response["Cache-Control"]
        assert response["Referrer-Policy"] == "same-origin"
        assert response["X-Frame-Options"] == "DENY"
        assert "Cookie" in response["Vary"]

    def test_fresh_login_is_accepted_without_use_tz(self, site: ProviderSite, settings: Any) -> None:
        settings.USE_TZ = False
        site.set_request("login", request_url=auth_url(prompt="login"))
        site.set_result("login", "accept")
        site.sign_in()
        state = parse_query(parse_query(site.get("login")["Location"])["return_to"])["state"]
        site.sign_in(ago=-1)
        assert site.get("login", state=state)["Location"] == NEXT

    @pytest.mark.parametrize("skip", [False, True])
    def test_login_of_a_session_costs_three_calls(self, site: ProviderSite, skip: bool) -> None:
        site.set_request("login", skip=skip, subject=ALICE if skip else "")
        site.set_result("login", "accept")
        site.sign_in()
        assert site.get("login")["Location"] == NEXT
        assert [(request.method, request.path) for request in site.ory.requests] == [
            ("GET", "/admin/oauth2/auth/requests/login"),
            ("GET", "/sessions/whoami"),
            ("PUT", "/admin/oauth2/auth/requests/login/accept"),
        ]

    def test_old_hydra_gets_no_session_of_kratos(self, site: ProviderSite) -> None:
        """Hydra before 2.2 rejects keys that it does not know."""

        def accept(request: FakeRequest) -> FakeResponse:
            if "identity_provider_session_id" in (request.json or {}):
                return json_response(
                    {"error": "invalid_request", "error_description": "unknown field"}, status=400
                )
            return json_response({"redirect_to": NEXT})

        site.set_request("login")
        site.ory.respond("PUT /admin/oauth2/auth/requests/login/accept", accept)
        site.sign_in()
        assert site.get("login")["Location"] == NEXT
        first, second = site.list_bodies("PUT", "login/accept")
        assert first.pop("identity_provider_session_id")
        assert first == second

    def test_rejected_acceptance_is_tried_once_more_at_most(self, site: ProviderSite) -> None:
        site.set_request("login")
        site.set_result("login", "accept", status=400)
        site.sign_in()
        assert site.get("login").status_code == 404
        assert len(site.list_bodies("PUT", "login/accept")) == 2

    @pytest.mark.parametrize(
        ("policy", "seconds", "essential"),
        [
            ({"remember_seconds": 600, "essential_acr": True}, 600, True),
            ({"remember_seconds": 0, "essential_acr": "yes"}, 3600, False),
            ({"remember_seconds": True}, 3600, False),
            ({"remember_seconds": "600"}, 3600, False),
            ({"remember_seconds": 600, "essential_acr": True, "origin": "registration"}, 3600, False),
            ("all", 3600, False),
        ],
    )
    def test_policies_are_those_of_staff_in_the_metadata(
        self, site: ProviderSite, policy: Any, seconds: int, essential: bool
    ) -> None:
        client = {"client_id": "app", "metadata": {"django_ory": policy}}
        site.set_request("login", client=client)
        site.set_result("login", "accept")
        site.set_result("login", "reject")
        site.set_identity()
        site.sign_in()
        site.get("login")
        [body] = site.list_bodies("PUT", "login/accept")
        assert abs(body["remember_for"] - seconds) < 10
        site.set_request("login", client=client, oidc_context={"acr_values": ["aal2"]})
        site.get("login")
        errors = [each["error"] for each in site.list_bodies("PUT", "login/reject")]
        assert errors == (["unmet_authentication_requirements"] if essential else [])


class TestReject:
    @pytest.mark.parametrize("values", [{"state": "inactive"}, {"status": 404}])
    def test_inactive_account_is_rejected_and_revoked(
        self, site: ProviderSite, values: dict[str, Any]
    ) -> None:
        site.set_request("login", skip=True, subject=ALICE)
        site.set_result("login", "reject")
        site.set_identity(**values)
        allow_revocation(site)
        assert site.get("login")["Location"] == NEXT
        [body] = site.list_bodies("PUT", "login/reject")
        assert body == {"error": "access_denied", "error_description": "The account is not active."}
        assert site.list_targets("DELETE") == REVOKED

    @pytest.mark.parametrize("skip", [True, False])
    def test_inactive_django_user_is_rejected_and_revoked(self, site: ProviderSite, skip: bool) -> None:
        link_inactive_user()
        site.set_request("login", skip=skip, subject=ALICE if skip else "")
        site.set_result("login", "reject")
        site.set_identity()
        site.sign_in()
        allow_revocation(site)
        site.get("login")
        assert site.list_bodies("PUT", "login/reject")
        assert site.list_targets("DELETE") == REVOKED

    def test_subject_without_an_identity_is_rejected(self, site: ProviderSite) -> None:
        site.set_request("login", skip=True, subject="not a uuid")
        site.set_result("login", "reject")
        allow_revocation(site)
        site.get("login")
        assert site.list_bodies("PUT", "login/reject")

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
    def test_error_of_another_server_is_an_outage(
        self, site: ProviderSite, kind: str, status: int, body: str
    ) -> None:
        site.set_request(kind, skip=True, subject=ALICE, request_url=auth_url(prompt="none"))
        site.set_result(kind, "reject")
        site.set_result(kind, "accept")
        consent = {"consent_request": {"client": {"client_id": "app"}}, "grant_scope": ["openid"]}
        site.ory.respond("GET /admin/oauth2/auth/sessions/consent", json=[consent])
        site.ory.respond(f"GET /admin/identities/{ALICE}", body=body, status=status)
        allow_revocation(site)
        assert site.get(kind).status_code == 503
        assert site.list_targets("PUT") == []
        assert site.list_targets("DELETE") == []

    def test_silent_top_level_request_without_a_session_is_rejected(self, site: ProviderSite) -> None:
        site.set_request("login", skip=True, subject=ALICE, request_url=auth_url(prompt="none"))
        site.set_result("login", "accept")
        site.set_result("login", "reject")
        site.set_identity()
        for destination, error in (("iframe", []), ("document", ["login_required"])):
            site.browser.get(
                "/auth/oauth2/login/",
                {"login_challenge": "c"},
                headers={"Sec-Fetch-Dest": destination},
            )
            assert [body["error"] for body in site.list_bodies("PUT", "login/reject")] == error
        assert len(site.list_bodies("PUT", "login/accept")) == 1

    def test_unknown_prompt_is_rejected_and_revokes_nothing(self, site: ProviderSite) -> None:
        site.set_request("login", request_url=auth_url(prompt="bogus"))
        site.set_result("login", "reject")
        site.sign_in()
        site.get("login")
        assert site.list_bodies("PUT", "login/reject")[0]["error"] == "invalid_request"
        assert site.list_targets("DELETE") == []


class TestRequireLogin:
    def test_return_to_has_the_challenge(self, site: ProviderSite) -> None:
        site.set_request("login")
        response = site.get("login", "c" * 1200)
        assert response["Location"].startswith("/auth/login/?")
        query = parse_query(response["Location"])
        assert set(query) == {"return_to", "client"}
        assert read_client_name(query["client"]) == "Photo Lab"
        assert query["return_to"].startswith("http://testserver/auth/oauth2/login/?")
        assert parse_query(query["return_to"])["login_challenge"] == "c" * 1200

    def test_return_to_has_a_challenge_of_7000_characters(self, site: ProviderSite) -> None:
        site.set_request("login")
        response = site.get("login", "c" * 7000)
        assert parse_query(parse_query(response["Location"])["return_to"])["login_challenge"] == "c" * 7000

    def test_prompt_registration_opens_the_registration_page(self, site: ProviderSite) -> None:
        site.set_request("login", request_url=auth_url(prompt="registration"))
        response = site.get("login")
        assert response["Location"].startswith(
            "/auth/registration/?return_to=http%3A%2F%2Ftestserver%2Fauth%2Foauth2"
        )
        assert read_client_name(parse_query(response["Location"])["client"]) == "Photo Lab"

    def test_prompt_login_accepts_a_later_login(self, site: ProviderSite) -> None:
        site.set_request("login", request_url=auth_url(prompt="login"))
        site.set_result("login", "accept")
        site.sign_in(ago=5)
        sent = parse_query(site.get("login")["Location"])
        assert sent["refresh"] == "true"
        back = parse_query(sent["return_to"])
        page = site.get("login", state=back["state"])  # without a new login
        assert page.status_code == 403
        assert b"Sign in again to continue" in page.content
        assert b"refresh=true" in page.content
        site.sign_in(ago=-1)
        assert site.get("login", state=back["state"])["Location"] == NEXT
        assert len(site.list_bodies("PUT", "login/accept")) == 1

    @pytest.mark.parametrize(
        ("method", "credentials", "asked"),
        [("totp", {"totp": {}}, True), ("code", {"code": {}}, True), ("totp", {"password": {}}, False)],
    )
    def test_prompt_login_requires_both_factors(
        self, site: ProviderSite, method: str, credentials: Any, asked: bool
    ) -> None:
        site.set_request("login", request_url=auth_url(prompt="login"))
        site.set_result("login", "accept")
        site.set_identity(credentials=credentials)
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

        site.sign_in(**methods(before, before))
        sent = parse_query(site.get("login")["Location"])
        assert (sent["refresh"], sent.get("aal")) == ("true", None)
        state = parse_query(sent["return_to"])["state"]
        site.sign_in(**methods(before, after))
        assert site.get("login", state=state).status_code == 403  # the second factor alone is not sufficient
        site.sign_in(**methods(after, before))
        response = site.get("login", state=state)
        if not asked:  # the only second factor was removed
            assert response["Location"] == NEXT
            return
        sent = parse_query(response["Location"])
        assert (sent["refresh"], sent["aal"]) == ("true", "aal2")
        site.sign_in(**methods(after, after))
        assert site.get("login", state=parse_query(sent["return_to"])["state"])["Location"] == NEXT

    @pytest.mark.parametrize("state", ["", "x", "WzAsMF0:forged:signature", "x" * 3000])
    def test_forged_state_is_ignored(self, site: ProviderSite, state: str) -> None:
        site.set_request("login", request_url=auth_url(prompt="login"))
        site.sign_in(ago=0)
        assert "refresh=true" in site.get("login", state=state)["Location"]

    def test_state_of_another_challenge_is_ignored(self, site: ProviderSite) -> None:
        site.set_request("login", request_url=auth_url(prompt="login"))
        site.sign_in(ago=-5)
        state = parse_query(parse_query(site.get("login", "one")["Location"])["return_to"])["state"]
        assert site.get("login", "another", state=state).status_code == 302

    def test_return_without_a_session_shows_a_page(self, site: ProviderSite) -> None:
        site.set_request("login")
        state = parse_query(parse_query(site.get("login")["Location"])["return_to"])["state"]
        page = site.get("login", state=state)
        assert page.status_code == 403
        assert b"Sign in to continue" in page.content

    def test_second_factor_required_by_kratos(self, site: ProviderSite) -> None:
        site.set_request("login")
        site.set_whoami(403, {"error": {"id": "session_aal2_required", "code": 403}})
        assert parse_query(site.get("login")["Location"])["aal"] == "aal2"

    def test_second_factor_requested_by_the_client(self, site: ProviderSite) -> None:
        site.set_request("login", oidc_context={"acr_values": ["aal2"]})
        site.sign_in()
        site.set_identity(credentials={"password": {}, "totp": {}})
        sent = parse_query(site.get("login")["Location"])
        assert sent["aal"] == "aal2"
        site.set_result("login", "accept")
        state = parse_query(sent["return_to"])["state"]
        assert site.get("login", state=state)["Location"] == NEXT

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
    def test_step_up_needs_an_existing_second_factor(
        self, site: ProviderSite, credentials: Any, has_one: bool
    ) -> None:
        site.set_request("login", oidc_context={"acr_values": ["aal2"]})
        site.set_result("login", "accept")
        site.sign_in()
        site.set_identity(credentials=credentials)
        location = site.get("login")["Location"]
        assert ("aal=aal2" in location) is has_one
        assert [body["acr"] for body in site.list_bodies("PUT", "login/accept")] == (
            [] if has_one else ["aal1"]
        )

    def test_kratos_without_webauthn_configuration_steps_up_with_totp(self, site: ProviderSite) -> None:
        site.set_request("login", oidc_context={"acr_values": ["aal2"]})
        site.sign_in()

        def respond(request: FakeRequest) -> FakeResponse:
            if request.get_query("include_credential"):
                return FakeResponse(400, b"{}")
            return json_response(build_identity(credentials={"totp": {}}))

        site.ory.respond(f"GET /admin/identities/{ALICE}", respond)
        assert "aal=aal2" in site.get("login")["Location"]

    def test_remembered_login_with_an_ended_session_requires_a_login(self, site: ProviderSite) -> None:
        site.set_request("login", skip=True, subject=ALICE)
        site.set_identity()
        site.set_whoami(401, {"error": {"code": 401}})
        assert site.get("login")["Location"] == auth_url(prompt="login")
        assert site.list_targets("PUT") == []

    def test_remembered_login_without_a_session_requires_a_login(self, site: ProviderSite) -> None:
        site.set_request("login", skip=True, subject=ALICE)
        site.set_identity()
        assert site.get("login")["Location"] == auth_url(prompt="login")
        assert site.list_targets("PUT") == []

    def test_fixed_prompt_ends_hydras_session(self, site: ProviderSite) -> None:
        url = auth_url(scope="openid", request=build_request_object(prompt="consent"))
        site.set_request("login", skip=True, subject=ALICE, session_id="s1", request_url=url)
        site.set_identity()
        allow_revocation(site)
        assert site.get("login")["Location"].startswith(f"{HYDRA}/oauth2/auth?")
        assert site.list_targets("DELETE") == ["admin/oauth2/auth/sessions/login?sid=s1"]
        assert site.list_targets("PUT") == []

    def test_remembered_login_of_another_user_requires_a_login(self, site: ProviderSite) -> None:
        site.set_request("login", skip=True, subject=ALICE)
        site.set_identity()
        site.sign_in(BOB)
        assert site.get("login")["Location"] == auth_url(prompt="login")
        assert site.list_targets("PUT") == []


class TestErrors:
    def test_missing_challenge_shows_a_page(self, site: ProviderSite) -> None:
        response = site.browser.get("/auth/oauth2/login/")
        assert response.status_code == 400
        assert b"This page cannot be opened directly" in response.content

    @pytest.mark.parametrize("challenge", ["c" * 20_000, "\x00", "a\nb", "\u202e"])
    def test_invalid_challenge_is_not_sent_to_hydra(self, site: ProviderSite, challenge: str) -> None:
        assert site.get("login", challenge).status_code == 404
        assert len(site.ory.requests) == 0

    @pytest.mark.parametrize(
        ("status", "body", "shown"),
        [
            (401, {"error": "request_unauthorized"}, 410),
            (404, {"error": "Not Found", "error_description": ""}, 404),
            (404, {"detail": "Not Found"}, 503),  # another server
            (404, "<html>", 503),
            (400, {"error": "invalid_request"}, 404),
            (409, {"error": "Unable to insert or update resource because"}, 410),
            (500, {"error": "error"}, 503),
            (502, "<html>", 503),
            (200, [], 503),
            (200, {"challenge": 1, "client": 7}, 503),
        ],
    )
    def test_status_for_an_error_of_hydra(
        self, site: ProviderSite, status: int, body: Any, shown: int
    ) -> None:
        site.set_request("login", status=status, body=body)
        response = site.get("login")
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
    def test_outage_is_logged_with_the_service(
        self,
        site: ProviderSite,
        caplog: pytest.LogCaptureFixture,
        whose: str,
        answer: dict[str, Any],
        retry_after: str,
    ) -> None:
        received: list[Any] = []

        def listen(**values: Any) -> None:
            received.append((values["alias"], values["error"], values["request"].path))

        ory_unavailable.connect(listen)
        if whose == "Hydra":
            site.ory.respond("GET /admin/oauth2/auth/requests/login", **answer)
        else:
            site.set_request("login", skip=True, subject=ALICE)
            site.ory.respond(f"GET /admin/identities/{ALICE}", **answer)
        response = site.get("login", "a-secret-challenge")
        assert (response.status_code, response["Retry-After"]) == (503, retry_after)
        [line] = [r.getMessage() for r in caplog.records if r.name == "django_ory"]
        url = HYDRA_ADMIN if whose == "Hydra" else KRATOS_ADMIN
        assert line.startswith(f"{whose} is unavailable for a page (project default, {url}): GET /admin/")
        assert "a-secret-challenge" not in line
        assert [(alias, path) for alias, _, path in received] == [("default", "/auth/oauth2/login/")]
        ory_unavailable.disconnect(listen)

    def test_rejected_response_is_logged(self, site: ProviderSite, caplog: pytest.LogCaptureFixture) -> None:
        site.set_request("login")
        site.sign_in()
        site.ory.respond(
            "PUT /admin/oauth2/auth/requests/login/accept",
            json={"error": "invalid_request", "error_description": 'unknown field "remember_for"'},
            status=400,
        )
        assert site.get("login", "a-secret-challenge").status_code == 404
        [line] = [r.getMessage() for r in caplog.records if r.name == "django_ory.provider"]
        assert "PUT /admin/oauth2/auth/requests/login/accept: 400 Bad Request [invalid_request]" in line
        assert "a-secret-challenge" not in caplog.text

    def test_unknown_challenges_are_logged_once(
        self, site: ProviderSite, caplog: pytest.LogCaptureFixture
    ) -> None:
        site.set_request("login", status=404, body={"error": "Not Found", "error_description": ""})
        for challenge in ("a-secret", "another-secret"):
            site.get("login", challenge)
        names = [r.name for r in caplog.records if r.name.startswith("django_ory") and r.levelno > 10]
        assert names == ["django_ory.provider", "django_ory.audit", "django_ory.audit"]
        assert "secret" not in caplog.text

    def test_kratos_outage_uses_no_cached_session(self, site: ProviderSite, settings: Any) -> None:
        """Settings that allow cached sessions do not count for other sites."""
        ory = {**settings.ORY["default"], "SESSION_CACHE_SECONDS": 60, "WHEN_UNAVAILABLE_SAFE": "stale"}
        settings.ORY = {"default": ory}
        site.set_request("login")
        site.set_result("login", "accept")
        site.sign_in()
        assert site.get("login")["Location"] == NEXT
        site.set_whoami(500, {})
        assert site.get("login").status_code == 503
        assert len(site.list_bodies("PUT", "login/accept")) == 1

    def test_kratos_outage_is_a_503(self, site: ProviderSite) -> None:
        site.set_request("login")
        site.set_whoami(500, {})
        assert site.get("login").status_code == 503

    def test_challenge_that_expires_before_the_acceptance_shows_expired(self, site: ProviderSite) -> None:
        site.set_request("login")
        site.sign_in()
        site.ory.respond(
            "PUT /admin/oauth2/auth/requests/login/accept",
            json={"error": "request_unauthorized"},
            status=401,
        )
        assert site.get("login").status_code == 410

    def test_expired_challenge_links_to_the_app(self, site: ProviderSite) -> None:
        site.set_request("login")
        state = parse_query(parse_query(site.get("login")["Location"])["return_to"])["state"]
        site.set_request("login", status=401, body={"error": "request_unauthorized"})
        response = site.get("login", state=state)
        assert b'href="https://photos.example/"' in response.content
        assert b"Go to Photo Lab" in response.content

    def test_expired_challenge_has_no_javascript_link(self, site: ProviderSite) -> None:
        site.set_request("login", client={"client_id": "app", "client_uri": "javascript:alert(1)"})
        state = parse_query(parse_query(site.get("login")["Location"])["return_to"])["state"]
        site.set_request("login", status=401, body={"error": "request_unauthorized"})
        assert b"javascript" not in site.get("login", state=state).content

    def test_used_challenge_restarts_at_hydra(self, site: ProviderSite) -> None:
        site.set_request("login", status=410, body={"redirect_to": auth_url()})
        assert site.get("login")["Location"] == auth_url()

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
    def test_redirect_to_another_server_shows_a_page(
        self, site: ProviderSite, to: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        site.set_request("login")
        site.sign_in()
        site.set_result("login", "accept", to=to)
        response = site.get("login")
        assert response.status_code == 503
        assert "Location" not in response
        assert b"evil" not in response.content
        assert [r.levelno for r in caplog.records if r.name == "django_ory.provider"] == [logging.ERROR]

    def test_project_without_hydra_is_not_found(self, site: ProviderSite, settings: Any) -> None:
        settings.ORY = {"default": {"KRATOS_PUBLIC_URL": KRATOS}}
        assert site.get("login").status_code == 404

    def test_missing_kratos_admin_url_is_a_503(self, site: ProviderSite, settings: Any) -> None:
        settings.ORY = {
            "default": {
                "KRATOS_PUBLIC_URL": KRATOS,
                "HYDRA_PUBLIC_URL": HYDRA,
                "HYDRA_ADMIN_URL": HYDRA_ADMIN,
            }
        }
        site.set_request("login", skip=True, subject=ALICE)
        assert site.get("login").status_code == 503

    @pytest.mark.parametrize("method", ["post", "head", "put"])
    def test_other_methods_accept_nothing(self, site: ProviderSite, method: str) -> None:
        response = getattr(site.browser, method)("/auth/oauth2/login/?login_challenge=c")
        assert response.status_code in (400, 405)
        assert site.list_targets("PUT") == []


@pytest.mark.parametrize("base", [HYDRA, ""])
def test_device_request_without_a_session_ends_hydras_session(site: ProviderSite, base: str) -> None:
    """The response of Hydra v26.2.0. Restarting with ``prompt=login`` alone would loop."""
    path = "/oauth2/device/verify?client_id=app&device_verifier=v&user_code=%2A%2A%2A%2A"
    site.set_request(
        "login", skip=True, subject=ALICE, session_id="s1", oidc_context=None, request_url=f"{base}{path}"
    )
    site.set_identity()
    site.ory.respond("DELETE /admin/oauth2/auth/sessions/login", status=204)
    response = site.get("login")
    assert site.list_targets("DELETE") == ["admin/oauth2/auth/sessions/login?sid=s1"]
    assert response["Location"].startswith(f"{HYDRA}/oauth2/device/verify?client_id=app&device_verifier=v&")
    assert site.list_targets("PUT") == []
