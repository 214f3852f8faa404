"""The flows of users on a real Kratos, from the first page to the last."""

from __future__ import annotations

import base64
import re
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.http import HttpRequest, HttpResponse
from django.template import RequestContext, Template
from django.test import RequestFactory
from django.urls import include, path

from django_ory.authentication.request import get_ory
from django_ory.authentication.session_cache import MAX_SKEW_SECONDS
from django_ory.clients import get_client
from tests.live.codes import wrong_code

from .conftest import Visitor

if TYPE_CHECKING:
    from collections.abc import Callable

    from django_ory.authentication.request import OryRequest

pytestmark = pytest.mark.live


def test_registration_with_password_and_verification(visitor: Visitor) -> None:
    browser = visitor.page("registration", "?next=/admin/login/")
    assert visitor.heading == "Create your account"
    visitor.press("profile", **{"traits.email": visitor.email, "traits.name.first": "Ann"})
    assert visitor.heading == "Choose how to sign in"
    assert visitor.email in browser.text
    visitor.press("screen")
    assert visitor.heading == "Create your account"
    assert visitor.email in browser.text
    visitor.press("profile")
    visitor.press("password", password="short")
    assert "at least 8 characters" in browser.text
    assert 'aria-invalid="true"' in browser.text
    visitor.press("password", password=visitor.password)
    assert visitor.heading == "Check your email"
    assert visitor.is_signed_in()
    visitor.press("method", code="000000")
    assert "That code is wrong" in browser.text
    visitor.press("method", code=visitor.code())
    assert visitor.heading == "Your email is confirmed"
    assert any(link.endswith("/admin/login/") for link in browser.links)


def test_registration_with_a_code(visitor: Visitor) -> None:
    visitor.page("registration")
    visitor.press("profile", **{"traits.email": visitor.email})
    visitor.press("code")
    assert visitor.heading == "Check your email"
    assert visitor.email in visitor.browser.text
    first = visitor.code()
    visitor.press("resend")
    assert visitor.heading == "Check your email"
    visitor.press("method", code=wrong_code(first))
    assert "That code is wrong" in visitor.browser.text
    assert not visitor.is_signed_in()


def test_registration_with_a_known_address_is_an_error(
    member: Callable[[], Visitor], visitor: Visitor
) -> None:
    visitor.email = member().email
    visitor.page("registration")
    visitor.press("profile", **{"traits.email": visitor.email})
    visitor.press("password", password=visitor.password)
    assert "already exists" in visitor.browser.text


def test_wrong_password_is_an_error_of_the_field(member: Callable[[], Visitor]) -> None:
    ann = member()
    browser = ann.sign_in(password="wrong")
    assert "Incorrect email, username or password" in browser.text
    assert 'aria-describedby="ory-password-messages"' in browser.text
    assert f'value="{ann.email}"' in browser.text
    assert "wrong" not in browser.text.replace("went wrong", "")
    assert not ann.is_signed_in()


def test_login_redirects_to_next(member: Callable[[], Visitor]) -> None:
    ann = member()
    browser = ann.sign_in("?next=/admin/login/%3Fnext%3D/admin/")
    assert browser.url == f"{ann.stack.site_url}/admin/login/?next=/admin/"
    assert ann.is_signed_in()
    ann.page("login", "?next=/admin/login/")
    assert browser.url == f"{ann.stack.site_url}/admin/login/"


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example/x", "javascript:alert(1)"])
def test_login_never_redirects_to_another_site(member: Callable[[], Visitor], target: str) -> None:
    ann = member()
    ann.page("login", f"?next={target}")
    assert ann.heading.startswith("Sign in to")
    ann.press("password", identifier=ann.email, password=ann.password)
    assert "evil" not in "".join(ann.browser.path)
    assert ann.is_signed_in()


def test_login_with_a_code(member: Callable[[], Visitor]) -> None:
    ann = member()
    ann.page("login", "?next=/admin/login/")
    ann.press("code", identifier=ann.email)
    assert ann.heading == "Check your email"
    assert ann.email in ann.browser.text
    ann.press("method", code=ann.code())
    assert ann.is_signed_in()
    assert ann.browser.url.endswith("/admin/login/")


