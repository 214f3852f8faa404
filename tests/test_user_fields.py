"""From traits to fields."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model

from django_ory.user_fields import fill_user, same_email, trait

User: Any = get_user_model()
EMAIL = User.get_email_field_name()
TEXT = "first_name" if User.USERNAME_FIELD != EMAIL else "full_name"
LIMIT = User._meta.get_field(TEXT).max_length


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("email", "a@b.c"),
        ("name.first", "Ann"),
        ("name.last.more", None),
        ("emails.0", "x"),
        ("emails.1.value", "y"),
        ("emails.7", None),
        ("emails.-1", None),
        ("nothing", None),
        ("", None),
    ],
)
def test_paths(path: str, value: object) -> None:
    traits = {"email": "a@b.c", "name": {"first": "Ann", "last": "Lee"}, "emails": ["x", {"value": "y"}]}
    assert trait(traits, path) == value


def filled(traits: dict[str, Any], mapping: dict[str, str], **fields: Any) -> Any:
    user = User(**fields)
    fill_user(user, traits, mapping)
    return user


def test_text_is_cut() -> None:
    assert getattr(filled({"n": "x" * 500}, {TEXT: "n"}), TEXT) == "x" * LIMIT


def test_an_email_is_never_cut(caplog: pytest.LogCaptureFixture) -> None:
    user = filled({"e": "x" * 500 + "@example.org"}, {EMAIL: "e"}, **{EMAIL: "before@example.org"})
    assert getattr(user, EMAIL) == "before@example.org"
    assert "too long" in caplog.text
    assert "xxx" not in caplog.text


def test_a_number_becomes_text_and_other_shapes_are_passed_over() -> None:
    assert getattr(filled({"n": 5}, {TEXT: "n"}), TEXT) == "5"
    for odd in (True, [1], {"a": 1}, 1.5):
        assert getattr(filled({"n": odd}, {TEXT: "n"}, **{TEXT: "kept"}), TEXT) == "kept"


def test_what_is_missing_changes_nothing() -> None:
    assert getattr(filled({}, {TEXT: "n"}, **{TEXT: "kept"}), TEXT) == "kept"
    assert getattr(filled({"n": ""}, {TEXT: "n"}, **{TEXT: "gone"}), TEXT) == ""


@pytest.mark.parametrize(
    "name", ["is_staff", "is_superuser", "is_active", "password", "groups", "pk", "no_such_field"]
)
def test_rights_and_passwords_never_come_from_traits(name: str) -> None:
    before = User()
    after = filled({"x": "1"}, {name: "x"})
    assert (after.is_staff, after.is_superuser, after.is_active, after.password) == (
        before.is_staff,
        before.is_superuser,
        before.is_active,
        before.password,
    )


def test_other_kinds_of_fields(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr("django_ory.user_fields.PROTECTED_FIELDS", frozenset())
    user = filled({"at": "2026-01-02T03:04:05Z", "groups": ["a"]}, {"last_login": "at", "groups": "groups"})
    assert user.last_login.year == 2026
    assert filled({"at": "never"}, {"last_login": "at"}).last_login is None
    assert "nothing that" in caplog.text


def test_the_user_name_is_normalized() -> None:
    assert filled({"n": "\uff46\uff55\uff4c\uff4c"}, {User.USERNAME_FIELD: "n"}).get_username() == "full"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("a@b.c", "A@B.c", True),
        ("a@b.c", "a@b.d", False),
        ("k@b.c", "\u212a@b.c", False),
        ("\u0131@b.c", "i@b.c", False),
    ],
)
def test_same_email(one: str, other: str, same: bool) -> None:
    assert same_email(one, other) is same
