"""The logout page, and the sessions that a logout ends."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from django_ory.client_metadata import SELF_REGISTERED

from .provider_site import ALICE, BOB, HYDRA, KRATOS, ProviderSite

DONE = f"{HYDRA}/oauth2/sessions/logout?logout_verifier=v"


def set_logout(site: ProviderSite, **values: Any) -> None:
    site.set_request(
        "logout",
        **{"subject": ALICE, "rp_initiated": True, "request_url": "/oauth2/sessions/logout", **values},
    )
    site.set_result("logout", "accept", to=DONE)
    site.ory.respond("PUT /admin/oauth2/auth/requests/logout/reject", status=204)
    site.allow_logout()


def set_client(site: ProviderSite, *, status: int = 200, **values: Any) -> None:
    site.ory.respond("GET /admin/clients/app", json={"client_id": "app", **values}, status=status)


class TestPage:
    def test_page_asks_for_the_client(self, site: ProviderSite) -> None:
        set_logout(site)
        response = site.get("logout")
        assert response.status_code == 200
        assert b"Photo Lab" in response.content
        assert b"Stay signed in" in response.content
        assert response["Referrer-Policy"] == "same-origin"
        assert site.list_targets("PUT") == []

    @pytest.mark.parametrize(("metadata", "is_marked"), [(SELF_REGISTERED, True), ({}, False)])
    def test_client_that_staff_do_not_know_is_marked(
        self, site: ProviderSite, metadata: Any, is_marked: bool
    ) -> None:
        client = {"client_id": "app", "client_name": "Bank", "metadata": metadata}
        set_logout(site, client=client)
        page = site.get("logout").content.decode()
        assert "<bdi>Bank</bdi>" in page
        assert ("Not verified" in page) is is_marked

    def test_page_without_a_client_names_none(self, site: ProviderSite) -> None:
        set_logout(site, client=None, rp_initiated=False)
        response = site.get("logout")
        assert response.status_code == 200
        assert b"wants to sign you out" not in response.content

    def test_post_without_a_button_shows_the_page(self, site: ProviderSite) -> None:
        set_logout(site)
        assert site.post("logout").status_code == 200
        assert site.list_targets("PUT") == []


class TestAccept:
    def test_accepted_logout_ends_kratos_and_django_session(self, site: ProviderSite) -> None:
        set_logout(site)
        site.sign_in()
        site.browser.force_login(get_user_model().objects.create(email="alice@example.org"))
        site.sign_in()
        response = site.post("logout", accept="1")
        assert response["Location"] == DONE
        assert response.cookies["ory_kratos_session"]["max-age"] == "0"
        assert site.has_logged_out()
        assert "_auth_user_id" not in site.browser.session

    def test_session_of_another_user_is_kept(self, site: ProviderSite) -> None:
        set_logout(site)
        site.sign_in(BOB)
        assert site.post("logout", accept="1")["Location"] == DONE
        assert not site.has_logged_out()

    def test_accepted_logout_needs_no_session(self, site: ProviderSite) -> None:
        set_logout(site)
        assert site.post("logout", accept="1")["Location"] == DONE

    def test_session_without_the_second_factor_is_ended(self, site: ProviderSite) -> None:
        """Kratos does not return a session without the second factor, but it exists."""
        set_logout(site)
        site.browser.force_login(get_user_model().objects.create(email="alice@example.org"))
        site.set_whoami(403, {"error": {"id": "session_aal2_required", "code": 403}})
        assert site.post("logout", accept="1")["Location"] == DONE
        assert site.has_logged_out()
        assert "_auth_user_id" not in site.browser.session

    @pytest.mark.parametrize("has_second_factor", [True, False])
    @pytest.mark.parametrize(
        ("create", "submit", "status"), [(401, 204, 302), (200, 401, 302), (500, 204, 503), (200, 500, 503)]
    )
    def test_failure_of_kratos_is_a_503_unless_the_session_has_ended(
        self, site: ProviderSite, has_second_factor: bool, create: int, submit: int, status: int
    ) -> None:
        set_logout(site)
        if has_second_factor:
            site.sign_in()
        else:
            site.set_whoami(403, {"error": {"id": "session_aal2_required", "code": 403}})
        site.allow_logout(create=create, submit=submit)
        assert site.post("logout", accept="1").status_code == status

    def test_post_without_csrf_token_is_rejected(self, site: ProviderSite) -> None:
        set_logout(site)
        site.browser = Client(enforce_csrf_checks=True)
        assert site.post("logout", accept="1").status_code == 403
        assert site.list_targets("PUT") == []

    def test_acceptance_after_a_rejection_is_not_sent(self, site: ProviderSite) -> None:
        site.set_request(
            "logout", status=404, body={"error": "Unable to locate the resource", "error_description": ""}
        )
        site.set_result("logout", "accept", to=DONE)
        assert site.post("logout", accept="1").status_code == 404
        assert site.list_targets("PUT") == []

    def test_kratos_outage_is_a_503(self, site: ProviderSite) -> None:
        set_logout(site)
        site.set_whoami(500, {})
        assert site.post("logout", accept="1").status_code == 503


def test_rejected_logout_redirects_to_the_site(site: ProviderSite) -> None:
    set_logout(site)
    site.sign_in()
    assert site.post("logout", reject="1")["Location"] == "/"
    assert site.list_bodies("PUT", "logout/accept") == []
    assert not site.has_logged_out()


class TestSkip:
    def test_client_with_skip_logout_consent_is_accepted(self, site: ProviderSite) -> None:
        set_logout(site, client={"client_id": "app", "skip_logout_consent": True})
        set_client(site, skip_logout_consent=True)
        site.sign_in()
        assert site.get("logout")["Location"] == DONE
        assert site.has_logged_out()

    @pytest.mark.parametrize("now", [{}, {"skip_logout_consent": False}, {"status": 404}])
    def test_current_client_decides_about_skip(self, site: ProviderSite, now: dict[str, Any]) -> None:
        set_logout(site, client={"client_id": "app", "skip_logout_consent": True})
        set_client(site, **now)
        assert site.get("logout").status_code == 200

    @pytest.mark.parametrize("client_id", ["..", "a/b"])
    def test_client_that_hydra_cannot_return_does_not_skip(self, site: ProviderSite, client_id: str) -> None:
        set_logout(site, client={"client_id": client_id, "skip_logout_consent": True})
        assert site.get("logout").status_code == 200

    @pytest.mark.parametrize("subject", [ALICE, BOB])
    def test_session_without_the_second_factor_is_ended_by_post_only(
        self, site: ProviderSite, subject: str
    ) -> None:
        """Kratos does not return its owner, and the challenge may be another user's."""
        set_logout(site, subject=subject, client={"client_id": "app", "skip_logout_consent": True})
        set_client(site, skip_logout_consent=True)
        site.set_whoami(403, {"error": {"id": "session_aal2_required", "code": 403}})
        assert site.get("logout").status_code == 200
        assert site.list_targets("PUT") == []
        assert not [path for path in site.list_targets("GET") if path.startswith("self-service/")]

    def test_skip_keeps_the_session_of_another_user(self, site: ProviderSite) -> None:
        set_logout(site, client={"client_id": "app", "skip_logout_consent": True})
        set_client(site, skip_logout_consent=True)
        site.sign_in(BOB)
        assert site.get("logout")["Location"] == DONE
        assert not site.has_logged_out()

    def test_kratos_outage_is_a_503(self, site: ProviderSite) -> None:
        set_logout(site, client={"client_id": "app", "skip_logout_consent": True})
        set_client(site, skip_logout_consent=True)
        site.set_whoami(500, {})
        assert site.get("logout").status_code == 503
        assert site.list_targets("PUT") == []

    def test_logout_without_a_client_asks(self, site: ProviderSite) -> None:
        set_logout(site, rp_initiated=False, client={"client_id": "app", "skip_logout_consent": True})
        assert site.get("logout").status_code == 200


