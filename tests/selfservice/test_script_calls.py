from __future__ import annotations

import pytest

from django_ory.selfservice.forms.attributes import build_call_attributes
from django_ory.selfservice.texts.variants import get_variant


@pytest.mark.parametrize(
    ("function", "line", "attrs"),
    [
        ("oryPasskeyLogin", "window.oryPasskeyLogin()", {"data-ory-load": "oryPasskeyLogin"}),
        (
            None,
            'window.__oryWebAuthnLogin({"a":1})',
            {"data-ory-load": "__oryWebAuthnLogin", "data-ory-argument": '{"a":1}'},
        ),
        (None, " window.__oryPasskeyLogin() ", {"data-ory-load": "__oryPasskeyLogin"}),
        ("alert", None, {}),
        ("constructor", "window.oryPasskeyLogin()", {}),
        (None, "window.__oryEvil()", {}),
        (None, "window.__oryWebAuthnLogin(alert(1))", {}),
        (None, "alert(1)", {}),
        (None, "window.__oryWebAuthnLogin({}); alert(1)", {}),
        (None, None, {}),
        ("", "", {}),
    ],
)
def test_only_known_functions_with_json_arguments_are_called(
    function: str | None, line: str | None, attrs: dict[str, str]
) -> None:
    assert build_call_attributes("load", function, line) == attrs


def test_deeply_nested_argument_is_not_called() -> None:
    assert build_call_attributes("click", None, f"window.__oryWebAuthnLogin({'[' * 200_000})") == {}


def test_deeply_nested_values_of_a_message_are_shown_as_they_are() -> None:
    values = "[" * 200_000
    variant = get_variant(4000001, {}, f"value must be one of {values}")
    assert variant is not None
    assert variant[1] == {"values": values}
