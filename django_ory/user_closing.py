"""The end of the Django user of a deleted account, for ``OryAdapter.close_user``."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import FieldDoesNotExist
from django.db import models

__all__ = ["anonymize_user", "deactivate_user"]

#: A domain that never exists (RFC 2606).
INVALID_DOMAIN = "deleted.invalid"


def deactivate_user(user: AbstractBaseUser) -> None:
    """Deactivate a user and remove the password. Everything else stays."""
    _close(user)
    user.save()


def anonymize_user(user: AbstractBaseUser, *, fields: Iterable[str] = ()) -> None:
    """Deactivate a user, remove the password, and clear everything that names the person.

    Args:
        user: the user.
        fields: names of further fields to clear. The user name, the e-mail address and the names always are.

    A unique field gets a random value that starts with ``deleted-``.
    """
    _close(user)
    own = (
        get_user_model().USERNAME_FIELD,
        user.get_email_field_name(),
        "username",
        "first_name",
        "last_name",
    )
    for name in dict.fromkeys((*own, *fields)):
        try:
            field: Any = user._meta.get_field(name)
        except FieldDoesNotExist:
            continue
        if field.concrete:
            setattr(user, field.attname, _get_blank_value(field))
    user.save()


def _close(user: AbstractBaseUser) -> None:
    user.is_active = False
    user.set_unusable_password()


def _get_blank_value(field: Any) -> Any:
    if field.unique:
        value = f"deleted-{secrets.token_hex(8)}"
        value = f"{value}@{INVALID_DOMAIN}" if isinstance(field, models.EmailField) else value
        return value[: field.max_length]
    return None if field.null else field.get_default()
