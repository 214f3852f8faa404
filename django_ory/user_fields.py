"""From traits to the fields of a user model: ``USER_FIELDS = {"email": "email", "first_name":
"name.first"}``.

Text that does not fit is cut, but never where a cut value would be another person's: e-mails and unique
fields are left as they are, and the log says so.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import models

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser

__all__ = ["PROTECTED_FIELDS", "fill_user", "same_email", "trait"]

logger = logging.getLogger("django_ory")

#: Never from a trait, because people edit their own traits. Override ``OryAdapter.grant`` to give rights.
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


def trait(traits: Mapping[str, Any], path: str) -> Any:
    """The trait at a dotted path (``"name.first"``, ``"emails.0"``), or None."""
    value: Any = traits
    for name in path.split("."):
        if isinstance(value, Mapping):
            value = value.get(name)
        elif isinstance(value, list) and name.isdecimal():
            value = value[int(name)] if int(name) < len(value) else None
        else:
            return None
    return value


def fill_user(user: AbstractBaseUser, traits: Mapping[str, Any], mapping: Mapping[str, str]) -> None:
    """Set the mapped fields that the user model has and the traits fill. A trait that is missing changes
    nothing.
    """
    for name, path in mapping.items():
        value = trait(traits, path)
        if value is None or name in PROTECTED_FIELDS:
            continue
        try:
            field = user._meta.get_field(name)
        except FieldDoesNotExist:
            continue
        if isinstance(field, models.Field) and not field.is_relation and not field.primary_key:
            _set(user, field, value, path)


def same_email(one: str, other: str) -> bool:
    """True if two addresses differ at most in ASCII case. Databases fold more than that, and that is how
    accounts leak.
    """
    return one.isascii() and other.isascii() and one.lower() == other.lower()


def _set(user: AbstractBaseUser, field: models.Field[Any, Any], value: Any, path: str) -> None:
    if isinstance(field, models.CharField | models.TextField):
        if isinstance(value, bool) or not isinstance(value, str | int):
            return
        value = str(value).replace("\x00", "")  # PostgreSQL refuses it
        if field.name == get_user_model().USERNAME_FIELD:
            value = user.normalize_username(value)
        if field.max_length is not None and len(value) > field.max_length:
            if field.unique or isinstance(field, models.EmailField):
                logger.warning(
                    "A trait does not fit: %s is too long for %s and was not taken over.", path, field
                )
                return
            value = value[: field.max_length]
    else:
        try:
            value = field.to_python(value)
        except (ValidationError, TypeError, ValueError):
            logger.warning("A trait does not fit: %s is nothing that %s can hold.", path, field)
            return
    setattr(user, field.attname, value)
