from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.template import Context, RequestContext, Template
from django.template.loader import get_template
from django.test import RequestFactory, override_settings
from django.utils import translation
from django.utils.translation import gettext_lazy as _

import django_ory
from django_ory.selfservice.forms.fields import Button
from django_ory.selfservice.texts.messages import Note

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.test import Client
    from pytest_django import Settings

ELEMENTS = Path(django_ory.__file__).parent / "templates" / "ory" / "elements"


def render(source: str, request: HttpRequest | None = None, **context: Any) -> str:
    template = Template("{% load ory %}" + source)
    return template.render(RequestContext(request, context) if request else Context(context)).strip()


def test_element_sees_only_its_values() -> None:
    source = '{% ory_element "button" label=words name="a" %}'
    html = render(source, words="<Go>", style="danger", value="leak")
    assert "&lt;Go&gt;" in html
    assert "ory-button--secondary" in html
    assert "leak" not in html


@pytest.mark.parametrize("path", sorted(ELEMENTS.glob("*.html")), ids=lambda path: path.stem)
def test_every_element_renders_without_values(path: Path) -> None:
    render("{% ory_element name %}", name=path.stem)
    get_template(f"ory/elements/{path.name}")


def test_empty_value_is_rendered_and_missing_value_is_not() -> None:
    assert 'value=""' in render('{% ory_element "button" label="x" name="a" value="" %}')
    assert "value" not in render('{% ory_element "button" label="x" name="a" %}')
    assert 'value=""' in render('{% ory_element "input" label="x" name="a" id="a" value="" %}')
    assert "value" not in render('{% ory_element "input" label="x" name="a" id="a" %}')


def test_attributes_are_escaped() -> None:
    html = render(
        '{% ory_element "button" label="x" attrs=attrs %}', attrs={"data-a": '"><b>', "disabled": True}
    )
    assert 'data-a="&quot;&gt;&lt;b&gt;"' in html
    assert " disabled>" in html.replace("\n", "")


def test_field_is_rendered_by_its_element() -> None:
    button = Button(
        id="b", name="method", value="password", label="Go", style="primary", messages=(Note("error", "No"),)
    )
    html = render("{% ory_field button %}", button=button)
    assert "ory-button--primary" in html
    assert "ory-field__message--error" in html


def test_site_name_is_the_setting_or_the_host(rf: RequestFactory) -> None:
    assert render("{% ory_site_name %}", rf.get("/")) == "testserver"
    with override_settings(ALLOWED_HOSTS=["*"]):
        assert (
            render("{% ory_site_name %}", rf.get("/", SERVER_NAME="www.acme.example", SERVER_PORT="8000"))
            == "acme.example"
        )
        for host in ("[::1]:8000", "[::1]"):
            request = rf.get("/", headers={"host": host})
            assert render("{% ory_site_name %}", request) == "[::1]"
    named = {"default": {"KRATOS_PUBLIC_URL": "http://kratos.test", "SITE_NAME": "Acme & Co"}}
    with override_settings(ORY=named):
        assert render("{% ory_site_name %}", rf.get("/")) == "Acme &amp; Co"
        assert render("{% ory_site_name %}") == "Acme &amp; Co"


def test_root_is_the_script_prefix() -> None:
    assert render("{% ory_root %}") == "/"


def test_nonce_of_django_or_django_csp_is_rendered(rf: RequestFactory) -> None:
    class Lazy:
        """Lazy nonce like in Django 6: false until the first use of its text."""

        def __bool__(self) -> bool:
            return False

        def __str__(self) -> str:
            return "n0nce"

    assert render("<script{% ory_nonce %}>") == "<script>"
    assert render("<script{% ory_nonce %}>", csp_nonce=Lazy()) == '<script nonce="n0nce">'
    request = rf.get("/")
    request.csp_nonce = "other"  # type: ignore[attr-defined]
    assert render("<script{% ory_nonce %}>", request) == '<script nonce="other">'


