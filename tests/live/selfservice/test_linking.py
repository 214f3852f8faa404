"""Registration with the address of an existing user, on a real Kratos, in all orders of events."""

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
def existing(request: pytest.FixtureRequest, visitor: Visitor, settings: Any) -> Any:
    """A user of the site without an identity."""
    linking = {"LINK_BY_VERIFIED_EMAIL": True, "SESSION_CACHE_SECONDS": request.param}
    settings.ORY = {"default": {**settings.ORY["default"], **linking}}
    settings.ROOT_URLCONF = "tests.authentication.urls"
    name = User.USERNAME_FIELD
    user = User(**{name: f"old-{visitor.email}", "email": visitor.email})
    user.set_password("known to another person")
    user.save()
    return user


def get_user_id(visitor: Visitor) -> str | None:
    visitor.browser.open(f"{visitor.stack.site_url}/report/")
    user: str | None = json.loads(visitor.browser.text)["user"]
    return user


def register(visitor: Visitor) -> None:
    visitor.page("registration")
    visitor.press("profile", **{"traits.email": visitor.email, "traits.name.first": "Ann"})
    visitor.press("password", password=visitor.password)
    assert visitor.heading == "Check your email"


def test_pages_before_the_code_create_no_second_user(visitor: Visitor, existing: Any) -> None:
    register(visitor)
    verification = visitor.browser.url
    assert get_user_id(visitor) is None
    for path in ("/user/", "/django-login/", "/auth/login/", "/django-permission/"):
        visitor.browser.open(f"{visitor.stack.site_url}{path}")
        assert visitor.heading == "Confirm your email first"
    assert User._default_manager.get() == existing
    assert not Identity.objects.exists()

    (link,) = [link for link in visitor.browser.links if "/verification/" in link]
    visitor.browser.open(link)
    assert "/auth/verification/" in visitor.browser.url
    visitor.browser.open(verification)
    visitor.press("method", code=visitor.code())
    assert visitor.heading == "Your email is confirmed"

    assert get_user_id(visitor) == str(existing.pk)
    assert Identity.objects.get().user == existing
    existing.refresh_from_db()
    assert not existing.has_usable_password()
    assert existing.first_name == "Ann"
    visitor.browser.open(f"{visitor.stack.site_url}/user/")
    assert visitor.browser.text == "in"


def test_verification_link_returns_to_the_page(visitor: Visitor, existing: Any) -> None:
    register(visitor)
    mail = visitor.stack.wait_for_mail(visitor.email)
    visitor.browser.open(f"{visitor.stack.site_url}/user/")
    (link,) = [link for link in visitor.browser.links if "/verification/" in link]
    visitor.browser.open(link)
    visitor.press("method", email=visitor.email)
    visitor.press("method", code=visitor.code(after=mail.id))
    assert visitor.heading == "Your email is confirmed"
    (back,) = [link for link in visitor.browser.links if link.endswith("/user/")]
    visitor.browser.open(back)
    assert visitor.browser.text == "in"
    assert Identity.objects.get().user == existing


def test_code_before_the_first_page_links_at_once(visitor: Visitor, existing: Any) -> None:
    register(visitor)
    visitor.press("method", code=visitor.code())
    assert get_user_id(visitor) == str(existing.pk)
