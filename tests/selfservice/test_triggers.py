from __future__ import annotations

import pytest

from django_ory.selfservice.forms.script_calls import get_allowed_call


@pytest.mark.parametrize(
    ("name", "line", "trigger"),
    [
        ("oryPasskeyLogin", "window.oryPasskeyLogin()", ("oryPasskeyLogin", None)),
        (None, 'window.__oryWebAuthnLogin({"a":1})', ("__oryWebAuthnLogin", '{"a":1}')),
        (None, " window.__oryPasskeyLogin() ", ("__oryPasskeyLogin", None)),
        ("alert", None, None),
        ("constructor", "window.oryPasskeyLogin()", None),
        (None, "window.__oryEvil()", None),
        (None, "window.__oryWebAuthnLogin(alert(1))", None),
        (None, "alert(1)", None),
        (None, "window.__oryWebAuthnLogin({}); alert(1)", None),
        (None, None, None),
        ("", "", None),
    ],
)
def test_only_known_functions_and_only_data(
    name: str | None, line: str | None, trigger: tuple[str, str | None] | None
) -> None:
    assert get_allowed_call(name, line) == trigger
