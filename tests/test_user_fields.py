"""From traits to fields."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth import get_user_model

from django_ory.traits import emails_equal, get_trait
from django_ory.user_fields import (
    build_traits,
    clear_removed_fields,
    find_filled_fields,
    get_user_field,
    set_user_fields,
)

from .user_field_cases import (
    BEFORE,
    FITS_64_BITS,
    FITTING,
    FITTING_IDS,
    UNFITTING,
    UNFITTING_IDS,
    Member,
    set_and_read,
    table,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

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
def test_dotted_path_finds_the_trait(path: str, value: object) -> None:
    traits = {"email": "a@b.c", "name": {"first": "Ann", "last": "Lee"}, "emails": ["x", {"value": "y"}]}
    assert get_trait(traits, path) == value


def filled(traits: dict[str, Any], mapping: dict[str, str], **fields: Any) -> Any:
    user = User(**fields)
    set_user_fields(user, traits, mapping)
    return user


def test_long_text_is_shortened() -> None:
    assert getattr(filled({"n": "x" * 500}, {TEXT: "n"}), TEXT) == "x" * LIMIT


def test_long_email_is_ignored(caplog: pytest.LogCaptureFixture) -> None:
    user = filled({"e": "x" * 500 + "@example.org"}, {EMAIL: "e"}, **{EMAIL: "before@example.org"})
    assert getattr(user, EMAIL) == "before@example.org"
    assert f"Trait e ignored: invalid value for field {EMAIL}." in caplog.text
    assert "xxx" not in caplog.text


def test_number_becomes_text_and_other_types_are_ignored() -> None:
    assert getattr(filled({"n": 5}, {TEXT: "n"}), TEXT) == "5"
    for odd in (True, [1], {"a": 1}, 1.5):
        assert getattr(filled({"n": odd}, {TEXT: "n"}, **{TEXT: "kept"}), TEXT) == "kept"


def test_missing_trait_keeps_the_field() -> None:
    assert getattr(filled({}, {TEXT: "n"}, **{TEXT: "kept"}), TEXT) == "kept"
    assert getattr(filled({"n": ""}, {TEXT: "n"}, **{TEXT: "gone"}), TEXT) == ""


@pytest.mark.parametrize(
    "name", ["is_staff", "is_superuser", "is_active", "password", "groups", "pk", "no_such_field"]
)
def test_protected_fields_are_not_set(name: str) -> None:
    before = User()
    after = filled({"x": "1"}, {name: "x"})
    assert (after.is_staff, after.is_superuser, after.is_active, after.password) == (
        before.is_staff,
        before.is_superuser,
        before.is_active,
        before.password,
    )


@pytest.fixture(scope="module")
def member_table(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock(), table():
        yield


@pytest.mark.django_db
@pytest.mark.parametrize(("field", "trait", "value"), FITTING, ids=FITTING_IDS)
def test_valid_trait_is_stored(member_table: None, field: str, trait: Any, value: Any) -> None:
    assert set_and_read(field, trait) == value


@pytest.mark.django_db
@pytest.mark.parametrize(("field", "trait"), UNFITTING, ids=UNFITTING_IDS)
def test_invalid_trait_keeps_the_field(
    member_table: None, caplog: pytest.LogCaptureFixture, field: str, trait: Any
) -> None:
    assert set_and_read(field, trait) == BEFORE[field]
    is_logged = f"Trait t ignored: invalid value for field {field}." in caplog.text
    assert is_logged or field in ("avatar", "path")


@pytest.mark.django_db
@pytest.mark.parametrize(("field", "trait"), FITS_64_BITS)
def test_integer_of_64_bits_is_stored_in_sqlite(member_table: None, field: str, trait: Any) -> None:
    assert set_and_read(field, trait) == trait


@pytest.mark.parametrize("use_tz", [True, False])
@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", "America/Los_Angeles"])
def test_datetime_without_zone_is_local_time(settings: Any, use_tz: bool, zone: str) -> None:
    settings.USE_TZ, settings.TIME_ZONE = use_tz, zone
    member: Any = Member()
    set_user_fields(member, {"t": "2020-01-31T18:30:00"}, {"at": "t"})
    assert member.at == datetime(2020, 1, 31, 18, 30, tzinfo=ZoneInfo(zone) if use_tz else None)
    for end in ("9999-12-31T23:59:59", "0001-01-01T00:00:00"):
        before = member.at
        set_user_fields(member, {"t": end}, {"at": "t"})
        assert member.at == before


@pytest.mark.parametrize(
    ("before", "mapping", "filled", "expected"),
    [
        ({"text": "Ann"}, {"text": "name"}, ["text"], {"text": "before"}),
        ({"text": "Ann"}, {"text": "name"}, [], {"text": "Ann"}),
        ({"text": "Ann"}, {}, ["text"], {"text": "Ann"}),
        ({"text": "Ann"}, {"text": "kept"}, ["text"], {"text": "Ann"}),
        ({"text": "Ann"}, {"text": "null"}, ["text"], {"text": "before"}),
        ({"number": "7"}, {"number": "no"}, ["number"], {"number": None}),
        ({"integer": 7}, {"integer": "no"}, ["integer"], {"integer": 1}),
        ({"data": {"a": 1}}, {"data": "no"}, ["data"], {"data": []}),
        ({"avatar": "x"}, {"avatar": "no"}, ["avatar"], {"avatar": "x"}),
    ],
)
def test_removed_trait_clears_a_field_that_it_filled(
    before: dict[str, Any], mapping: dict[str, str], filled: list[str], expected: dict[str, Any]
) -> None:
    member: Any = Member(**before)
    clear_removed_fields(member, {"kept": 1, "null": None}, mapping, filled=filled)
    assert {name: getattr(member, name) for name in expected} == expected


def test_removed_trait_keeps_the_user_name(caplog: pytest.LogCaptureFixture) -> None:
    user = User(**{User.USERNAME_FIELD: "ann@example.org"})
    clear_removed_fields(user, {}, {User.USERNAME_FIELD: "email"}, filled=[User.USERNAME_FIELD])
    assert user.get_username() == "ann@example.org"
    assert f"Trait email was removed, but field {User.USERNAME_FIELD} cannot be empty." in caplog.text


def test_filled_fields_are_those_that_equal_their_trait() -> None:
    member: Any = Member(text="Ann", integer=3, day=date(2020, 1, 1), size="s", flag=True)
    traits = {"text": "Ann", "integer": 4, "day": "2020-01-01", "size": "m", "path": "x"}
    mapping = {name: name for name in ("text", "integer", "day", "size", "flag", "path", "nothing")}
    assert find_filled_fields(member, traits, mapping) == {"text", "day"}


@pytest.mark.parametrize("name", ["avatar", "path", "id", "pk", "nothing", "is_staff"])
def test_protected_field_is_not_returned(name: str) -> None:
    model: Any = Member
    assert get_user_field(model, name) is None


def test_user_name_is_normalized() -> None:
    user = filled({"n": "\uff46\uff55\uff4c\uff4c@example.org"}, {User.USERNAME_FIELD: "n"})
    assert user.get_username() == "full@example.org"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("a@b.c", "A@B.c", True),
        ("a@b.c", "a@b.d", False),
        ("k@b.c", "\u212a@b.c", False),
        ("\u0131@b.c", "i@b.c", False),
        ("a@stra\u00dfe.de", "a@strasse.de", False),
        ("a@stra\u00dfe.de", "a@stra\u00dfe.de", True),
        ("", "", True),
    ],
)
def test_emails_equal(one: str, other: str, same: bool) -> None:
    assert emails_equal(one, other) is same


def test_traits_are_built_at_the_paths_of_the_mapping() -> None:
    user = User(**{EMAIL: "ann@example.org", TEXT: "Ann"})
    mapping = {EMAIL: "emails.0", TEXT: "name.first", "is_staff": "staff", "password": "p", "missing": "x"}
    assert build_traits(user, mapping) == {"emails": ["ann@example.org"], "name": {"first": "Ann"}}


def test_empty_fields_build_no_traits() -> None:
    assert build_traits(User(), {EMAIL: "email", TEXT: "name.first"}) == {}