def test_recovery_with_a_code(member: Callable[[], Visitor]) -> None:
    ann = member()
    ann.page("recovery")
    ann.press("method", email=ann.email)
    assert ann.heading == "Check your email"
    code = ann.code()
    ann.press("method", code=wrong_code(code))
    assert "That code is wrong" in ann.browser.text
    ann.press("method", code=code)
    assert ann.heading == "Your account"
    assert "Set a new password now" in ann.browser.text
    old, ann.password = ann.password, "another harbor at 6 am"
    ann.press("password", password=ann.password)
    assert "Your changes have been saved." in ann.browser.text
    ann.sign_out()
    ann.sign_in(password=old)
    assert "Incorrect email, username or password" in ann.browser.text
    ann.sign_in()
    assert ann.is_signed_in()


def test_recovery_does_not_reveal_accounts(visitor: Visitor) -> None:
    visitor.page("recovery")
    visitor.press("method", email=visitor.email)
    assert visitor.heading == "Check your email"
    assert "If an account exists for" in visitor.browser.text


def test_profile_is_changed(member: Callable[[], Visitor]) -> None:
    ann = member()
    browser = ann.page("settings")
    assert ann.heading.startswith("Sign in to")
    ann.press("password", identifier=ann.email, password=ann.password)
    assert ann.heading == "Your account"  # not the default target of Kratos
    ann.press("profile", **{"traits.name.first": "Änn <b>"})
    assert "Your changes have been saved." in browser.text
    assert "&lt;b&gt;" in browser.text
    (identity,) = get_client().admin_list_identities(credentials_identifier=ann.email)
    assert (identity.traits or {})["name"]["first"] == "Änn <b>"
    ann.press("profile", **{"traits.email": "not an address"})
    assert 'aria-invalid="true"' in browser.text


def test_change_with_next_is_confirmed(member: Callable[[], Visitor]) -> None:
    ann = member()
    ann.sign_in()
    ann.page("settings", "?next=/admin/login/")
    ann.press("profile", **{"traits.name.first": "Hannah"})
    assert ann.heading == "Your account"
    assert "Your changes have been saved." in ann.browser.text
    assert f"{ann.stack.site_url}/admin/login/" in ann.browser.links


def test_change_invalidates_the_other_browser(member: Callable[[], Visitor], settings: Any) -> None:
    """With a ``return_to`` Kratos redirects the browser itself, so no page of this app notices the change."""
    settings.ORY = {"default": {**settings.ORY["default"], "SESSION_CACHE_SECONDS": 60}}
    ann = member()
    ann.sign_in()
    other = Visitor(ann.stack, email=ann.email)
    other.sign_in()

    def seen() -> OryRequest:
        (cookie,) = (each for each in other.browser.session.cookies if each.name == "ory_kratos_session")
        return get_ory(RequestFactory().get("/", headers={"cookie": f"{cookie.name}={cookie.value}"}))

    time.sleep(MAX_SKEW_SECONDS)  # results are not cached this long after a sign-in on this site
    assert get_name(seen()) == "Ann"
    cached = seen()
    assert get_name(cached) == "Ann"
    assert cached.whoami.from_cache

    settings_url = f"{ann.stack.kratos_public_url}/self-service/settings/browser"
    ann.browser.open(f"{settings_url}?return_to={ann.stack.site_url}/admin/login/")
    ann.press("profile", **{"traits.name.first": "Hannah"})
    assert urlsplit(ann.browser.url).path == "/admin/login/"
    assert get_name(seen()) == "Hannah"


def get_name(ory: OryRequest) -> str:
    assert ory.identity
    name: str = (ory.identity.traits or {})["name"]["first"]
    return name


def test_logout_ends_the_session(member: Callable[[], Visitor]) -> None:
    ann = member()
    ann.sign_in()
    ann.page("logout")
    assert ann.heading == "Sign out?"
    assert ann.is_signed_in()
    ann.sign_out()
    assert not ann.is_signed_in()
    ann.page("settings")
    assert ann.heading.startswith("Sign in to")


def test_refresh_asks_for_the_password(member: Callable[[], Visitor]) -> None:
    ann = member()
    ann.sign_in()
    ann.page("login", "?refresh=true&next=/admin/login/")
    assert ann.heading == "Confirm it's you"
    assert ann.email in ann.browser.text
    ann.press("password", password=ann.password)
    assert ann.browser.url.endswith("/admin/login/")


