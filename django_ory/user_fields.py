"""Sets the fields of a user from traits: ``USER_FIELDS = {"email": "email", "first_name": "name.first"}``.

Users choose their own traits, and Kratos' schema is independent of the columns. An invalid value is ignored
and logged: no value may prevent a sign-in or store a row that cannot be read again.
"""

from __future__ import annotations

import base64
import json
import logging
import math
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import models
from django.utils import timezone

from .client.json_values import clean_json
from .traits import get_trait

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser

    Field = models.Field[Any, Any]
else:
    Field = models.Field

logger = logging.getLogger("django_ory")

#: Never from a trait, because users edit their own traits. Override ``OryAdapter.grant`` to give rights.
PROTECTED_FIELDS = frozenset(
    {
        "id",
        "pk",
        "password",
        "is_active",
        "is_staff",
        "is_superuser",
        "groups",
        "user_permissions",
        "last_login",
    }
)
#: Never from a trait, because the value names a file of the server.
FILE_FIELDS = (models.FileField, models.FilePathField)
#: Text that may be shortened. A part of an e-mail address or of a URL is another address.
SHORTENABLE_FIELDS = (models.CharField, models.TextField)
#: Times within a day of the first and last date overflow in some time zone, also when they are read.
MIN_COLUMN_TIME, MAX_COLUMN_TIME = (
    datetime.min.replace(tzinfo=UTC) + timedelta(days=1),
    datetime.max.replace(tzinfo=UTC) - timedelta(days=1),
)
#: SQLite and MySQL store a duration as this many microseconds at most.
MAX_MICROSECONDS = 2**63 - 1
#: A decimal field without ``max_digits``: more digits before or after the point than any use has.
MAX_EXPONENT = 1_000
INVALID = (ValidationError, TypeError, ValueError, ArithmeticError, AttributeError)


def get_user_field(model: type[AbstractBaseUser], name: str) -> Field | None:
    """Return the field of a user model that a trait may fill; None for a missing or protected field."""
    if name in PROTECTED_FIELDS:
        return None
    try:
        field = model._meta.get_field(name)
    except FieldDoesNotExist:
        return None
    if not isinstance(field, models.Field) or isinstance(field, FILE_FIELDS):
        return None
    is_writable = not (field.is_relation or field.primary_key or getattr(field, "generated", False))
    return field if is_writable else None


def set_user_fields(user: AbstractBaseUser, traits: Any, mapping: Mapping[str, str]) -> None:
    """Set the mapped fields that the user model has and the traits fill. Does not save.

    A missing trait changes nothing, see ``clear_removed_fields``. An invalid value is ignored and logged.
    """
    for name, field, value in _read_mapped(user, traits, mapping):
        if value is not None:
            try:
                setattr(user, field.attname, _to_field_value(user, field, value))
            except INVALID:
                logger.warning("Trait %s ignored: invalid value for field %s.", mapping[name], name)


def find_filled_fields(user: AbstractBaseUser, traits: Any, mapping: Mapping[str, str]) -> set[str]:
    """Return the names of the mapped fields that have the value of their trait."""
    filled = set()
    for name, field, value in _read_mapped(user, traits, mapping):
        with suppress(*INVALID):
            if value is not None and getattr(user, field.attname) == _to_field_value(user, field, value):
                filled.add(name)
    return filled


def clear_removed_fields(
    user: AbstractBaseUser, traits: Any, mapping: Mapping[str, str], *, filled: Collection[str]
) -> None:
    """Clear the fields with a trait that was removed in Kratos. Does not save.

    ``filled``: the names of the fields that a trait has filled before. Other fields are not changed.
    """
    for name, field, value in _read_mapped(user, traits, mapping):
        if value is None and name in filled:
            try:
                setattr(user, field.attname, _empty_value(field))
            except INVALID:
                logger.warning("Trait %s was removed, but field %s cannot be empty.", mapping[name], name)


def build_traits(user: AbstractBaseUser, mapping: Mapping[str, str]) -> dict[str, Any]:
    """Return traits from the mapped fields that have a value: the inverse of ``set_user_fields``."""
    traits: dict[str, Any] = {}
    for name, path in mapping.items():
        field = get_user_field(type(user), name)
        value = getattr(user, field.attname) if field is not None else None
        if value is None or value == "":
            continue
        *parents, last = path.split(".")
        members = traits
        for parent in parents:
            members = members.setdefault(parent, {})
        members[last] = value
    return {name: _build_lists(value) for name, value in traits.items()}


