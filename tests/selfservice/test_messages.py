from __future__ import annotations

import re
from typing import Any

import pytest
from django.utils import translation

from django_ory.client.models import UiText
from django_ory.selfservice.messages import TEXTS, Note, note_of, text_of

#: What each id carries, from text/message_*.go of v26.2.0. Only ids whose text uses it.
CONTEXT = {
    1010002: {"provider"},
    1010016: {"duplicateIdentifier", "provider"},
    1010018: {"provider"},
    1010023: {"address"},
    1040002: {"provider"},
    1050002: {"provider"},
    1050003: {"provider"},
    1050014: {"used_at"},
    1050018: {"display_name"},
    1050020: {"display_name"},
    1060004: {"masked_address"},
    4000003: {"min_length"},
    4000005: {"reason"},
    4000017: {"max_length"},
    4000018: {"minimum"},
    4000019: {"minimum"},
    4000020: {"maximum"},
    4000021: {"maximum"},
    4000022: {"base"},
    4000023: {"max_items"},
    4000024: {"min_items"},
    4000032: {"min_length"},
    4000033: {"max_length"},
}


def words(number: int, text: str = "Kratos' own", **context: Any) -> str:
    return text_of(UiText(id=number, text=text, context=context))


def test_every_text_uses_what_its_message_carries() -> None:
    used = {number: set(re.findall(r"%\((\w+)\)s", str(template))) for number, template in TEXTS.items()}
    assert {number: names for number, names in used.items() if names} == CONTEXT


def test_a_known_message_is_ours() -> None:
    assert words(1070001) == "Password"
    assert words(1010002, provider="GitHub") == "Sign in with GitHub"
    assert words(4000032, min_length=8, actual_length=3) == "Please use a password of at least 8 characters."


@pytest.mark.parametrize(
    "context", [{}, {"provider": ""}, {"provider": []}, {"provider": {"x": 1}}, {"provider": None}]
)
def test_without_its_context_kratos_speaks(context: dict[str, Any]) -> None:
    assert words(1010002, **context) == "Kratos' own"


def test_an_unknown_message_is_kratos() -> None:
    assert words(1234) == "Kratos' own"
    assert text_of(UiText(text="only text")) == "only text"
    assert text_of(UiText(id=1070001, context=None)) == "Password"


def test_lists_and_days_are_worded() -> None:
    assert words(1010002, provider=["GitHub", "Google"]) == "Sign in with GitHub, Google"
    with translation.override("en"):
        assert words(1050014, used_at="2026-01-31T10:00:00Z") == "Used on Jan. 31, 2026"
        assert words(1050014, used_at="2026-01-31T10:00:00") == "Used on Jan. 31, 2026"
        assert words(1050014, used_at="long ago") == "Used on long ago"


def test_a_percent_sign_in_a_value_is_harmless() -> None:
    assert words(1010002, provider="100 %s %(x)s") == "Sign in with 100 %s %(x)s"


def test_notes_have_a_known_kind() -> None:
    assert note_of(UiText(id=4000006, type="error")).kind == "error"
    assert note_of(UiText(text="x", type="fatal")) == Note("info", "x", 0)


def test_our_texts_do_not_sound_like_a_machine() -> None:
    for template in TEXTS.values():
        assert not re.search(r"\b(oops|invalid|flow|credential)\b", str(template), re.IGNORECASE), template
    assert list(TEXTS) == sorted(TEXTS)
