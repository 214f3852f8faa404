"""Each URL of the provider, also later ones: headers, methods, forms of other sites, parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, reverse

from django_ory.accounts import urls as account_urls
from django_ory.provider import urls
from django_ory.testing import build_error_json
from tests.provider.provider_site import HYDRA
from tests.support.fixtures import fresh_start

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_django import Settings

    from tests.provider.django_site import DjangoSite
    from tests.provider.provider_site import ProviderSite


def find_patterns(patterns: Sequence[Any]) -> Iterator[URLPattern]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from find_patterns(pattern.url_patterns)
        else:
            yield pattern


CONNECTED_APPS = [each for each in account_urls.urlpatterns if each.name == "connected_apps"]
PATTERNS = {each.name or "": each for each in find_patterns([*urls.urlpatterns, *CONNECTED_APPS])}
#: Programs call these URLs, so they have neither pages nor CSRF tokens.
PROGRAMS = {name for name, each in PATTERNS.items() if getattr(each.callback, "csrf_exempt", False)}
PAGES = sorted(PATTERNS.keys() - PROGRAMS)
CONFIRM = "oauth2_confirm_login"  # only exists with OAUTH2_ACCOUNTS
PARAMETERS = (
    *(
        "login_challenge",
        "consent_challenge",
        "logout_challenge",
        "device_challenge",
        "user_code",
        "state",
        "next",
    ),
    *("client_id", "client", "sid", "iss", "error", "error_description", "page", "id", "code", "return_to"),
)
VALUES = [
    "\0",
    "a\r\nSet-Cookie: a=b",
    "\ud7ff\ue000\ufffd",
    "x" * 20_000,
    "[]",
    "-1",
    "%00",
    "../..",
    "None",
    "\u202e",
]


def build_url(name: str) -> str:
    arguments = dict.fromkeys(PATTERNS[name].pattern.converters, "default")
    return reverse(f"ory:{name}", kwargs=arguments)


@pytest.fixture
def hostile(site: ProviderSite, settings: Settings) -> ProviderSite:
    """A signed-in user, everything is on, and Ory knows nothing."""
    on = {
        "OAUTH2_CLIENT_REGISTRATION": True,
        "OAUTH2_CLIENT_DOCUMENT_HOSTS": ["*"],
        "TOKEN_HOOK_SECRETS": ["x" * 40],
    }
    settings.ORY = {"default": {**settings.ORY["default"], **on}}
    site.sign_in()
    for method in ("GET", "PUT", "POST", "DELETE", "PATCH"):
        site.ory.respond(f"{method} /admin/oauth2/", json=build_error_json(404), status=404)
    return site


@pytest.mark.parametrize("name", sorted(set(PAGES) - {CONFIRM}))
def test_page_is_never_framed_cached_or_named_as_a_referrer(hostile: ProviderSite, name: str) -> None:
    browser = hostile.browser
    url = build_url(name)
    check_headers(browser.get(url), browser.post(url), browser.get(url, dict.fromkeys(PARAMETERS, "x")))


def test_page_for_the_password_is_never_framed_or_cached(django_site: DjangoSite) -> None:
    django_site.sign_in_user(django_site.create_user())
    browser, url = django_site.browser, build_url(CONFIRM)
    assert browser.get(url).status_code == 200
    check_headers(browser.get(url), browser.post(url, {"password": "x"}), browser.post(url, {"other": "1"}))


@pytest.mark.parametrize("password", ["\0", "a\0b", "x" * 4_097, " ", "\ud7ff\uffff"])
def test_password_that_is_no_password_is_an_error_of_the_form(django_site: DjangoSite, password: str) -> None:
    django_site.sign_in_user(django_site.create_user())
    response = django_site.browser.post(build_url(CONFIRM), {"password": password})
    assert response.status_code == 400
    assert b"ory-password-messages" in response.content


def check_headers(*responses: Any) -> None:
    for response in responses:
        assert response["X-Frame-Options"] == "DENY"
        assert "no-store" in response["Cache-Control"]
        assert response["Referrer-Policy"] == "same-origin"
        assert (
            "Content-Security-Policy" not in response
            or "form-action" not in response["Content-Security-Policy"]
        )
        assert "Access-Control-Allow-Origin" not in response


@pytest.mark.parametrize("name", PAGES)
def test_page_refuses_the_form_of_another_site(hostile: ProviderSite, name: str) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.cookies["ory_kratos_session"] = "secret"
    fields = dict.fromkeys((*PARAMETERS, "accept", "reject", "remove_app", "remove_all"), "1")
    for headers in ({}, {"Origin": "https://evil.example"}, {"Origin": "null"}):
        assert browser.post(build_url(name), fields, headers=headers).status_code == 403
    assert hostile.ory.requests == []


@pytest.mark.parametrize("name", sorted(PATTERNS))
def test_other_methods_change_nothing(hostile: ProviderSite, name: str) -> None:
    for method in ("HEAD", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT"):
        response = hostile.browser.generic(method, build_url(name), "accept=1")
        assert response.status_code < 500
    changes = [each for each in hostile.ory.requests if each.method not in ("GET", "HEAD")]
    assert changes == []


@pytest.mark.parametrize("name", sorted(PATTERNS))
def test_hostile_parameters_are_no_500(hostile: ProviderSite, name: str) -> None:
    for value in VALUES:
        for method in ("get", "post"):
            with fresh_start():
                send = getattr(hostile.browser, method)
                assert send(build_url(name), dict.fromkeys(PARAMETERS, value)).status_code < 500


@pytest.mark.parametrize("name", sorted(PROGRAMS))
@pytest.mark.parametrize("body", ["", "{}", "[]", "null", "{", '{"subject": "a"}', "\0", "[" * 100_000])
def test_program_without_a_secret_calls_nothing(hostile: ProviderSite, name: str, body: str) -> None:
    for content_type in ("application/json", "application/x-www-form-urlencoded"):
        response = hostile.browser.post(build_url(name), body, content_type=content_type)
        is_redirect = response.status_code == 307 and response["Location"].startswith(f"{HYDRA}/oauth2/auth")
        assert is_redirect or 400 <= response.status_code < 500
        assert response.status_code != 404
    assert [each for each in hostile.ory.requests if each.method not in ("GET", "HEAD")] == []
