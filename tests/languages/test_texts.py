"""Pages, mails and messages of Kratos in each language."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import translation
from django.utils.translation import gettext, to_language

from django_ory.client.models import UiText
from django_ory.courier.previews import build_samples
from django_ory.courier.rendering import build_mail, render_sms
from django_ory.selfservice.texts.labels import build_label
from django_ory.selfservice.texts.messages import get_text
from tests.languages.catalogs import LANGUAGES
from tests.selfservice.message_ids import MESSAGE_IDS, VERBATIM
from tests.templates.every_page import PAGES, open_page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.test import Client
    from pytest_django import Settings

CODES = [to_language(language) for language in LANGUAGES]


@pytest.fixture
def localized(settings: Settings) -> Iterator[None]:
    """A site that shows pages in the language of the browser."""
    middleware = [*settings.MIDDLEWARE]
    middleware.insert(2, "django.middleware.locale.LocaleMiddleware")
    settings.MIDDLEWARE = middleware
    yield
    translation.deactivate()  # LocaleMiddleware leaves the language of the last request active


def read_language(response: Any) -> tuple[str, str]:
    """Return ``lang`` and ``dir`` of <html>."""
    found = re.search(r'<html[^>]* lang="([^"]+)" dir="(\w+)"', response.content.decode())
    assert found
    return found[1], found[2]


@pytest.mark.django_db
@pytest.mark.urls("tests.templates.every_page")
@pytest.mark.usefixtures("localized")
class TestPages:
    @pytest.mark.parametrize("code", CODES)
    def test_page_is_in_the_language_of_the_browser(self, client: Client, code: str) -> None:
        client.defaults["HTTP_ACCEPT_LANGUAGE"] = code
        response = open_page("selfservice/login.html", client)
        assert read_language(response) == (code, "rtl" if code == "ar" else "ltr")
        page = response.content.decode()
        with translation.override(code):
            assert gettext("Password") in page
            assert gettext("Incorrect email, username or password. Try again.") in page
        assert "Incorrect email" not in page

    @pytest.mark.parametrize("template", PAGES)
    @pytest.mark.parametrize(
        ("wanted", "shown"), [("ar", ("ar", "rtl")), ("sv", ("en", "ltr")), ("he", ("en", "ltr"))]
    )
    def test_language_of_each_page_is_that_of_its_texts(
        self, client: Client, template: str, wanted: str, shown: tuple[str, str]
    ) -> None:
        client.defaults["HTTP_ACCEPT_LANGUAGE"] = wanted
        assert read_language(open_page(template, client)) == shown


@pytest.mark.parametrize("code", CODES)
def test_each_message_of_kratos_has_a_text_with_its_values(code: str) -> None:
    for number, names in MESSAGE_IDS.items():
        if number in VERBATIM:
            continue
        context = {name: 7 if "length" in name or "items" in name else "Vx9" for name in names}
        english, shown = (_get_text(language, number, context) for language in ("en", code))
        assert shown != "Kratos' own", number
        for value in ("Vx9", "7"):
            assert (value in shown) == (value in english), (number, shown)


def _get_text(language: str, number: int, context: dict[str, Any]) -> str:
    with translation.override(language):
        return get_text(UiText(id=number, text="Kratos' own", context=context))


@pytest.mark.parametrize("code", CODES)
def test_each_mail_and_sms_is_in_the_language_of_its_recipient(settings: Settings, code: str) -> None:
    settings.ORY = {**settings.ORY, "default": {**settings.ORY["default"], "SITE_NAME": "Cups"}}
    english = {_render(message) for message in build_samples(alias="default", language="en")}
    for message in build_samples(alias="default", language=code):
        text = _render(message)
        assert "Cups" in text
        assert text not in english
        if message.code:
            assert message.code in text
        if not message.is_sms:
            html = str(build_mail(message).alternatives[0][0])
            assert f'<html lang="{code}" dir="{"rtl" if code == "ar" else "ltr"}">' in html


def _render(message: Any) -> str:
    return render_sms(message) if message.is_sms else str(build_mail(message).body)


@pytest.mark.parametrize(
    ("code", "minutes", "expected"),
    [
        ("de", 1, "1 Minute"),
        ("de", 5, "5 Minuten"),
        ("pl", 1, "1 minutę"),
        ("pl", 3, "3 minuty"),
        ("pl", 5, "5 minut"),
        ("pl", 22, "22 minuty"),
        ("ar", 1, "دقيقة واحدة"),
        ("ar", 2, "دقيقتين"),
        ("ar", 5, "5 دقائق"),
        ("ar", 15, "15 دقيقة"),
        ("ar", 100, "100 دقيقة"),
        ("ja", 15, "15 分"),
    ],
)
def test_lifetime_of_a_code_has_the_plural_of_the_language(code: str, minutes: int, expected: str) -> None:
    with translation.override(code):
        singular, plural = "Valid for %(minutes)s minute.", "Valid for %(minutes)s minutes."
        assert expected in translation.ngettext(singular, plural, minutes) % {"minutes": minutes}


class TestLabels:
    """Labels of traits: titles of the schema, which are in one language, and names of traits."""

    def test_common_title_is_translated(self) -> None:
        with translation.override("de"):
            assert build_label("traits.name.first", title="First name") == "Vorname"
            assert get_text(UiText(id=1070002, text="First name")) == "Vorname"

    def test_name_of_a_trait_without_a_title_is_translated(self) -> None:
        with translation.override("nl"):
            assert build_label("traits.first_name") == "Voornaam"
            assert build_label("traits.shoe_size") == "Shoe size"

    @pytest.mark.parametrize("title", ["Schuhgröße", "%(x)s {y}", "\n", "<b>"])
    def test_other_title_is_kept(self, title: str) -> None:
        with translation.override("de"):
            assert build_label("traits.x", title=title) == title

    def test_empty_title_is_not_the_header_of_the_catalog(self) -> None:
        with translation.override("de"):
            assert get_text(UiText(id=1070002, text="")) == ""
            assert build_label("") == ""
