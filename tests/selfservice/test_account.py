"""The account area: sections of the settings, their navigation, and the page of the account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse

from django_ory.adapter import OryAdapter
from django_ory.client.models import SettingsFlow
from django_ory.selfservice.account.sections import SECTIONS, AccountSection, find_section, list_groups

from . import shapes
from .conftest import Kratos
from .shapes import FLOW, csrf, error, field, flow, submit, text
from .test_views import Tags

if TYPE_CHECKING:
    from django_ory.selfservice.forms.fields import Field
    from django_ory.testing import FakeOry

KRATOS = "http://kratos.test:4433"
URL_NAMES = [section.url_name for section in SECTIONS if section.groups]


def get_links(response: Any) -> dict[str, str]:
    """Return the navigation: path -> ``aria-current``."""
    return {
        urlsplit(str(link["href"])).path: str(link.get("aria-current", ""))
        for link in Tags(response).all("a", **{"class": "ory-navigation__link"})
    }


def get_section_of(body: dict[str, Any]) -> AccountSection:
    """Return the section of a flow in which each method has a form."""
    flow = SettingsFlow.model_validate(body)
    return find_section(flow, list_groups(flow))


@pytest.mark.parametrize("name", URL_NAMES)
def test_section_starts_a_flow_with_its_key(kratos: Kratos, name: str) -> None:
    kratos.session()
    response = kratos.visit(name, next="/loans/")
    url = urlsplit(response["Location"])
    assert (response.status_code, url.path) == (303, "/self-service/settings/browser")
    query = parse_qs(url.query)
    assert query == {"section": [name.removeprefix("settings_")], "next": ["http://testserver/loans/"]}


@pytest.mark.parametrize("url", ["http://[", "http://a\u2100b/self-service/settings/browser"])
def test_flow_with_an_invalid_url_shows_the_first_section(kratos: Kratos, url: str) -> None:
    kratos.session()
    response = kratos.open("settings", shapes.settings(request_url=url))
    assert (response.status_code, response.context["section"].key) == (200, "profile")


def test_unknown_section_is_not_sent_to_kratos(kratos: Kratos) -> None:
    kratos.session()
    response = kratos.visit("settings", section="../admin")
    assert response["Location"] == f"{KRATOS}/self-service/settings/browser"


def test_section_shows_its_forms_and_marks_itself(kratos: Kratos) -> None:
    kratos.session()
    response = kratos.open("settings", shapes.settings(section="password"))
    tags = Tags(response)
    assert tags.all("input", name="password")
    assert not tags.all("input", name="traits.email")
    assert not tags.all("input", name="totp_code")
    links = get_links(response)
    assert links == {
        reverse("ory:settings_profile"): "",
        reverse("ory:settings_password"): "page",
        reverse("ory:settings_two_factor"): "",
        reverse("ory:settings_linked"): "",
        reverse("ory:sessions"): "",
        reverse("ory:connected_apps"): "",
        reverse("ory:account"): "",
    }
    assert "<title>Password · Your account" in response.content.decode()


def test_navigation_keeps_the_page_to_return_to(kratos: Kratos) -> None:
    kratos.session()
    body = shapes.settings()
    body["request_url"] += "?section=password&next=http%3A%2F%2Ftestserver%2Floans%2F"
    links = [
        str(each["href"])
        for each in Tags(kratos.open("settings", body)).all("a", **{"class": "ory-navigation__link"})
    ]
    assert all(
        parse_qs(urlsplit(link).query) == {"return_to": ["http://testserver/loans/"]} for link in links
    )
    page = kratos.visit("sessions", return_to="http://testserver/loans/")
    assert Tags(page).all("a", href="http://testserver/loans/")


def test_page_without_a_flow_links_to_the_sections_of_the_last_flow(kratos: Kratos) -> None:
    kratos.session()
    before = get_links(kratos.visit("account"))
    pages = ("settings_profile", "sessions", "connected_apps", "account")
    assert list(before) == [reverse(f"ory:{name}") for name in pages]
    shown = get_links(kratos.open("settings", shapes.settings()))
    after = get_links(kratos.visit("account"))
    assert list(after) == list(shown)
    assert after[reverse("ory:account")] == "page"


def test_section_that_kratos_does_not_offer_says_so(kratos: Kratos) -> None:
    kratos.session()
    response = kratos.open("settings", shapes.settings(section="passkeys"))
    assert "This is not available for your account." in response.content.decode()
    assert get_links(response)[reverse("ory:settings_passkeys")] == "page"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (shapes.settings(), "profile"),
        (shapes.settings(section="two_factor"), "two_factor"),
        (shapes.settings(section="sessions"), "profile"),
        (shapes.settings(section="<script>"), "profile"),
        (shapes.settings(extra=shapes.lookup_codes(), section="profile"), "two_factor"),
        (shapes.settings(messages=[text(1060001, kind="success")], section="profile"), "password"),
        (shapes.settings(request_url=f"{KRATOS}/self-service/recovery?flow={FLOW}"), "password"),
        (shapes.settings(request_url=f"{KRATOS}/self-service/methods/oidc/callback/club?code=x"), "linked"),
        (shapes.settings(active="totp", section="password"), "two_factor"),
        (shapes.settings(active="unheard_of", section="password"), "password"),
        (shapes.settings(active="password", state="success"), "password"),
        (flow("settings", [csrf(), submit("x", "y", group="brand_new")]), "sign_in"),
        (flow("settings", [csrf()]), "profile"),
        (flow("settings", []), "profile"),
    ],
)
def test_section_is_found_in_the_flow(body: dict[str, Any], expected: str) -> None:
    assert get_section_of(body).key == expected


def test_error_of_a_form_shows_the_section_of_the_form() -> None:
    body = shapes.settings(section="profile")
    body["ui"]["nodes"].append(field("totp_code", group="totp", messages=[error(4000008)]))
    assert get_section_of(body).key == "two_factor"


def test_account_page_lists_addresses_and_signs_out(kratos: Kratos, ory: FakeOry) -> None:
    kratos.identity = ory.create_identity({"email": "ann@example.org"}, verified=False)
    kratos.session()
    ory.requests.clear()
    response = kratos.visit("account")
    tags = Tags(response)
    assert "ann@example.org" in response.content.decode()
    (confirm,) = tags.all("a", **{"class": "ory-link"})
    url = urlsplit(str(confirm["href"]))
    assert (url.path, parse_qs(url.query)) == (
        reverse("ory:verification"),
        {"return_to": [reverse("ory:account")]},
    )
    assert tags.all("form", action=reverse("ory:logout"))
    assert len(ory.requests) == 1
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize("name", ["account", "sessions"])
def test_anonymous_user_signs_in_and_returns(kratos: Kratos, name: str) -> None:
    response = kratos.visit(name)
    url = urlsplit(response["Location"])
    assert (response.status_code, url.path) == (302, reverse("ory:login"))
    assert parse_qs(url.query)["return_to"] == [f"http://testserver{reverse(f'ory:{name}')}"]


@pytest.mark.parametrize("name", ["account", "sessions"])
def test_response_is_503_while_kratos_is_down(kratos: Kratos, ory: FakeOry, name: str) -> None:
    kratos.session()
    with ory.fault("kratos", "down"):
        response = kratos.visit(name)
    assert response.status_code == 503
    assert "Retry-After" in response


def test_forms_keep_section_and_next_for_the_flow_that_follows(kratos: Kratos) -> None:
    """After a change, Kratos starts a flow with the URL of the post."""
    kratos.session()
    body = shapes.settings(section="password")
    body["request_url"] += "&next=http%3A%2F%2Ftestserver%2Floans%2F"
    (form,) = Tags(kratos.open("settings", body)).all("form", method="post")
    url = urlsplit(str(form["action"]))
    assert (url.path, parse_qs(url.query)) == (
        "/self-service/settings",
        {"flow": [FLOW], "section": ["password"], "next": ["http://testserver/loans/"]},
    )
    following = shapes.settings(request_url=str(form["action"]))
    assert get_section_of(following).key == "password"


@pytest.mark.parametrize("following", ["https://evil.example/", "x" * 20_000])
def test_invalid_next_is_not_posted(kratos: Kratos, following: str) -> None:
    kratos.session()
    body = shapes.settings(
        request_url=f"{KRATOS}/self-service/settings/browser?section=password&next={following}"
    )
    (form,) = Tags(kratos.open("settings", body)).all("form", method="post")
    assert "next" not in parse_qs(urlsplit(str(form["action"])).query)


class WithoutPassword(OryAdapter):
    """Hides the password."""

    def is_field_shown(self, field: Field, *, flow_name: str) -> bool:
        return field.group != "password"


def test_section_without_a_shown_field_is_not_linked(kratos: Kratos, settings: Any) -> None:
    adapter = f"{WithoutPassword.__module__}.{WithoutPassword.__qualname__}"
    settings.ORY = {"default": {**settings.ORY["default"], "ADAPTER": adapter}}
    kratos.session()
    links = get_links(kratos.open("settings", shapes.settings()))
    assert reverse("ory:settings_two_factor") in links
    assert reverse("ory:settings_password") not in links
