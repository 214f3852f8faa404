"""What a client knows about its user: the language (``ui_locales``) and the identifier (``login_hint``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.utils import translation

from django_ory.http.redirects import MAX_LOGIN_HINT_LENGTH
from tests.support.kratos import ory_settings

from .django_site import LOGIN_URL, DjangoSite
from .provider_site import ALICE, NEXT, ProviderSite, parse_query

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django import Settings

LOCALE_MIDDLEWARE = "django.middleware.locale.LocaleMiddleware"


@pytest.fixture
def languages(settings: Settings) -> Iterator[None]:
    """A site in three languages. Afterwards, this process has its language again."""
    after = settings.MIDDLEWARE.index("django.contrib.sessions.middleware.SessionMiddleware") + 1
    settings.MIDDLEWARE = [*settings.MIDDLEWARE[:after], LOCALE_MIDDLEWARE, *settings.MIDDLEWARE[after:]]
    settings.LANGUAGES = [("en", "English"), ("de", "German"), ("pt-br", "Portuguese")]
    with translation.override("en"):
        yield


def request_login(site: ProviderSite, **context: Any) -> Any:
    site.set_request("login", oidc_context=context)
    return site.get("login")


@pytest.mark.usefixtures("languages")
class TestLanguage:
    @pytest.mark.parametrize(
        ("ui_locales", "language"),
        [
            (["de"], "de"),
            (["de-AT", "en"], "de"),
            (["tlh", "pt_BR"], "pt-br"),
            (["tlh"], ""),
            ([], ""),
            (["x" * 10_000, "../../etc/passwd", "\r\nSet-Cookie: a=b", "", "de"], "de"),
            (["tlh"] * 10_000 + ["de"], ""),
        ],
    )
    def test_sign_in_has_the_first_supported_language(
        self, site: ProviderSite, ui_locales: list[str], language: str
    ) -> None:
        response = request_login(site, ui_locales=ui_locales)
        assert response["Location"].startswith("/auth/login/")
        cookie = response.cookies.get("django_language")
        assert (cookie.value if cookie else "") == language
        if cookie:
            assert cookie["max-age"] == 1800

    def test_consent_page_has_the_language(self, site: ProviderSite) -> None:
        site.set_request(
            "consent", subject=ALICE, requested_scope=["openid"], oidc_context={"ui_locales": ["de"]}
        )
        site.sign_in()
        response = site.get("consent")
        assert response["Content-Language"] == "de"
        assert b'lang="de"' in response.content
        assert "django_language" not in response.cookies

    def test_choice_of_the_user_counts_first(self, site: ProviderSite) -> None:
        site.browser.cookies["django_language"] = "en"
        response = request_login(site, ui_locales=["de"])
        assert "django_language" not in response.cookies
        assert response["Content-Language"] == "en"

    def test_unsupported_choice_does_not_count(self, site: ProviderSite) -> None:
        site.browser.cookies["django_language"] = "tlh"
        assert request_login(site, ui_locales=["de"]).cookies["django_language"].value == "de"

    def test_accepted_login_leaves_no_cookie(self, site: ProviderSite) -> None:
        site.sign_in()
        site.set_result("login", "accept")
        response = request_login(site, ui_locales=["de"])
        assert response["Location"] == NEXT
        assert "django_language" not in response.cookies

    def test_next_request_has_the_language_of_its_browser(self, site: ProviderSite) -> None:
        request_login(site, ui_locales=["de"])
        site.browser.cookies.clear()
        assert site.browser.get("/auth/oauth2/error/")["Content-Language"] == "en"


def test_site_without_locale_middleware_keeps_its_language(site: ProviderSite) -> None:
    response = request_login(site, ui_locales=["de"])
    assert "django_language" not in response.cookies


class TestLoginHint:
    @pytest.mark.parametrize(
        ("hint", "passed"),
        [
            ("ann@example.org", "ann@example.org"),
            (" +49 170 1 ", "+49 170 1"),
            ("", None),
            (None, None),
            ("x" * (MAX_LOGIN_HINT_LENGTH + 1), None),
            ("ann\x00@example.org", None),
            ("ann\r\nSet-Cookie: a=b", None),
        ],
    )
    def test_hint_is_passed_to_the_sign_in_page(
        self, site: ProviderSite, hint: str | None, passed: str | None
    ) -> None:
        query = parse_query(request_login(site, login_hint=hint)["Location"])
        assert query.get("login_hint") == passed

    def test_hint_is_passed_to_login_url(self, django_site: DjangoSite, settings: Settings) -> None:
        for login_url in (LOGIN_URL, f"{LOGIN_URL}?theme=dark"):
            settings.LOGIN_URL = login_url
            location = request_login(django_site, login_hint="ann+x@example.org")["Location"]
            query = parse_query(location)
            assert location.startswith(LOGIN_URL)
            assert query["login_hint"] == "ann+x@example.org"
            assert query["next"].startswith("/auth/oauth2/login/?login_challenge=c&state=")


class TestPopup:
    @pytest.mark.parametrize(
        ("changes", "policy"), [({}, "same-origin"), ({"OAUTH2_POPUPS": True}, "unsafe-none")]
    )
    @pytest.mark.parametrize(
        "path", ["/auth/oauth2/error/", "/auth/oauth2/login/?login_challenge=c", "/auth/login/"]
    )
    def test_pages_of_the_sign_in_have_the_policy_of_the_setting(
        self, site: ProviderSite, settings: Settings, changes: dict[str, Any], policy: str, path: str
    ) -> None:
        settings.ORY = ory_settings(**changes)
        site.set_request("login")
        assert site.browser.get(path)["Cross-Origin-Opener-Policy"] == policy