def _build_lists(value: Any) -> Any:
    """Turn the members with numbers as names into lists: ``emails.0`` is the first item of ``emails``."""
    if not isinstance(value, dict):
        return value
    members = {name: _build_lists(member) for name, member in value.items()}
    is_list = all(name.isdecimal() for name in members)
    return [members[name] for name in sorted(members, key=int)] if is_list else members


def _read_mapped(
    user: AbstractBaseUser, traits: Any, mapping: Mapping[str, str]
) -> Iterator[tuple[str, Field, Any]]:
    """The mapped fields that the user model has, with the values of their traits (None if missing)."""
    for name, path in mapping.items():
        if (field := get_user_field(type(user), name)) is not None:
            yield name, field, get_trait(traits, path)


def _to_field_value(user: AbstractBaseUser, field: Field, value: Any) -> Any:
    """The value converted for the field. Raises one of ``INVALID``."""
    json.dumps(value, allow_nan=False)  # no infinity, no number with thousands of digits
    value = clean_json(value)
    if value is None:
        raise ValueError("a number outside the range of float")
    if value == "" and not isinstance(field, SHORTENABLE_FIELDS):
        return _empty_value(field)
    prepare, check = next((each[1:] for each in CONVERSIONS if isinstance(field, each[0])), (None, None))
    value = field.to_python(prepare(field, value) if prepare else value)
    if value in field.empty_values:
        # ``blank`` is for forms only: a name may be empty in Kratos.
        return _empty_value(field) if value in ("", None) else value
    value = field.clean(value, user)
    return check(value) if check else value


def _empty_value(field: Field) -> Any:
    """The value of a field that was never filled. Raises ValueError if the field needs a value."""
    if field.name == get_user_model().USERNAME_FIELD:
        raise ValueError("a user name is required")
    value = None if field.null and field.unique else field.get_default()
    if (value is None and not field.null) or (field.unique and value is not None):
        raise ValueError("a unique value is required")
    return value


def _prepare_text(field: Field, value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise TypeError("neither text nor a whole number")
    text = str(value).strip()
    if field.name == get_user_model().USERNAME_FIELD:
        text = get_user_model().normalize_username(text)
    if field.max_length is not None and len(text) > field.max_length:
        if field.unique or type(field) not in SHORTENABLE_FIELDS:
            raise ValueError("too long")
        text = text[: field.max_length]
    return text


def _prepare_number(field: Field, value: Any) -> Any:
    if isinstance(value, bool):
        raise TypeError("not a number")
    if isinstance(field, models.IntegerField) and isinstance(value, float) and not value.is_integer():
        raise ValueError("not a whole number")
    if isinstance(field, models.DecimalField) and isinstance(value, float):
        return Decimal(repr(value))  # 1.78, not 1.7800000000000000266
    return value


def _prepare_bytes(field: Field, value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("not Base64")
    base64.b64decode(value, validate=True)  # the field ignores characters that are not Base64
    return value


def _check_float(value: float) -> float:
    if not math.isfinite(value):
        raise ValueError("not finite")
    return value


def _check_decimal(value: Decimal) -> Decimal:
    if not value.is_finite() or abs(value.adjusted()) > MAX_EXPONENT:
        raise ValueError("not finite, or too many digits")
    return value


def _check_duration(value: timedelta) -> timedelta:
    if abs(value // timedelta(microseconds=1)) > MAX_MICROSECONDS:
        raise ValueError("too long")
    return value


def _check_datetime(value: datetime) -> datetime:
    """Converts to the form that the database stores. Raises OverflowError or ValueError for extreme dates."""
    zone = timezone.get_default_timezone()
    aware = timezone.make_aware(value, zone) if timezone.is_naive(value) else value
    if not MIN_COLUMN_TIME <= aware.astimezone(UTC) <= MAX_COLUMN_TIME:
        raise ValueError("too close to the first or last date")
    return aware if settings.USE_TZ else timezone.make_naive(aware, zone)


PrepareValue = Callable[[Field, Any], Any] | None
CheckValue = Callable[[Any], Any] | None
#: Type of field, preparation before Django's conversion, check after it. The first match counts.
CONVERSIONS: tuple[tuple[type[Field] | tuple[type[Field], ...], PrepareValue, CheckValue], ...] = (
    (models.DateTimeField, None, _check_datetime),
    (models.DurationField, None, _check_duration),
    (models.DecimalField, _prepare_number, _check_decimal),
    (models.FloatField, _prepare_number, _check_float),
    (models.IntegerField, _prepare_number, None),
    ((models.CharField, models.TextField), _prepare_text, None),
    (models.BinaryField, _prepare_bytes, None),
)
