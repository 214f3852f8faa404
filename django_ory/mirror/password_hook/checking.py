"""Checks a password for Kratos, for identities that wait for their first sign-in.

Only identities that Kratos itself has marked (``use_password_migration_hook``) are checked. After the first
success Kratos stores a hash of its own and asks no more, so the secret of the endpoint is
useless for other accounts.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.hashers import check_password
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from django_ory.client import OryError, OryUsageError
from django_ory.client import models as ory
from django_ory.client.identifiers import parse_uuid
from django_ory.clients import get_client
from django_ory.conf import PerAlias, get_settings
from django_ory.models import Identity
from django_ory.resilience.attempt_throttle import AttemptThrottle
from django_ory.resilience.fail_safe_cache import FailSafeCache
from django_ory.resilience.log_throttle import throttled_log

__all__ = [
    "InvalidPasswordCheck",
    "PasswordAnswer",
    "PasswordCheck",
    "answer_password_check",
    "is_waiting_for_password",
    "parse_last_day",
    "read_password_config",
]

logger = logging.getLogger("django_ory.import")

#: No password matches, but the check takes the time of one.
UNUSABLE = "!"
#: Kratos has no limit of its own.
MAX_ATTEMPTS_PER_IDENTITY = 10
IDENTITY_ATTEMPT_SECONDS = 300
MAX_CHECKED_IDENTIFIER_LENGTH = 1_024
#: Django rejects longer passwords in its forms.
MAX_CHECKED_PASSWORD_LENGTH = 4_096


class PasswordAnswer(Enum):
    """The answer to Kratos."""

    MATCH = "match"
    NO_MATCH = "no match"
    LIMITED = "too many attempts"
    ENDED = "the last day is over"
    UNAVAILABLE = "unavailable"


class InvalidPasswordCheck(ValueError):
    """The document is not the one of Kratos. The text has no value of it."""


@dataclass(frozen=True)
class PasswordCheck:
    """The document of Kratos: an identifier and a password."""

    alias: str
    identifier: str = field(repr=False)
    password: str = field(repr=False)

    @classmethod
    def from_json(cls, document: Any, *, alias: str) -> PasswordCheck:
        """Read ``{"identifier": ..., "password": ...}``. Raises InvalidPasswordCheck."""
        found = document if isinstance(document, dict) else {}
        limits = {"identifier": MAX_CHECKED_IDENTIFIER_LENGTH, "password": MAX_CHECKED_PASSWORD_LENGTH}
        values = []
        for name, limit in limits.items():
            value = found.get(name)
            if not isinstance(value, str) or not 0 < len(value) <= limit:
                raise InvalidPasswordCheck(f"the {name} is missing, or longer than {limit} characters")
            values.append(value)
        return cls(alias, *values)


@PerAlias
def get_throttle(alias: str) -> AttemptThrottle:
    """Return the throttle of the password checks of one identity."""
    cache = FailSafeCache(get_settings(alias).session_cache_alias)
    return AttemptThrottle(
        cache, name="password migration", limit=MAX_ATTEMPTS_PER_IDENTITY, seconds=IDENTITY_ATTEMPT_SECONDS
    )


@sensitive_variables()
def answer_password_check(check: PasswordCheck) -> PasswordAnswer:
    """Check a password. An unknown identifier takes as long as a wrong password.

    The hash in Django is not upgraded, and no user is signed in.
    """
    last_day = parse_last_day(get_settings(check.alias).password_migration_until)
    if last_day is None or timezone.localdate() > last_day:
        text = "Password migration of project %s is over (PASSWORD_MIGRATION_UNTIL): a sign-in was rejected."
        throttled_log.warn(logger, ("migration ended", check.alias), text, check.alias)
        return PasswordAnswer.ENDED
    try:
        identity = _find_waiting_identity(check)
    except (OryError, OryUsageError) as error:
        logger.warning("Password migration failed (project %s): %s", check.alias, error)
        return PasswordAnswer.UNAVAILABLE
    user = _find_user(check.alias, identity)
    if identity is not None and not get_throttle(check.alias).take(check.alias, identity.id):
        text = (
            "Password migration: too many attempts for identity %s (project %s), rejected for some minutes."
        )
        throttled_log.warn(logger, ("migration", identity.id), text, identity.id, check.alias)
        return PasswordAnswer.LIMITED
    try:
        is_correct = check_password(check.password, user.password if user is not None else UNUSABLE)
    except ValueError as error:  # the library of the hasher is not installed
        logger.error("Password migration: a hasher failed (%s). Install its library.", type(error).__name__)
        return PasswordAnswer.UNAVAILABLE
    if user is None or not is_correct or not user.is_active:
        return PasswordAnswer.NO_MATCH
    return PasswordAnswer.MATCH


def parse_last_day(text: str) -> date | None:
    """Return the date of ``PASSWORD_MIGRATION_UNTIL``, or None if it is not a date."""
    try:
        return date.fromisoformat(text)
    except (ValueError, TypeError):
        return None


def read_password_config(identity: ory.Identity) -> Mapping[str, Any]:
    """Return the configuration of the password of an identity that was read with ``include_credential``.

    Contains ``hashed_password``, which is a secret, or the mark of Kratos. Empty without a password.
    """
    credential = (identity.credentials or {}).get("password")
    return (credential.config if credential is not None else None) or {}


def is_waiting_for_password(identity: ory.Identity) -> bool:
    """Return whether Kratos asks this site for the password at the next sign-in."""
    return read_password_config(identity).get("use_password_migration_hook") is True


def _find_waiting_identity(check: PasswordCheck) -> ory.Identity | None:
    """Find the identity with this identifier, if Kratos waits for its password. Raises OryError."""
    found = get_client(check.alias).admin_list_identities(
        credentials_identifier=check.identifier, include_credential=["password"]
    )
    waiting = [each for each in found if is_waiting_for_password(each)]
    return waiting[0] if len(waiting) == 1 else None


def _find_user(alias: str, identity: ory.Identity | None) -> AbstractBaseUser | None:
    key = parse_uuid(identity.id) if identity is not None else None
    if key is None:
        return None
    row = Identity.objects.filter(alias=alias, identity_id=key).select_related("user").first()
    return row.user if row is not None else None