def test_attributes_of_an_own_element_are_escaped() -> None:
    attrs = {"required": True, "title": '"><b>', "lang": _("Sign in"), 'x"': "1"}
    expected = ' required title="&quot;&gt;&lt;b&gt;" lang="Sign in" x&quot;="1"'
    assert render("<i{% ory_attrs attrs %}>", attrs=attrs) == f"<i{expected}>"
    assert render("<i{% ory_attrs missing %}{% ory_attrs text %}>", text="text") == "<i>"


def test_control_has_the_attributes_that_are_not_empty() -> None:
    tag = "<input{% ory_control_attrs %}>"
    full: dict[str, Any] = {
        "id": "i",
        "name": 'n"',
        "invalid": True,
        "described_by": "i-hint",
        "attrs": {"required": True},
    }
    expected = ' id="i" aria-describedby="i-hint" aria-invalid="true" required name="n&quot;"'
    assert render(tag, **full) == f"<input{expected}>"
    assert render(tag, id="i", name="", invalid=False, described_by="", attrs="text") == '<input id="i">'
    assert render(tag) == "<input>"


def test_page_url_leads_back_to_the_page(rf: RequestFactory) -> None:
    request = rf.get("/tools/?q=a b")
    back = "return_to=%2Ftools%2F%3Fq%3Da%2520b"
    assert render("{% ory_login_url %}", request) == f"/auth/login/?{back}"
    assert render('{% ory_page_url "registration" %}', request) == f"/auth/registration/?{back}"
    assert (
        render('{% ory_page_url "settings" return_to="/x/" %}', request)
        == "/auth/settings/?return_to=%2Fx%2F"
    )
    assert render('{% ory_login_url "" %}', request) == "/auth/login/"


def test_page_url_of_a_post_leads_to_no_page(rf: RequestFactory) -> None:
    assert render("{% ory_login_url %}", rf.post("/tools/")) == "/auth/login/"
    assert render("{% ory_login_url %}") == "/auth/login/"


class TestLanguageChooser:
    """``{% ory_language_chooser %}``, with the view of Django to which it posts."""

    @pytest.fixture(autouse=True)
    def site(self, settings: Settings) -> None:
        settings.ROOT_URLCONF = "django.conf.urls.i18n"
        settings.LANGUAGES = [
            ("en", "English"),
            ("pt-br", "Portuguese"),
            ("ar", "Arabic"),
            ("tlh", "Klingon"),
        ]

    def test_languages_are_named_in_their_own_language(self) -> None:
        html = render("{% ory_language_chooser %}")
        assert re.findall(
            r'<button[^>]* value="([\w-]+)" lang="([\w-]+)" dir="(\w+)"[^>]*>([^<]+)<', html
        ) == [
            ("en", "en", "ltr", "English"),
            ("pt-br", "pt-br", "ltr", "Português Brasileiro"),
            ("ar", "ar", "rtl", "العربيّة"),
            ("tlh", "tlh", "ltr", "Klingon"),
        ]

    @pytest.mark.parametrize(("active", "current"), [("pt-br", "pt-br"), ("en-gb", "en"), ("sv", None)])
    def test_active_language_is_marked(self, active: str, current: str | None) -> None:
        with translation.override(active):
            html = render("{% ory_language_chooser %}")
        assert re.findall(r'value="([\w-]+)"[^>]* aria-current="true"', html) == (
            [current] if current else []
        )
        assert ('class="ory-hidden"' in html) == bool(current)

    def test_form_returns_to_the_page_with_its_query(self, rf: RequestFactory) -> None:
        html = render("{% ory_language_chooser %}", rf.get("/auth/login/?flow=a&b=<"))
        assert 'action="/setlang/"' in html
        assert 'name="next" value="/auth/login/?flow=a&amp;b=%3C"' in html

    def test_choice_is_kept_in_a_cookie(self, client: Client, settings: Settings) -> None:
        # Django's view is not exempt from the middleware that requires a login.
        settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "LoginRequired" not in name]
        response = client.post("/setlang/", {"language": "ar", "next": "/auth/login/?flow=a"})
        assert response.headers["Location"] == "/auth/login/?flow=a"
        assert response.cookies["django_language"].value == "ar"
