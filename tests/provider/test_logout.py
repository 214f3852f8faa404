"""The logout page: who is asked, and whose sessions end."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from .stage import ALICE, BOB, HYDRA, KRATOS, SESSION, Stage

DONE = f"{HYDRA}/oauth2/sessions/logout?logout_verifier=v"


def asks(stage: Stage, **values: Any) -> None:
    stage.asks(
        "logout",
        **{"subject": ALICE, "rp_initiated": True, "request_url": "/oauth2/sessions/logout", **values},
    )
    stage.answers("logout", "accept", to=DONE)
    stage.ory.respond("PUT /admin/oauth2/auth/requests/logout/reject", status=204)
    stage.ory.respond(f"DELETE /admin/sessions/{SESSION}", status=204)


def registered(stage: Stage, *, status: int = 200, **values: Any) -> None:
    stage.ory.respond("GET /admin/clients/app", json={"client_id": "app", **values}, status=status)


class TestPage:
    def test_asks(self, stage: Stage) -> None:
        asks(stage)
        response = stage.get("logout")
        assert response.status_code == 200
        assert b"Photo Lab" in response.content
        assert b"Stay signed in" in response.content
        assert response["Referrer-Policy"] == "same-origin"
        assert stage.paths("PUT") == []

    def test_asks_for_itself_when_no_client_does(self, stage: Stage) -> None:
        asks(stage, client=None, rp_initiated=False)
        response = stage.get("logout")
        assert response.status_code == 200
        assert b"wants to sign you out" not in response.content

    def test_asks_again_without_a_button(self, stage: Stage) -> None:
        asks(stage)
        assert stage.post("logout").status_code == 200
        assert stage.paths("PUT") == []


class TestAccept:
    def test_ends_our_session_too(self, stage: Stage) -> None:
        asks(stage)
        stage.sign_in()
        stage.browser.force_login(get_user_model().objects.create(email="alice@example.org"))
        stage.sign_in()
        assert stage.post("logout", accept="1")["Location"] == DONE
        assert stage.paths("DELETE") == [f"admin/sessions/{SESSION}"]
        assert "_auth_user_id" not in stage.browser.session

    def test_leaves_somebody_elses_alone(self, stage: Stage) -> None:
        asks(stage)
        stage.sign_in(BOB)
        assert stage.post("logout", accept="1")["Location"] == DONE
        assert stage.paths("DELETE") == []

    def test_needs_no_session(self, stage: Stage) -> None:
        asks(stage)
        assert stage.post("logout", accept="1")["Location"] == DONE

    def test_ends_half_a_sign_in_too(self, stage: Stage) -> None:
        """Whoever owes the second factor is not shown by Kratos, and has a session all the same."""
        asks(stage)
        stage.browser.force_login(get_user_model().objects.create(email="alice@example.org"))
        stage.kratos_says(403, {"error": {"id": "session_aal2_required", "code": 403}})
        stage.ory.respond(
            "GET /self-service/logout/browser",
            json={"logout_token": "t", "logout_url": f"{KRATOS}/self-service/logout?token=t"},
        )
        stage.ory.respond("GET /self-service/logout", status=204)
        assert stage.post("logout", accept="1")["Location"] == DONE
        last = stage.ory.requests[-1]
        assert (last.target, last.headers["Cookie"]) == (
            "/self-service/logout?token=t",
            "ory_kratos_session=secret",
        )
        assert "_auth_user_id" not in stage.browser.session

    @pytest.mark.parametrize(("status", "shown"), [(401, 302), (500, 503)])
    def test_half_a_sign_in_that_does_not_end(self, stage: Stage, status: int, shown: int) -> None:
        asks(stage)
        stage.kratos_says(403, {"error": {"id": "session_aal2_required", "code": 403}})
        stage.ory.respond("GET /self-service/logout/browser", json={}, status=status)
        assert stage.post("logout", accept="1").status_code == shown

    def test_does_not_say_it_worked_when_kratos_failed(self, stage: Stage) -> None:
        asks(stage)
        stage.sign_in()
        stage.ory.respond(f"DELETE /admin/sessions/{SESSION}", status=500)
        assert stage.post("logout", accept="1").status_code == 503

    def test_a_session_that_ended_meanwhile_has_ended(self, stage: Stage) -> None:
        asks(stage)
        stage.sign_in()
        stage.ory.respond(f"DELETE /admin/sessions/{SESSION}", status=404)
        assert stage.post("logout", accept="1")["Location"] == DONE

    def test_needs_the_csrf_token(self, stage: Stage) -> None:
        asks(stage)
        stage.browser = Client(enforce_csrf_checks=True)
        assert stage.post("logout", accept="1").status_code == 403
        assert stage.paths("PUT") == []

    def test_never_after_a_rejection(self, stage: Stage) -> None:
        stage.asks(
            "logout", status=404, body={"error": "Unable to locate the resource", "error_description": ""}
        )
        stage.answers("logout", "accept", to=DONE)
        assert stage.post("logout", accept="1").status_code == 404
        assert stage.paths("PUT") == []

    def test_kratos_is_down(self, stage: Stage) -> None:
        asks(stage)
        stage.kratos_says(500, {})
        assert stage.post("logout", accept="1").status_code == 503


def test_reject_stays_here(stage: Stage) -> None:
    asks(stage)
    stage.sign_in()
    assert stage.post("logout", reject="1")["Location"] == "/"
    assert stage.told("PUT", "logout/accept") == []
    assert stage.paths("DELETE") == []


class TestWithoutAsking:
    def test_a_client_that_is_registered_so(self, stage: Stage) -> None:
        asks(stage, client={"client_id": "app", "skip_logout_consent": True})
        registered(stage, skip_logout_consent=True)
        stage.sign_in()
        assert stage.get("logout")["Location"] == DONE
        assert stage.paths("DELETE") == [f"admin/sessions/{SESSION}"]

    @pytest.mark.parametrize("now", [{}, {"skip_logout_consent": False}, {"status": 404}])
    def test_its_word_of_now_counts(self, stage: Stage, now: dict[str, Any]) -> None:
        asks(stage, client={"client_id": "app", "skip_logout_consent": True})
        registered(stage, **now)
        assert stage.get("logout").status_code == 200

    @pytest.mark.parametrize("subject", [ALICE, BOB])
    def test_session_without_the_second_factor_is_ended_by_post_only(
        self, stage: Stage, subject: str
    ) -> None:
        """Kratos does not return its owner, and the challenge may be another person's."""
        asks(stage, subject=subject, client={"client_id": "app", "skip_logout_consent": True})
        registered(stage, skip_logout_consent=True)
        stage.kratos_says(403, {"error": {"id": "session_aal2_required", "code": 403}})
        assert stage.get("logout").status_code == 200
        assert stage.paths("PUT") == []
        assert not [path for path in stage.paths("GET") if path.startswith("self-service/")]

    def test_session_of_another_person_stays(self, stage: Stage) -> None:
        asks(stage, client={"client_id": "app", "skip_logout_consent": True})
        registered(stage, skip_logout_consent=True)
        stage.sign_in(BOB)
        assert stage.get("logout")["Location"] == DONE
        assert stage.paths("DELETE") == []

    def test_kratos_is_down(self, stage: Stage) -> None:
        asks(stage, client={"client_id": "app", "skip_logout_consent": True})
        registered(stage, skip_logout_consent=True)
        stage.kratos_says(500, {})
        assert stage.get("logout").status_code == 503
        assert stage.paths("PUT") == []

    def test_never_for_a_logout_that_no_client_started(self, stage: Stage) -> None:
        asks(stage, rp_initiated=False, client={"client_id": "app", "skip_logout_consent": True})
        assert stage.get("logout").status_code == 200


