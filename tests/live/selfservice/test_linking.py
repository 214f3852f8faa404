"""Registering with an existing user's address, on a real Kratos, in every order of events."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth import get_user_model

from django_ory.models import Identity

if TYPE_CHECKING:
    from .conftest import Visitor

pytestmark = pytest.mark.live
User: Any = get_user_model()


@pytest.fixture(params=[0, 60], ids=["uncached", "cached"])
def existing(request: pytest.FixtureRequest, stranger: Visitor, settings: Any) -> Any:
    """A user of the site who moves to Kratos."""
    linking = {"LINK_BY_VERIFIED_EMAIL": True, "SESSION_CACHE_SECONDS": request.param}
    settings.ORY = {"default": {**settings.ORY["default"], **linking}}
    settings.ROOT_URLCONF = "tests.authentication.urls"
    name = User.USERNAME_FIELD
    user = User(**{name: f"old-{stranger.email}", "email": stranger.email})
    user.set_password("known to another person")
    user.save()
    return user


def who(visitor: Visitor) -> str | None:
    visitor.browser.open(f"{visitor.stack.site_url}/who/")
    user: str | None = json.loads(visitor.browser.text)["user"]
    return user


def register(visitor: Visitor) -> None:
    visitor.page("registration")
    visitor.press("profile", **{"traits.email": visitor.email, "traits.name.first": "Ann"})
    visitor.press("password", password=visitor.password)
    assert visitor.heading == "Check your email"


def test_pages_before_the_code_make_no_second_user(stranger: Visitor, existing: Any) -> None:
    register(stranger)
    verification = stranger.browser.url
    assert who(stranger) is None
    for path in ("/user/", "/django-login/", "/auth/login/", "/django-permission/"):
        stranger.browser.open(f"{stranger.stack.site_url}{path}")
        assert stranger.heading == "Confirm your email first"
    assert User._default_manager.get() == existing
    assert not Identity.objects.exists()

    (link,) = [link for link in stranger.browser.links if "/verification/" in link]
    stranger.browser.open(link)
    assert "/auth/verification/" in stranger.browser.url
    stranger.browser.open(verification)
    stranger.press("method", code=stranger.code())
    assert stranger.heading == "Your email is confirmed"

    assert who(stranger) == str(existing.pk)
    assert Identity.objects.get().user == existing
    existing.refresh_from_db()
    assert not existing.has_usable_password()
    assert existing.first_name == "Ann"
    stranger.browser.open(f"{stranger.stack.site_url}/user/")
    assert stranger.browser.text == "in"


def test_link_to_the_verification_returns(stranger: Visitor, existing: Any) -> None:
    register(stranger)
    mail = stranger.stack.wait_for_mail(stranger.email)
    stranger.browser.open(f"{stranger.stack.site_url}/user/")
    (link,) = [link for link in stranger.browser.links if "/verification/" in link]
    stranger.browser.open(link)
    stranger.press("method", email=stranger.email)
    stranger.press("method", code=stranger.code(after=mail.id))
    assert stranger.heading == "Your email is confirmed"
    (back,) = [link for link in stranger.browser.links if link.endswith("/user/")]
    stranger.browser.open(back)
    assert stranger.browser.text == "in"
    assert Identity.objects.get().user == existing


def test_code_before_the_first_page_links_at_once(stranger: Visitor, existing: Any) -> None:
    register(stranger)
    stranger.press("method", code=stranger.code())
    assert who(stranger) == str(existing.pk)
