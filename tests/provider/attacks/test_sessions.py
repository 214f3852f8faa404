"""A Django session that was known to an attacker before the sign-in of the user."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore

from tests.provider.provider_site import NEXT, ProviderSite

if TYPE_CHECKING:
    from tests.provider.django_site import DjangoSite


def fix_session(site: ProviderSite) -> str:
    """Plant a session of the attacker in the browser of the user. Returns its key."""
    planted = SessionStore()
    planted["cart"] = "of the attacker"
    planted.create()
    assert planted.session_key
    site.browser.cookies[settings.SESSION_COOKIE_NAME] = planted.session_key
    return planted.session_key


def accept_login(site: ProviderSite) -> None:
    site.set_request("login", session_id="s1")
    site.set_result("login", "accept")
    assert site.get("login")["Location"] == NEXT


def test_login_at_hydra_is_not_stored_in_a_planted_session(site: ProviderSite) -> None:
    """Otherwise the attacker could end the session of the user at Hydra."""
    key = fix_session(site)
    site.sign_in()
    site.set_identity()
    accept_login(site)
    assert site.browser.cookies[settings.SESSION_COOKIE_NAME].value != key
    assert "_django_ory_oauth2_sids" not in SessionStore(key).load()
    assert "_django_ory_oauth2_sids" in site.browser.session


def test_password_page_renews_the_session(django_site: DjangoSite) -> None:
    user = django_site.create_user()
    django_site.sign_in_user(user)
    before = django_site.browser.session.session_key
    token = django_site.browser.get("/auth/oauth2/login/confirm/").cookies["csrftoken"].value
    django_site.browser.post(
        "/auth/oauth2/login/confirm/", {"password": "a quiet harbor at 5 am", "next": "/"}
    )
    assert before is not None
    assert django_site.browser.session.session_key != before
    assert not SessionStore().exists(before)
    assert django_site.browser.cookies["csrftoken"].value != token


def test_planted_session_is_no_sign_in_of_a_django_user(django_site: DjangoSite) -> None:
    fix_session(django_site)
    django_site.set_request("login")
    location = django_site.get("login")["Location"]
    assert location.startswith("/accounts/login/")
    assert django_site.list_targets("PUT") == []