class TestErrors:
    def test_used_challenge_shows_signed_out(self, site: ProviderSite) -> None:
        set_logout(site, status=410, body={"redirect_to": "/oauth2/sessions/logout"})
        response = site.get("logout")
        assert response.status_code == 200
        assert b"You are signed out" in response.content

    def test_missing_challenge_shows_a_page(self, site: ProviderSite) -> None:
        assert site.browser.get("/auth/oauth2/logout/").status_code == 400

    def test_relative_redirect_leads_to_hydra(self, site: ProviderSite) -> None:
        site.set_request("logout", subject=ALICE)
        site.set_result("logout", "accept", to="/oauth2/sessions/logout?logout_verifier=v")
        assert site.post("logout", accept="1")["Location"] == DONE

    def test_relative_redirect_uses_hydra_browser_url(self, site: ProviderSite, settings: Any) -> None:
        ory = {
            **settings.ORY["default"],
            "HYDRA_BROWSER_URL": "https://id.example",
            "KRATOS_PUBLIC_URL": KRATOS,
        }
        settings.ORY = {"default": ory}
        site.set_request("logout", subject=ALICE)
        site.set_result("logout", "accept", to="/oauth2/sessions/logout?logout_verifier=v")
        response = site.post("logout", accept="1")
        assert response["Location"] == "https://id.example/oauth2/sessions/logout?logout_verifier=v"
