"""Explains in the log why an identity got no Django user: the field that failed, and the remedy.

Database errors contain values, which are traits. So the fields are determined again, without their values.
"""

from __future__ import annotations

from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db import DatabaseError

from django_ory.adapter import OryAdapter
from django_ory.client.models import Identity
from django_ory.traits import is_address_verified

LINK_IN_ADMIN = "link the identity to its user in the admin"


class MissingUsername(Exception):
    """The user model needs a user name, and neither the traits nor the identity's id can be one."""


def explain_failure(adapter: OryAdapter, identity: Identity, error: Exception) -> tuple[str, str]:
    """Return the reason (without a full stop) and the remedy (a sentence)."""
    name = get_user_model().USERNAME_FIELD
    if isinstance(error, MissingUsername):
        return (
            f"no trait fills the user name ({name})",
            f"Map a trait of the identity schema to {name} in USER_FIELDS, or override OryAdapter.new_user.",
        )
    user = adapter.new_user(identity)
    email_field = get_user_model().get_email_field_name()
    if email_field not in _get_taken_fields(user):
        remedy = f"Check USER_FIELDS and your OryAdapter, or {LINK_IN_ADMIN}."
    elif not adapter.settings.link_by_verified_email:
        remedy = f"Set LINK_BY_VERIFIED_EMAIL, override OryAdapter.find_user, or {LINK_IN_ADMIN}."
    elif is_address_verified(identity, getattr(user, email_field), via="email"):
        remedy = (
            "That user is staff, has another identity, or is one of several with the address. Override "
            f"OryAdapter.allow_link, or {LINK_IN_ADMIN}."
        )
    else:
        remedy = (
            "Kratos does not verify this address: turn on its verification in the identity schema, or "
            f"{LINK_IN_ADMIN}."
        )
    return describe_error(user, error), remedy


def describe_error(user: AbstractBaseUser, error: Exception) -> str:
    """Return why the database rejected a user, without any value."""
    taken = _get_taken_fields(user)
    if taken:
        return f"another user has the same {', '.join(sorted(taken))}"
    return f"the database rejected its fields ({type(error).__name__})"


def _get_taken_fields(user: AbstractBaseUser) -> set[str]:
    """The unique fields with a value that another user has."""
    try:
        user.validate_unique()
        user.validate_constraints()
    except ValidationError as error:
        return set(error.error_dict) if hasattr(error, "error_dict") else set()
    except DatabaseError:
        return set()
    return set()