class TestGoesWrong:
    def test_used(self, stage: Stage) -> None:
        asks(stage, status=410, body={"redirect_to": "/oauth2/sessions/logout"})
        response = stage.get("logout")
        assert response.status_code == 200
        assert b"You are signed out" in response.content

    def test_missing(self, stage: Stage) -> None:
        assert stage.browser.get("/auth/oauth2/logout/").status_code == 400

    def test_a_relative_redirect_is_hydras(self, stage: Stage) -> None:
        stage.asks("logout", subject=ALICE)
        stage.answers("logout", "accept", to="/oauth2/sessions/logout?logout_verifier=v")
        assert stage.post("logout", accept="1")["Location"] == DONE

    def test_a_browser_url_of_its_own(self, stage: Stage, settings: Any) -> None:
        ory = {
            **settings.ORY["default"],
            "HYDRA_BROWSER_URL": "https://id.example",
            "KRATOS_PUBLIC_URL": KRATOS,
        }
        settings.ORY = {"default": ory}
        stage.asks("logout", subject=ALICE)
        stage.answers("logout", "accept", to="/oauth2/sessions/logout?logout_verifier=v")
        response = stage.post("logout", accept="1")
        assert response["Location"] == "https://id.example/oauth2/sessions/logout?logout_verifier=v"
