"""``login_hint`` of an OAuth2 client: the identifier is entered already, and the user can replace it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from . import shapes
from .test_links import open_state

if TYPE_CHECKING:
    from .conftest import Kratos
    from .test_views import Tags


def get_value(page: Tags, name: str) -> str | None:
    (found,) = page.all("input", name=name)
    return found.get("value")


@pytest.mark.parametrize(
    ("hint", "value"),
    [
        ("ann@example.org", "ann@example.org"),
        ('"><script>', '"><script>'),
        ("", ""),
        ("a\x00b", ""),
        ("x" * 257, ""),
    ],
)
def test_hint_is_entered_as_identifier(kratos: Kratos, hint: str, value: str) -> None:
    page = open_state(kratos, shapes.login(), {"login_hint": hint})
    assert (get_value(page, "identifier") or "") == value


def test_identifier_of_kratos_is_kept(kratos: Kratos) -> None:
    body: Any = shapes.login_refresh()
    assert get_value(open_state(kratos, body, {"login_hint": "bob@example.org"}), "identifier") == (
        "ann@example.org"
    )


def test_hint_is_entered_in_a_recovery(kratos: Kratos) -> None:
    page = open_state(kratos, shapes.recovery(), {"login_hint": "ann@example.org"})
    assert get_value(page, "email") == "ann@example.org"


def test_hint_is_not_entered_in_a_sign_up(kratos: Kratos) -> None:
    page = open_state(kratos, shapes.registration_first(), {"login_hint": "ann@example.org"})
    assert not page.all("input", value="ann@example.org")
