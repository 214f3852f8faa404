"""Each catalog has each text, with its placeholders and tags, and a form for each plural of the language."""

from __future__ import annotations

import re
from gettext import c2py
from typing import TYPE_CHECKING

import pytest
from babel import Locale
from django.conf import global_settings
from django.utils.translation import to_locale

from hatch_build import compile_catalogs
from tests.languages.catalogs import LANGUAGES, LOCALE, Text, extract_texts, get_catalog
from tests.lint.catalogs import main

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from babel.messages.catalog import Message

#: %(name)s and %s, {name}, HTML tags, and the web addresses and codes that are the same in all languages.
PLACEHOLDERS = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}|</?\w+[^>]*>|https?://\S+\w|manage\.py|settings\.ORY")
LANGUAGE_CODE = Text("code of the language of these texts, such as de", "en", "")
#: Numbers for which the plural forms are compared with those of Unicode's CLDR.
NUMBERS = range(200)


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def get_messages(language: str) -> Iterator[tuple[Text, Message]]:
    for message in get_catalog(language):
        if message.id:
            singular, plural = message.id if isinstance(message.id, tuple) else (str(message.id), "")
            yield Text(message.context or "", singular, plural), message


def get_forms(message: Message) -> tuple[str, ...]:
    return tuple(message.string) if isinstance(message.string, (tuple, list)) else (str(message.string),)


def test_there_is_a_catalog_for_each_language() -> None:
    assert {path.parent.parent.name for path in LOCALE.glob("*/LC_MESSAGES/django.po")} == set(LANGUAGES)


def test_texts_are_found_in_python_and_in_templates() -> None:
    texts = extract_texts()
    assert Text("", "Valid for %(minutes)s minute.", "Valid for %(minutes)s minutes.") in texts
    assert Text("between two ways to sign in", "or", "") in texts
    assert Text("", "Sign in to {site}", "") in texts
    assert Text("", "Allow <bdi>%(client_name)s</bdi>?", "") in texts
    assert LANGUAGE_CODE in texts


def test_catalog_has_each_text_of_the_source_and_no_other(language: str) -> None:
    found = {text for text, _message in get_messages(language)}
    missing, superfluous = extract_texts() - found, found - extract_texts()
    assert (sorted(missing), sorted(superfluous)) == ([], []), "python -m tests.lint.catalogs --update"
    assert not get_catalog(language).obsolete


def test_each_text_is_translated_and_reviewed(language: str) -> None:
    for text, message in get_messages(language):
        assert not message.fuzzy, text
        assert all(form.strip() for form in get_forms(message)), text


def test_translation_keeps_placeholders_and_tags(language: str) -> None:
    numbers = get_numbers_of_forms(language)
    for text, message in get_messages(language):
        expected = sorted(PLACEHOLDERS.findall(text.plural or text.singular))
        for form, translated in enumerate(get_forms(message)):
            found = sorted(PLACEHOLDERS.findall(translated))
            # "One minute" needs no number.
            if not (text.plural and len(numbers[form]) == 1 and set(found) <= set(expected)):
                assert found == expected, (text, translated)


def test_translation_has_the_line_breaks_and_the_white_space_of_the_text(language: str) -> None:
    for text, message in get_messages(language):
        for translated in get_forms(message):
            assert translated.count("\n") == text.singular.count("\n"), text
            if text.singular != ", ":
                assert translated == translated.strip() or text.singular != text.singular.strip(), text


def test_plural_forms_are_those_of_the_language(language: str) -> None:
    category = Locale.parse(language).plural_form
    for numbers in get_numbers_of_forms(language).values():
        assert len({category(number) for number in numbers}) == 1, numbers
    categories = {category(number) for number in NUMBERS}
    assert len(get_numbers_of_forms(language)) == len(categories)


def test_texts_with_a_number_have_each_plural_form(language: str) -> None:
    plurals = [message for text, message in get_messages(language) if text.plural]
    assert plurals
    for message in plurals:
        assert len(get_forms(message)) == get_catalog(language).num_plurals, message.id


def test_catalog_names_its_language(language: str) -> None:
    codes = {to_locale(code) for code, _name in global_settings.LANGUAGES}
    assert language in codes
    catalog = get_catalog(language)
    code = catalog.get(LANGUAGE_CODE.singular, LANGUAGE_CODE.context)
    assert code
    assert to_locale(str(code.string)) == language


def test_catalog_has_no_dates_and_line_numbers(language: str) -> None:
    """They would change in each commit."""
    source = (LOCALE / language / "LC_MESSAGES/django.po").read_text()
    assert "POT-Creation-Date" not in source
    assert "\n#: " not in source


def get_numbers_of_forms(language: str) -> dict[int, list[int]]:
    """Index of a plural form -> the numbers that use it."""
    choose = read_plural_rule(get_catalog(language).plural_expr)
    forms: dict[int, list[int]] = {}
    for number in NUMBERS:
        forms.setdefault(choose(number), []).append(number)
    return forms


def read_plural_rule(expression: str) -> Callable[[int], int]:
    rule: Callable[[int], int] = c2py(expression)
    return rule


def test_makemessages_is_not_run_without_gettext(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None)
    assert (main([]), main(["--update"])) == (0, 1)
    assert "xgettext" in capsys.readouterr().out


def test_compiled_catalog_is_written_once(tmp_path: Path) -> None:
    folder = tmp_path / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    source = folder / "django.po"
    source.write_text('msgid ""\nmsgstr ""\n\nmsgid "Code"\nmsgstr "Kode"\n')
    assert compile_catalogs(tmp_path) == [folder / "django.mo"]
    assert compile_catalogs(tmp_path) == []
    assert b"Kode" in (folder / "django.mo").read_bytes()
    assert sorted(path.name for path in folder.iterdir()) == ["django.mo", "django.po"]


def test_compiled_catalog_does_not_depend_on_the_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_text('msgid ""\nmsgstr ""\n\nmsgid "Code"\nmsgstr "Kode"\n')
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    compile_catalogs(tmp_path)
    assert b"POT-Creation-Date: 2020-02-02 00:00+0000" in (folder / "django.mo").read_bytes()
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    assert compile_catalogs(tmp_path, only_changed=False) == [folder / "django.mo"]
    assert b"POT-Creation-Date: 2023-11-14 22:13+0000" in (folder / "django.mo").read_bytes()
