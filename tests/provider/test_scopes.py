"""Scopes that a client can get, and their texts on the consent page."""

from __future__ import annotations

from typing import Any

import pytest

from django_ory.adapter import OryAdapter, get_adapter
from django_ory.provider.openid.scopes import build_scope_choices, limit_scope


@pytest.mark.parametrize(
    ("requested", "registered", "expected"),
    [
        (["openid", "email"], ["openid", "email", "photos"], ("openid", "email")),
        (["openid", "admin"], ["openid"], ("openid",)),
        (["email", "openid", "email"], ["openid", "email"], ("email", "openid")),
        (["photos.read", "photos"], ["photos.*"], ("photos.read",)),
        (["photos.read", "photosx"], ["photos"], ("photos.read",)),
        (["openid"], [], ()),
        (["OPENID"], ["openid"], ()),
        (["", "openid"], ["openid"], ("openid",)),
    ],
)
def test_requested_scope_is_limited_to_the_registered_one(
    requested: list[str], registered: list[str], expected: tuple[str, ...]
) -> None:
    assert limit_scope(requested, default=["email"], registered=registered) == expected


@pytest.mark.parametrize(
    ("default", "registered", "expected"),
    [
        (["openid", "email"], ["openid", "photos"], ("openid",)),
        (["photos.read"], ["photos.*"], ()),
        (["photos.*", "photos.*"], ["photos.*"], ("photos.*",)),
        ([], ["openid"], ()),
    ],
)
def test_default_scope_is_limited_to_exact_registered_names(
    default: list[str], registered: list[str], expected: tuple[str, ...]
) -> None:
    assert limit_scope([], default=default, registered=registered) == expected


def test_first_consent_has_all_scopes_selected() -> None:
    choices = build_scope_choices(["openid", "photos"], adapter=get_adapter())
    assert [(each.name, each.locked, each.checked, each.is_new) for each in choices] == [
        ("openid", True, True, False),
        ("photos", False, True, False),
    ]


def test_later_consent_has_the_granted_scopes_selected_and_marks_new_ones() -> None:
    choices = build_scope_choices(
        ["openid", "email", "photos", "calendar"],
        adapter=get_adapter(),
        granted={"openid", "email"},
        known={"openid", "email", "photos"},
    )
    assert [(each.name, each.checked, each.is_new) for each in choices] == [
        ("openid", True, False),
        ("email", True, False),
        ("photos", False, False),
        ("calendar", False, True),
    ]


def test_required_scopes_are_locked() -> None:
    choices = build_scope_choices(["openid", "email"], adapter=get_adapter(), required={"email"})
    assert [each.name for each in choices if each.locked] == ["email"]


@pytest.mark.parametrize(
    ("name", "title"),
    [("email", "See your email address"), ("Photos", "Photos"), ("a\u202eb\x00", "ab"), ("\x00", "?")],
)
def test_unknown_scope_is_shown_by_its_name(name: str, title: str) -> None:
    [choice] = build_scope_choices([name], adapter=get_adapter())
    assert (choice.name, choice.title) == (name, title)


def test_texts_of_the_adapter_win() -> None:
    class Adapter(OryAdapter):
        def describe_scope(self, scope: str) -> Any:
            return ("Title", "Text") if scope == "email" else None

    [email, profile] = build_scope_choices(["email", "profile"], adapter=Adapter())
    assert (email.title, email.description) == ("Title", "Text")
    assert profile.title == "See your profile"
