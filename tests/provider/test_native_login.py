"""Kratos accepts the logins itself: what this site still decides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from django_ory.models import HydraSession
from django_ory.provider.decisions.login import decide_native_login
from django_ory.provider.decisions.outcomes import INACTIVE_ACCOUNT, LOGIN_REQUIRED, RequireLogin
from django_ory.provider.single_logout import SIDS_KEY
from tests.support.kratos import ory_settings

from .contexts import ALICE, BOB, auth_url, build_login, build_login_context, build_session
from .provider_site import NEXT, SESSION, ProviderSite, parse_query

if TYPE_CHECKING:
    from pytest_django import Settings


@pytest.fixture
def native_site(site: ProviderSite, settings: Settings) -> ProviderSite:
    settings.ORY = ory_settings(OAUTH2_ACCOUNTS="kratos_native")
    return site


def decide(login: Any, session: Any = None, **values: Any) -> Any:
    return decide_native_login(build_login_context(login, session, **values))


class TestDecision:
    def test_new_login_is_that_of_kratos(self) -> None:
        assert decide(build_login(), build_session()) == RequireLogin()

    def test_remembered_login_is_that_of_kratos(self) -> None:
        assert decide(build_login(skip=True, subject=ALICE), build_session()) == RequireLogin()

    def test_prompt_registration_opens_the_sign_up(self) -> None:
        login = build_login(url=auth_url(prompt="registration"))
        assert decide(login) == RequireLogin(page="registration")

    @pytest.mark.parametrize("session", [None, build_session(subject=BOB)])
    def test_silent_request_without_the_session_is_rejected(self, session: Any) -> None:
        login = build_login(url=auth_url(prompt="none"), skip=True, subject=ALICE)
        assert decide(login, session) is LOGIN_REQUIRED

    def test_silent_request_with_the_session_is_that_of_kratos(self) -> None:
        login = build_login(url=auth_url(prompt="none"), skip=True, subject=ALICE)
        assert decide(login, build_session()) == RequireLogin()

    def test_inactive_account_is_rejected(self) -> None:
        login = build_login(skip=True, subject=ALICE)
        assert decide(login, build_session(), is_active=False) is INACTIVE_ACCOUNT

    def test_unknown_prompt_is_rejected(self) -> None:
        assert decide(build_login(url=auth_url(prompt="bogus"))).error == "invalid_request"


class TestViews:
    def test_challenge_is_passed_to_the_sign_in_page(self, native_site: ProviderSite) -> None:
        native_site.set_request("login")
        location = native_site.get("login")["Location"]
        assert location.startswith("/auth/login/?")
        assert parse_query(location).keys() == {"login_challenge", "client"}
        assert not native_site.list_targets("PUT")

    def test_consent_without_a_session_returns_to_the_consent(self, native_site: ProviderSite) -> None:
        native_site.set_request("consent", subject=ALICE, requested_scope=["openid"])
        query = parse_query(native_site.get("consent")["Location"])
        assert "consent_challenge=c" in query["return_to"]

    @pytest.mark.parametrize("trusted", [True, False])
    def test_consent_stores_the_session_of_hydra_for_the_logout(
        self, native_site: ProviderSite, trusted: bool
    ) -> None:
        client = {"client_id": "app", "skip_consent": trusted}
        native_site.ory.respond("GET /admin/clients/app", json=client)
        native_site.set_request("consent", subject=ALICE, client=client, login_session_id="sid-1")
        native_site.set_result("consent", "accept")
        native_site.set_identity()
        native_site.sign_in()
        assert native_site.post("consent", accept="1")["Location"] == NEXT
        assert native_site.browser.session[SIDS_KEY] == ["sid-1"]
        row = HydraSession.objects.get()
        assert (row.sid, row.subject, str(row.session_id)) == ("sid-1", ALICE, SESSION)

    def test_consent_of_kratos_mode_reads_no_session_for_a_trusted_client(self, site: ProviderSite) -> None:
        client = {"client_id": "app", "skip_consent": True}
        site.ory.respond("GET /admin/clients/app", json=client)
        site.set_request("consent", subject=ALICE, client=client, login_session_id="sid-1")
        site.set_result("consent", "accept")
        site.set_identity()
        assert site.get("consent")["Location"] == NEXT
        assert "sessions/whoami" not in site.list_targets("GET")
