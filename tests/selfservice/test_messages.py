from __future__ import annotations

import re
from typing import Any

import pytest
from django.utils import translation

from django_ory.client.models import UiText
from django_ory.selfservice.texts.messages import TEXTS, Note, get_text

from .message_ids import MESSAGE_IDS, VERBATIM


def words(number: int, text: str = "Kratos' own", **context: Any) -> str:
    return get_text(UiText(id=number, text=text, context=context))


def test_every_message_id_has_a_text() -> None:
    assert set(MESSAGE_IDS) == set(TEXTS) | VERBATIM
    assert not set(TEXTS) & VERBATIM


def test_every_placeholder_is_in_the_context_of_its_message() -> None:
    for number, template in TEXTS.items():
        assert set(re.findall(r"%\((\w+)\)s", str(template))) <= set(MESSAGE_IDS[number]), number


@pytest.mark.parametrize("number", sorted(VERBATIM))
def test_labels_and_secrets_keep_the_text_of_kratos(number: int) -> None:
    assert words(number, "Shoe size", title="Other", secret="other") == "Shoe size"


@pytest.mark.parametrize(
    ("number", "text", "context", "shown"),
    [
        (4000029, "must be equal to constant true", {"expected": "true"}, "This must be accepted."),
        (4000029, 'must be equal to constant "x"', {"expected": '"x"'}, 'This must be "x".'),
        (
            4000026,
            "expected integer, but got string",
            {"allowed_types": ["integer"]},
            "Enter a whole number.",
        ),
        (4000026, "expected number, but got string", {"allowed_types": ["number"]}, "Enter a number."),
        (4000026, "", {"allowed_types": ["null", "boolean"]}, "Choose yes or no."),
        (4000026, "", {"allowed_types": ["array"]}, "Enter a valid value."),
        (4000026, "", {"allowed_types": 7}, "Enter a valid value."),
        (4000001, "", {"reason": 'value must be one of "a", "b, c"'}, "Choose one of these: a, b, c."),
        (4000001, 'value must be one of "a", 3', {}, "Choose one of these: a, 3."),
        (4000001, "", {"reason": 'value must be "pro"'}, "This must be pro."),
        (4000001, "", {"reason": 'value must be one of "a", ""'}, "Choose one of these: a."),
        (4000001, "", {"reason": 'value must be one of "a'}, 'Choose one of these: "a.'),
        (
            4000001,
            "",
            {"reason": '"no\naddress" is not valid "email"'},
            "Enter an email address, like name@example.com.",
        ),
        (4000001, "", {"reason": '"x" is not valid "date"'}, "Enter a date, like 2026-01-31."),
        (
            4000001,
            "",
            {"reason": "The request was submitted too often. Please request another code."},
            "Too many attempts. Request a new code.",
        ),
        (4000001, "", {"reason": "I[#/x] S[#] nil"}, "Please check what you entered and try again."),
        (4000001, "", {"reason": ["x"]}, "Please check what you entered and try again."),
    ],
)
def test_validation_error_has_a_text_for_users(
    number: int, text: str, context: dict[str, Any], shown: str
) -> None:
    assert words(number, text, **context) == shown


@pytest.mark.parametrize(
    ("types", "providers", "shown"),
    [
        (["code", "password"], [], "Sign in with your password or a code that we send you."),
        (["oidc"], ["github"], "Sign in with GitHub."),
        (["password", "oidc"], ["my-company", "google"], "Sign in with your password, My Company or Google."),
        (["totp"], None, "Sign in instead, or recover your account."),
        (None, None, "Sign in instead, or recover your account."),
        ("password", 7, "Sign in instead, or recover your account."),
        ([7, "passkey", ""], [{}, ""], "Sign in with a passkey."),
    ],
)
def test_login_hints_list_the_methods_of_the_account(types: Any, providers: Any, shown: str) -> None:
    found = words(4000028, available_credential_types=types, available_oidc_providers=providers)
    assert found.endswith(shown)
    assert "already" in found


def test_known_message_has_the_text_of_the_app() -> None:
    assert words(1070001) == "Password"
    assert words(1010002, provider="GitHub") == "Sign in with GitHub"
    assert words(1010002, provider="github") == words(1010002, provider="Github") == "Sign in with GitHub"
    assert words(1010002, provider="Our own login") == "Sign in with Our own login"
    assert words(4000032, min_length=8, actual_length=3) == "Use a password of at least 8 characters."


@pytest.mark.parametrize(
    "context", [{}, {"provider": ""}, {"provider": []}, {"provider": {"x": 1}}, {"provider": None}]
)
def test_message_without_its_context_keeps_the_text_of_kratos(context: dict[str, Any]) -> None:
    assert words(1010002, **context) == "Kratos' own"


def test_unknown_message_keeps_the_text_of_kratos() -> None:
    assert words(1234) == "Kratos' own"
    assert get_text(UiText(text="only text")) == "only text"
    assert get_text(UiText(id=1070001, context=None)) == "Password"


def test_lists_and_days_are_formatted() -> None:
    assert words(1010002, provider=["GitHub", "Google"]) == "Sign in with GitHub, Google"
    with translation.override("en"):
        assert words(1050014, used_at="2026-01-31T10:00:00Z") == "Used on Jan. 31, 2026"
        assert words(1050014, used_at="2026-01-31T10:00:00") == "Used on Jan. 31, 2026"
        assert words(1050014, used_at="long ago") == "Used on long ago"


def test_percent_sign_in_a_value_is_kept() -> None:
    assert words(1010002, provider="100 %s %(x)s") == "Sign in with 100 %s %(x)s"


def test_unknown_level_of_a_message_becomes_info() -> None:
    assert Note.from_message(UiText(id=4000006, type="error")).level == "error"
    assert Note.from_message(UiText(text="x", type="fatal")) == Note("info", "x", 0)


def test_texts_avoid_technical_words() -> None:
    for template in TEXTS.values():
        assert not re.search(r"\b(oops|invalid|flow|credential)\b", str(template), re.IGNORECASE), template
    assert list(TEXTS) == sorted(TEXTS)


def test_phone_number_in_arabic_runs_from_left_to_right() -> None:
    with translation.override("ar"):
        assert "\u2068+49…45\u2069" in words(1010023, address="+49…45")
    assert words(1010023, address="+49…45") == "Send a code to +49…45"
