from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.test import override_settings

from django_ory.devstack.config.site import SiteUrls
from django_ory.devstack.errors import DevstackError

if TYPE_CHECKING:
    from pytest_django import Settings


def test_pages_come_from_the_urlconf() -> None:
    site = SiteUrls.from_project("http://localhost:8000/")
    assert site.url == "http://localhost:8000"
    assert site.pages["login"] == "http://localhost:8000/auth/login/"
    assert site.pages["oauth2_consent"] == "http://localhost:8000/auth/oauth2/consent/"
    assert site.host == site.name == "localhost"


@override_settings(
    ORY={
        "default": {
            "SITE_NAME": "Cups",
            "ALLOWED_RETURN_HOSTS": ["shop.example"],
            "SESSION_COOKIE_NAME": "cups",
        }
    },
    DEFAULT_FROM_EMAIL="Cups Ltd <post@cups.example>",
    SESSION_COOKIE_AGE=60,
    SESSION_EXPIRE_AT_BROWSER_CLOSE=True,
    LOGIN_REDIRECT_URL="/in/",
    LOGOUT_REDIRECT_URL="/out/",
)
def test_other_values_come_from_the_settings() -> None:
    site = SiteUrls.from_project("https://cups.example")
    assert (site.name, site.mail_name, site.mail_address) == ("Cups", "Cups Ltd", "post@cups.example")
    assert (site.session_seconds, site.session_persistent, site.session_cookie) == (60, False, "cups")
    assert (site.after_login, site.after_logout) == ("https://cups.example/in/", "https://cups.example/out/")
    assert site.return_urls == ("https://shop.example/",)


@pytest.mark.parametrize(
    ("values", "url"),
    [
        ({}, ""),
        ({"COURIER_URL": "http://web/x/"}, ""),
        ({"COURIER_SECRETS": ["new", "old"]}, "http://localhost:8000/auth/courier/default/"),
        ({"COURIER_SECRETS": ["new"], "COURIER_URL": "http://web/x/"}, "http://web/x/"),
    ],
)
def test_courier_url_is_set_with_a_secret(values: dict[str, Any], url: str) -> None:
    with override_settings(ORY={"default": values}):
        site = SiteUrls.from_project("http://localhost:8000")
    assert site.courier_url == url
    assert site.courier_secret == ("new" if url else "")
    assert "new" not in repr(site)


@override_settings(LOGIN_REDIRECT_URL="/accounts/profile/", LOGOUT_REDIRECT_URL=None)
def test_missing_default_page_is_replaced_by_the_home_page() -> None:
    site = SiteUrls.from_project("http://localhost:8000")
    assert site.after_login == site.after_logout == "http://localhost:8000/"


@pytest.mark.parametrize(
    "url", ["localhost:8000", "ftp://localhost", "http://", "http://localhost/app", "http://h?x=1"]
)
def test_invalid_url_is_rejected(url: str) -> None:
    with pytest.raises(DevstackError, match="is not the URL of a site"):
        SiteUrls.from_project(url)


def test_existing_default_page_is_used(settings: Settings) -> None:
    settings.ROOT_URLCONF = "tests.devstack.urls_with_profile"
    settings.LOGIN_REDIRECT_URL = "/accounts/profile/"
    assert (
        SiteUrls.from_project("http://localhost:8000").after_login
        == "http://localhost:8000/accounts/profile/"
    )


def test_urlconf_without_the_pages_raises_the_missing_line(settings: Settings) -> None:
    settings.ROOT_URLCONF = "tests.devstack.urls_without_ory"
    with pytest.raises(DevstackError, match=r'has no "ory:login"\. Add .* include\("django_ory\.urls"\)'):
        SiteUrls.from_project("http://localhost:8000")
