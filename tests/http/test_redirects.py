"""URLs of the sign-in page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from django.conf.urls.i18n import i18n_patterns
from django.test import RequestFactory, override_settings
from django.urls import get_script_prefix, include, path, set_script_prefix
from django.utils import translation

from django_ory.http.redirects import get_return_page, login_url, page_url

if TYPE_CHECKING:
    from collections.abc import Iterator


class Twice:
    """A URLconf that includes the app two times."""

    urlpatterns: ClassVar[list[Any]] = [
        path("first/", include("django_ory.urls", namespace="ory")),
        path("second/", include("django_ory.urls", namespace="second")),
    ]


class Translated:
    """A URLconf with the language in each path."""

    urlpatterns: ClassVar[list[Any]] = i18n_patterns(path("auth/", include("django_ory.urls")))


@pytest.fixture
def script_prefix() -> Iterator[None]:
    """Sets the script prefix back."""
    before = get_script_prefix()
    yield
    set_script_prefix(before)


def test_login_url_without_parameters() -> None:
    assert login_url(RequestFactory().get("/"), return_to=None) == "/auth/login/"


def test_login_url_with_all_parameters() -> None:
    url = login_url(
        RequestFactory().get("/"), return_to="http://testserver/a?b=c&d", aal="aal2", refresh=True
    )
    assert url == "/auth/login/?return_to=http%3A%2F%2Ftestserver%2Fa%3Fb%3Dc%26d&aal=aal2&refresh=true"


@pytest.mark.usefixtures("script_prefix")
def test_page_url_follows_the_urlconf_the_language_and_the_script_prefix() -> None:
    request = RequestFactory().get("/")
    assert page_url(request, "ory:login", {}) == "/auth/login/"
    with override_settings(ROOT_URLCONF=Translated):
        for language in ("de", "en", "de"):
            with translation.override(language):
                assert page_url(request, "ory:login", {}) == f"/{language}/auth/login/"
    set_script_prefix("/shop/")
    assert page_url(request, "ory:login", {}) == "/shop/auth/login/"
    set_script_prefix("/")
    assert page_url(request, "ory:login", {}) == "/auth/login/"


def test_page_url_of_the_current_app() -> None:
    """With two includes of the app, links stay in the include of the current page."""
    request = RequestFactory().get("/")
    request.current_app = "second"
    with override_settings(ROOT_URLCONF=Twice):
        assert login_url(request, return_to=None) == "/second/login/"
        assert page_url(request, "ory:verification", {"return_to": ""}) == "/second/verification/"


def test_long_return_to_is_left_out() -> None:
    request = RequestFactory().get("/")
    short = login_url(request, return_to="http://testserver/?" + "a" * 14_000, aal="aal2")
    assert len(short) > 14_000
    assert login_url(request, return_to="http://testserver/?" + "&" * 6_000, aal="aal2") == (
        "/auth/login/?aal=aal2"
    )


def test_return_page_of_get_and_post() -> None:
    factory = RequestFactory()
    assert get_return_page(factory.get("/a?b=c")) == "http://testserver/a?b=c"
    post = factory.post("/a", headers={"referer": "http://testserver/form"})
    assert get_return_page(post) == "http://testserver/form"
    assert get_return_page(factory.post("/a")) == "http://testserver/a"