def test_second_factor_is_required_at_sign_in(member: Callable[[], Visitor]) -> None:
    ann = member()
    ann.sign_in("?next=/auth/settings/two-factor/")
    ann.press("lookup_secret_regenerate")
    codes = [line.split("<")[0] for line in ann.browser.text.split("<li>")[1:13]]
    assert len(codes) == 12
    ann.press("lookup_secret_confirm")
    assert "Your changes have been saved." in ann.browser.text
    ann.sign_out()
    ann.sign_in("?next=/admin/login/")
    assert ann.heading == "Two-factor authentication"
    ann.page("settings")  # before the second step, all pages redirect to it
    assert ann.heading == "Two-factor authentication"
    ann.press("lookup_secret", lookup_secret="wrong")
    assert "Incorrect backup code." in ann.browser.text
    ann.press("lookup_secret", lookup_secret=codes[0])
    assert ann.heading == "Your account"


@pytest.mark.parametrize("known", [True, False])
def test_identifier_is_an_input_after_a_failed_login_by_code(
    member: Callable[[], Visitor], known: bool
) -> None:
    """Kratos 1.3 hides the identifier in this state, even if the identifier is empty."""
    ann = member()
    ann.page("login")
    ann.press("code", identifier="" if known else "nobody@example.org")
    assert ann.heading.startswith("Sign in to")
    assert 'aria-invalid="true"' in ann.browser.text
    ann.press("code", identifier=ann.email)
    assert ann.heading == "Check your email"
    ann.press("method", code=ann.code())
    assert ann.is_signed_in()


def show_form(request: HttpRequest) -> HttpResponse:
    """A page of a site with a form of Kratos."""
    source = '{% load ory %}<h1>Home</h1>{% ory_form "login" return_to="/admin/login/" %}'
    return HttpResponse(Template(source).render(RequestContext(request)))


urlpatterns = [path("", include("tests.urls")), path("any/", show_form)]


def test_form_in_a_page_of_the_site_signs_in(member: Callable[[], Visitor], settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.live.selfservice.test_flows"
    ann = member()
    ann.browser.open(f"{ann.stack.site_url}/any/")
    assert ann.heading == "Home"
    ann.press("password", identifier=ann.email, password="wrong-password")
    assert ann.heading.startswith("Sign in to")  # errors are shown by the page of the flow
    ann.press("password", identifier=ann.email, password=ann.password)
    assert ann.is_signed_in()
    assert ann.browser.url.endswith("/admin/login/")
    assert "<form" not in ann.browser.open(f"{ann.stack.site_url}/any/").text


def test_pages_keep_their_parameters(visitor: Visitor) -> None:
    """Kratos ignores parameters that a flow does not have, and keeps them in its ``request_url``."""
    query = "?organization=0c1f2a9e-6bbd-4a41-9c0e-7d7f3e3c8f11&return_to=/loans/&login_challenge=unknown"
    for kind, heading in (
        ("recovery", "Recover your account"),
        ("verification", "Confirm your email address"),
    ):
        visitor.page(kind, query)
        assert visitor.heading == heading
    visitor.page("recovery", query)
    links = re.findall(r'href="([^"]*/login/\?[^"]*)"', visitor.browser.text)
    assert ["organization=0c1f2a9e" in link and "login_challenge=unknown" in link for link in links] == [True]


def test_account_with_a_hash_of_django_signs_in_with_its_password(visitor: Visitor) -> None:
    encoded = PBKDF2PasswordHasher().encode(visitor.password, "a salt of Django", iterations=1000)
    _algorithm, iterations, salt, digest = encoded.split("$")
    salt = base64.b64encode(salt.encode()).decode().rstrip("=")
    hashed = f"$pbkdf2-sha256$i={iterations},l=32${salt}${digest.rstrip('=')}"
    credentials = {"password": {"config": {"hashed_password": hashed}}}
    body = {"schema_id": "person", "traits": {"email": visitor.email}, "credentials": credentials}
    get_client().admin_create_identity(body=body)
    visitor.sign_in(password="wrong")
    assert not visitor.is_signed_in()
    visitor.sign_in()
    assert visitor.is_signed_in()


def test_chosen_schema_is_ignored_by_an_older_kratos(
    visitor: Visitor, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """Kratos 1.3 signs up with its default schema; the log says so."""
    offered = {"IDENTITY_SCHEMAS": {"person": "For yourself", "company": "For a company"}}
    settings.ORY = {"default": {**settings.ORY["default"], **offered}}
    browser = visitor.page("registration", "?next=/admin/login/")
    assert "What kind of account do you need?" in browser.text
    (link,) = (each for each in browser.links if "identity_schema=company" in each)
    browser.open(link)
    assert 'name="traits.email"' in browser.text
    assert "Kratos ignored the identity schema" in caplog.text
    (again,) = (each for each in browser.links if each.split("?")[0].endswith("/registration/"))
    assert "What kind of account do you need?" in browser.open(again).text
