"""A provider without Kratos: the users of Django sign in at the site's own sign-in page."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.utils.http import url_has_allowed_host_and_scheme

from django_ory.adapter import OryAdapter
from django_ory.provider.login_time import LOGIN_TIME_KEY
from django_ory.provider.views.confirm_login import MAX_ATTEMPTS_PER_USER

from .django_site import LOGIN_URL, PASSWORD, DjangoSite, build_ory_settings
from .provider_site import NEXT, auth_url, parse_query

if TYPE_CHECKING:
    from django.http import HttpResponse
    from pytest_django import Settings

CONFIRM_URL = "/auth/oauth2/login/confirm/"


class TwoFactors(OryAdapter):
    """A site with second factors of its own."""

    def get_user_assurance(self, request: Any, user: Any) -> Any:
        return "aal2", ["password", "totp"]


def view_as_other_user(get_response: Any) -> Any:
    """Middleware with which staff view the site as another user, without a login."""

    def respond(request: Any) -> Any:
        request.user = get_user_model().objects.get(email="other@example.org")
        return get_response(request)

    return respond


def request_login(site: DjangoSite, **values: Any) -> None:
    site.set_request("login", **values)
    site.set_result("login", "accept")
    site.set_result("login", "reject")


def confirm(site: DjangoSite, page: HttpResponse, **fields: str) -> HttpResponse:
    """Post the form of the page to which a response redirects."""
    url = page["Location"]
    assert url.startswith(CONFIRM_URL), url
    return site.browser.post(CONFIRM_URL, {"next": parse_query(url)["next"], **fields})  # type: ignore[return-value]


class TestLogin:
    def test_anonymous_user_is_sent_to_login_url_and_back(self, django_site: DjangoSite) -> None:
        request_login(django_site)
        sent = django_site.get("login")["Location"]
        assert sent.startswith(f"{LOGIN_URL}?next=/auth/oauth2/login/")
        user = django_site.create_user()
        django_site.sign_in_user(user)
        assert django_site.browser.get(parse_query(sent)["next"])["Location"] == NEXT

    def test_session_is_accepted_with_what_is_known(self, django_site: DjangoSite) -> None:
        user = django_site.create_user()
        django_site.sign_in_user(user)
        request_login(django_site)
        assert django_site.get("login")["Location"] == NEXT
        [body] = django_site.list_bodies("PUT", "login/accept")
        assert abs(body.pop("remember_for") - 14 * 24 * 3600) < 60  # the rest of the session
        assert abs(body.pop("context")["auth_time"] - time.time()) < 60
        assert body == {"subject": django_site.get_subject(user), "remember": True, "acr": "aal1"}
        assert [request.path.split("/")[1] for request in django_site.ory.requests] == ["admin", "admin"]

    def test_adapter_knows_level_and_methods(self, django_site: DjangoSite, settings: Settings) -> None:
        settings.ORY = build_ory_settings(ADAPTER=f"{__name__}.TwoFactors")
        django_site.sign_in_user(django_site.create_user())
        request_login(django_site)
        django_site.get("login")
        [body] = django_site.list_bodies("PUT", "login/accept")
        assert (body["acr"], body["amr"]) == ("aal2", ["pwd", "otp", "mfa"])

    def test_cookie_of_a_kratos_is_no_login(self, django_site: DjangoSite) -> None:
        django_site.browser.cookies["ory_kratos_session"] = "secret"
        request_login(django_site)
        assert django_site.get("login")["Location"].startswith(LOGIN_URL)
        assert not django_site.list_bodies("PUT", "login/accept")

    def test_user_that_a_middleware_set_is_no_login(
        self, django_site: DjangoSite, settings: Settings
    ) -> None:
        settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{__name__}.view_as_other_user"]
        django_site.create_user("other@example.org")
        django_site.sign_in_user(django_site.create_user())
        request_login(django_site)
        assert django_site.get("login")["Location"].startswith(LOGIN_URL)
        assert django_site.list_bodies("PUT", "login/accept") == []
        assert django_site.browser.get("/auth/settings/apps/")["Location"].startswith(LOGIN_URL)

    def test_session_until_the_browser_closes_is_remembered_for_a_while(
        self, django_site: DjangoSite, settings: Settings
    ) -> None:
        settings.SESSION_EXPIRE_AT_BROWSER_CLOSE = True
        django_site.sign_in_user(django_site.create_user())
        request_login(django_site)
        django_site.get("login")
        [body] = django_site.list_bodies("PUT", "login/accept")
        assert body["remember_for"] == 3600

    def test_session_without_a_login_time_has_no_auth_time(self, django_site: DjangoSite) -> None:
        django_site.sign_in_user(django_site.create_user())
        django_site.change_session(**{LOGIN_TIME_KEY: None})
        request_login(django_site)
        django_site.get("login")
        [body] = django_site.list_bodies("PUT", "login/accept")
        assert "context" not in body

    def test_remembered_inactive_user_is_rejected(self, django_site: DjangoSite) -> None:
        user = django_site.create_user()
        subject = django_site.get_subject(user)
        get_user_model().objects.update(is_active=False)
        request_login(django_site, skip=True, subject=subject)
        for kind in ("login", "consent"):
            django_site.ory.respond(f"DELETE /admin/oauth2/auth/sessions/{kind}", status=204)
        assert django_site.get("login")["Location"] == NEXT
        [body] = django_site.list_bodies("PUT", "login/reject")
        assert body["error"] == "access_denied"
        assert django_site.list_targets("DELETE")[0].endswith(f"subject={subject}")

    def test_remembered_login_of_another_user_restarts(self, django_site: DjangoSite) -> None:
        alice, bob = django_site.create_user(), django_site.create_user("bob@example.org")
        django_site.sign_in_user(bob)
        request_login(django_site, skip=True, subject=django_site.get_subject(alice))
        assert "prompt=login" in django_site.get("login")["Location"]

    def test_missing_subject_key_is_an_outage(self, django_site: DjangoSite, settings: Settings) -> None:
        settings.ORY = build_ory_settings(OAUTH2_SUBJECT_KEY="short", ADAPTER=f"{__name__}.PlainKeys")
        request_login(django_site)
        django_site.sign_in_user(django_site.create_user())
        assert django_site.get("login").status_code == 503


class PlainKeys(OryAdapter):
    """The default for numbers as primary keys, also with another user model."""

    def get_user_subject(self, user: Any) -> str:
        return self._get_subject_key()


class OwnSecondFactor(OryAdapter):
    """A site with a page for a second factor."""

    def get_user_assurance(self, request: Any, user: Any) -> Any:
        return ("aal2", ["password", "totp"]) if request.session.get("otp") else ("aal1", ["password"])

    def get_second_factor_url(self, user: Any) -> str:
        return "/accounts/otp/"


class TestSecondFactor:
    def test_requested_level_is_reached_on_the_page_of_the_site(
        self, django_site: DjangoSite, settings: Settings
    ) -> None:
        settings.ORY = build_ory_settings(ADAPTER=f"{__name__}.OwnSecondFactor")
        django_site.sign_in_user(django_site.create_user())
        request_login(django_site, oidc_context={"acr_values": ["aal2"]})
        sent = django_site.get("login")["Location"]
        assert sent.startswith("/accounts/otp/?next=/auth/oauth2/login/")
        back = parse_query(sent)["next"]
        assert django_site.browser.get(back)["Location"] == NEXT  # a preference, so no loop
        django_site.change_session(otp=True)
        django_site.browser.get(back)
        assert [body["acr"] for body in django_site.list_bodies("PUT", "login/accept")] == ["aal1", "aal2"]

    def test_site_without_a_second_factor_accepts_at_once(self, django_site: DjangoSite) -> None:
        django_site.sign_in_user(django_site.create_user())
        request_login(django_site, oidc_context={"acr_values": ["aal2"]})
        assert django_site.get("login")["Location"] == NEXT


class TestConfirmLogin:
    def start(self, site: DjangoSite, **parameters: str) -> tuple[Any, HttpResponse]:
        """Request another sign-in of a signed-in user."""
        user = site.create_user()
        site.sign_in_user(user)
        site.change_session(**{LOGIN_TIME_KEY: time.time() - 600})
        request_login(site, request_url=auth_url(**parameters))
        return user, site.get("login")

    @pytest.mark.parametrize("parameters", [{"prompt": "login"}, {"max_age": "60"}, {"max_age": "0"}])
    def test_fresh_login_needs_the_password(
        self, django_site: DjangoSite, parameters: dict[str, str]
    ) -> None:
        _user, page = self.start(django_site, **parameters)
        form = django_site.browser.get(page["Location"])
        assert b"alice@example.org" in form.content
        assert b'name="password"' in form.content
        response = confirm(django_site, page, password=PASSWORD)
        assert response.status_code == 303
        assert django_site.browser.get(response["Location"])["Location"] == NEXT
        [body] = django_site.list_bodies("PUT", "login/accept")
        assert abs(body["context"]["auth_time"] - time.time()) < 60

    def test_max_age_of_a_recent_login_needs_no_password(self, django_site: DjangoSite) -> None:
        _user, page = self.start(django_site, max_age="3600")
        assert page["Location"] == NEXT

    def test_wrong_password_is_an_error_at_the_field(self, django_site: DjangoSite) -> None:
        _user, page = self.start(django_site, prompt="login")
        response = confirm(django_site, page, password="wrong")
        assert response.status_code == 400
        assert b"The password is wrong" in response.content
        assert b'value="wrong"' not in response.content
        assert not django_site.list_bodies("PUT", "login/accept")

    def test_empty_password_is_not_checked(
        self, django_site: DjangoSite, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        _user, page = self.start(django_site, prompt="login")
        monkeypatch.setattr("django_ory.provider.views.confirm_login.authenticate", None)
        assert confirm(django_site, page).status_code == 400

    def test_many_attempts_are_refused_even_with_the_right_password(self, django_site: DjangoSite) -> None:
        _user, page = self.start(django_site, prompt="login")
        for _ in range(MAX_ATTEMPTS_PER_USER):
            confirm(django_site, page, password="wrong")
        response = confirm(django_site, page, password=PASSWORD)
        assert b"Too many attempts" in response.content
        cache.clear()
        assert confirm(django_site, page, password=PASSWORD).status_code == 303

    def test_return_without_a_login_shows_a_page(self, django_site: DjangoSite) -> None:
        _user, page = self.start(django_site, prompt="login")
        back = parse_query(page["Location"])["next"]
        response = django_site.browser.get(back)
        assert response.status_code == 403
        assert CONFIRM_URL.encode() in response.content

    def test_other_way_signs_out_first(self, django_site: DjangoSite) -> None:
        _user, page = self.start(django_site, prompt="login")
        response = confirm(django_site, page, other="1")
        assert response["Location"].startswith(f"{LOGIN_URL}?next=")
        assert "_auth_user_id" not in django_site.browser.session

    def test_user_without_a_password_has_only_the_other_way(self, django_site: DjangoSite) -> None:
        user, page = self.start(django_site, prompt="login")
        user.set_unusable_password()
        user.save()
        django_site.sign_in_user(user)
        content = django_site.browser.get(page["Location"]).content.decode()
        assert 'name="other"' in content
        assert 'name="password"' not in content

    def test_password_alone_does_not_repeat_a_second_factor(
        self, django_site: DjangoSite, settings: Settings
    ) -> None:
        settings.ORY = build_ory_settings(ADAPTER=f"{__name__}.TwoFactors")
        _user, page = self.start(django_site, prompt="login")
        before = django_site.browser.session[LOGIN_TIME_KEY]
        response = confirm(django_site, page, password=PASSWORD)
        assert response.status_code == 200
        assert b'name="password"' not in response.content
        assert django_site.browser.session[LOGIN_TIME_KEY] == before
        assert confirm(django_site, page, other="1")["Location"].startswith(LOGIN_URL)

    def test_anonymous_user_is_sent_to_login_url(self, django_site: DjangoSite) -> None:
        assert django_site.browser.get(CONFIRM_URL)["Location"].startswith(LOGIN_URL)

    def test_return_url_of_another_site_is_ignored(self, django_site: DjangoSite) -> None:
        django_site.sign_in_user(django_site.create_user())
        form = django_site.browser.get(CONFIRM_URL, {"next": "https://evil.example/"})
        assert b"evil.example" not in form.content
        response = django_site.browser.post(
            CONFIRM_URL, {"next": "https://evil.example/", "password": PASSWORD}
        )
        assert response["Location"] == "/"

    def test_page_does_not_exist_with_kratos(self, client: Any, db: None) -> None:
        assert client.get(CONFIRM_URL).status_code == 404


class TestLongChallenge:
    """Sign-in pages of Django ignore a ``next`` of more than 2,048 characters."""

    @pytest.mark.parametrize("length", [10, 1_200, 2_100, 7_000])
    def test_login_continues_after_the_sign_in(self, django_site: DjangoSite, length: int) -> None:
        challenge = ("Ab-_9=" * length)[:length]
        django_site.set_request("login")
        django_site.set_result("login", "accept")
        sent = django_site.get("login", challenge)
        back = parse_query(sent["Location"])["next"]
        assert url_has_allowed_host_and_scheme(back, {"testserver"})
        assert ("resume" in parse_query(back)) == (length > 1_200)
        for cookie in sent.cookies.values():
            assert cookie["path"] == "/auth/oauth2/login/"
            assert cookie["httponly"]
            assert cookie["samesite"] == "Lax"
        user = django_site.create_user()
        django_site.sign_in_user(user)
        assert django_site.browser.get(back)["Location"] == NEXT
        targets = [unquote(target) for target in django_site.list_targets("PUT")]
        assert targets == [f"admin/oauth2/auth/requests/login/accept?login_challenge={challenge}"]

    def test_challenge_too_long_for_cookies_is_lost_without_an_error(self, django_site: DjangoSite) -> None:
        request_login(django_site)
        sent = django_site.get("login", "=" * 16_384)
        assert not sent.cookies
        assert django_site.browser.get(parse_query(sent["Location"])["next"]).status_code == 400

    def test_fresh_login_is_proven_by_the_stored_state(self, django_site: DjangoSite) -> None:
        user = django_site.create_user()
        django_site.sign_in_user(user)
        request_login(django_site, request_url=auth_url(prompt="login"))
        page = django_site.get("login", "c" * 3_000)
        response = confirm(django_site, page, password=PASSWORD)
        assert django_site.browser.get(response["Location"])["Location"] == NEXT

    @pytest.mark.parametrize(
        "resume", ["", "1-", "5-" + "0" * 64, "1-" + "0" * 64, "x" * 10_000, "1-" + "é" * 64]
    )
    def test_wrong_way_back_has_no_challenge(self, django_site: DjangoSite, resume: str) -> None:
        request_login(django_site)
        django_site.get("login", "c" * 3_000)
        django_site.ory.requests.clear()
        response = django_site.browser.get("/auth/oauth2/login/", {"resume": resume})
        assert response.status_code == 400
        assert not django_site.ory.requests

    def test_way_back_of_an_older_login_has_no_challenge(self, django_site: DjangoSite) -> None:
        request_login(django_site)
        older = parse_query(django_site.get("login", "a" * 3_000)["Location"])["next"]
        newer = parse_query(django_site.get("login", "b" * 3_000)["Location"])["next"]
        assert django_site.browser.get(older).status_code == 400
        assert django_site.browser.get(newer).status_code == 403  # not signed in


class TestConsentAndLogout:
    def request_consent(self, site: DjangoSite, user: Any, **values: Any) -> None:
        subject = site.get_subject(user)
        site.set_request("consent", subject=subject, requested_scope=["openid", "email"], **values)
        site.set_result("consent", "accept")

    def test_consent_of_the_signed_in_user_is_granted(self, django_site: DjangoSite) -> None:
        user = django_site.create_user()
        django_site.sign_in_user(user)
        self.request_consent(django_site, user)
        page = django_site.get("consent")
        assert page.status_code == 200
        [state] = re.findall(r'name="state" value="([^"]*)"', page.content.decode())
        response = django_site.post("consent", accept="1", grant_scope=["openid"], state=state)
        assert response["Location"] == NEXT
        [body] = django_site.list_bodies("PUT", "consent/accept")
        assert body["grant_scope"] == ["openid"]

    def test_consent_of_another_user_restarts_the_login(self, django_site: DjangoSite) -> None:
        alice, bob = django_site.create_user(), django_site.create_user("bob@example.org")
        django_site.sign_in_user(bob)
        self.request_consent(django_site, alice)
        assert "prompt=login" in django_site.get("consent")["Location"]

    def test_inactive_user_gets_no_trusted_grant(self, django_site: DjangoSite) -> None:
        user = django_site.create_user()
        user.is_active = False
        user.save()
        trusted = {"client_id": "app", "skip_consent": True}
        django_site.ory.respond("GET /admin/clients/app", json=trusted)
        django_site.set_result("consent", "reject")
        for kind in ("login", "consent"):
            django_site.ory.respond(f"DELETE /admin/oauth2/auth/sessions/{kind}", status=204)
        self.request_consent(django_site, user, client=trusted)
        django_site.get("consent")
        [body] = django_site.list_bodies("PUT", "consent/reject")
        assert body["error"] == "access_denied"

    def test_logout_ends_the_django_session(self, django_site: DjangoSite) -> None:
        user = django_site.create_user()
        django_site.sign_in_user(user)
        django_site.set_request("logout", subject=django_site.get_subject(user), rp_initiated=True)
        django_site.set_result("logout", "accept")
        assert django_site.post("logout", accept="1")["Location"] == NEXT
        assert "_auth_user_id" not in django_site.browser.session

    def test_logout_of_another_subject_keeps_the_session(self, django_site: DjangoSite) -> None:
        alice, bob = django_site.create_user(), django_site.create_user("bob@example.org")
        django_site.sign_in_user(bob)
        django_site.set_request("logout", subject=django_site.get_subject(alice), rp_initiated=True)
        django_site.set_result("logout", "accept")
        django_site.post("logout", accept="1")
        assert "_auth_user_id" in django_site.browser.session


class TestLoginTime:
    def test_login_without_django_accounts_stores_nothing(self, client: Any, db: None) -> None:
        user = get_user_model().objects.create(email="alice@example.org")
        client.force_login(user, "django.contrib.auth.backends.ModelBackend")
        assert LOGIN_TIME_KEY not in client.session

    def test_login_elsewhere_does_not_make_this_session_fresh(self, django_site: DjangoSite) -> None:
        user = django_site.create_user()
        django_site.sign_in_user(user)
        django_site.change_session(**{LOGIN_TIME_KEY: time.time() - 600})
        type(django_site.browser)().force_login(user, "django.contrib.auth.backends.ModelBackend")
        request_login(django_site, request_url=auth_url(max_age="60"))
        assert django_site.get("login")["Location"].startswith(CONFIRM_URL)
