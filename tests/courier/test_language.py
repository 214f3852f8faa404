"""The language of a message: identity, browser, flow, LANGUAGE_CODE."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.conf import global_settings

from django_ory.courier.language import choose_language, find_language

from .conftest import build_newer_post, build_post

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_django import Settings

    from django_ory.courier.messages import CourierMessage

    from .conftest import Configure

    Read = Callable[[Any], CourierMessage]

FLOW_IN_FRENCH = {"request_url": "http://localhost/self-service/login/browser?lang=fr"}


@pytest.fixture(autouse=True)
def languages(settings: Settings) -> None:
    settings.LANGUAGE_CODE = "en"
    settings.LANGUAGES = [("en", "English"), ("de", "German"), ("fr", "French"), ("pt-br", "Brazilian")]


@pytest.mark.parametrize(
    ("candidates", "expected"),
    [
        (["de"], "de"),
        (["DE"], "de"),
        (["de_AT"], "de"),
        (["de-CH-1996"], "de"),
        (["de_DE.UTF-8"], "de"),
        (["pt"], "pt-br"),
        (["pt-PT"], "pt-br"),
        (["xx", "fr"], "fr"),
        ([], ""),
        ([""], ""),
        (["*"], ""),
        (["-"], ""),
        (["xx"], ""),
        (["d"], ""),
    ],
)
def test_tags_are_matched_with_the_languages_of_the_site(candidates: list[str], expected: str) -> None:
    assert find_language(candidates) == expected


@pytest.mark.parametrize(
    ("candidates", "expected"),
    [
        (["zh-TW"], "zh-hant"),
        (["zh_HK"], "zh-hant"),
        (["zh_TW.UTF-8"], "zh-hant"),
        (["zh-CN"], "zh-hans"),
        (["zh"], "zh-hans"),
        (["en-GB"], "en-gb"),
        (["x" * 600], ""),
    ],
)
def test_tags_that_django_relates_are_matched_as_in_django(
    settings: Settings, candidates: list[str], expected: str
) -> None:
    settings.LANGUAGES = global_settings.LANGUAGES
    assert find_language(candidates) == expected


def test_language_without_a_translation_is_matched(settings: Settings) -> None:
    settings.LANGUAGES = [("en", "English"), ("Tlh-Latn", "Klingon")]
    assert find_language(["tlh"]) == find_language(["tlh_LATN_x"]) == "Tlh-Latn"


@pytest.mark.parametrize(
    "identity",
    [
        {"traits": {"locale": "fr"}},
        {"traits": {"language": "fr-CA"}},
        {"traits": {"locale": 7, "language": ["xx", "fr"]}},
        {"traits": None, "metadata_public": {"locale": "fr"}},
    ],
)
def test_language_of_the_identity_is_first(read: Read, identity: dict[str, Any]) -> None:
    assert choose_language(read(build_newer_post(data={"identity": identity}))) == "fr"


def test_path_of_the_language_is_a_setting(read: Read, configure: Configure) -> None:
    configure(COURIER_LOCALE_PATHS=["traits.settings.0.tongue"])
    identity = {"traits": {"settings": [{"tongue": "fr"}], "locale": "de"}}
    assert choose_language(read(build_post(data={"identity": identity}))) == "fr"


def test_language_of_the_browser_is_before_that_of_the_flow(read: Read) -> None:
    assert choose_language(read(build_newer_post(data=FLOW_IN_FRENCH))) == "de"


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("fr;q=0.2, de;q=0.8", "de"),
        ("fr;q=0, de;q=0.1", "de"),
        ("fr;q=x, de", "de"),
        ("fr;q=nan, de", "de"),
        (["xx", "fr"], "fr"),
        ("x" * 600 + ",fr", "en"),
        (7, "en"),
        (None, "en"),
        ("", "en"),
    ],
)
def test_accept_language_is_read_by_weight(read: Read, header: Any, expected: str) -> None:
    document = build_post(data={"request_headers": {"accept-language": header}})
    assert choose_language(read(document)) == expected


@pytest.mark.parametrize("query", ["lang=fr", "ui_locales=xx+fr+de"])
def test_language_of_the_flow_is_read_from_its_url(read: Read, query: str) -> None:
    document = build_post(data={"request_url": f"http://localhost/self-service/login/browser?{query}"})
    assert choose_language(read(document)) == "fr"


@pytest.mark.parametrize("name", ["lang", "ui_locales"])
def test_long_language_of_the_flow_is_not_read(read: Read, name: str) -> None:
    """Everyone can start a flow. Each part of the tag would be looked up, which takes quadratic time."""
    url = f"http://localhost/self-service/login/browser?{name}=fr-{'a-' * 200_000}"
    assert choose_language(read(build_post(data={"request_url": url}))) == "en"


def test_language_code_is_the_default(read: Read, settings: Settings) -> None:
    settings.LANGUAGE_CODE = "de"
    assert choose_language(read(build_post())) == "de"
