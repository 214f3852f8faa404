"""User names for new users if no trait fills them: the label of the identity, made valid and unique.

For display and for Django's unique column only. Users choose their labels, so a user name proves nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_backends, get_user_model
from django.core.exceptions import ValidationError
from django.db import router
from django.db.models import CharField, EmailField

from .client.json_values import clean_json

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser

#: Digits of the identity's id that are appended to a name that is taken.
SUFFIX_LENGTHS = (4, 12)
SEPARATORS = ("-", "_", "")


def build_username(user: AbstractBaseUser, *, label: str, identity_id: str) -> str:
    """Return a valid, unused value for the user model's ``USERNAME_FIELD``.

    Args:
        user: the new user, with its other fields set.
        label: the label of the identity; may be empty.
        identity_id: the suffix of a name that is taken; the name itself if there is no label.

    Returns "" if the field is not plain text or no name is valid. Two requests can get the same name. The
    unique column rejects the second one, and the next call returns another name.
    """
    field: Any = user._meta.get_field(get_user_model().USERNAME_FIELD)
    if not isinstance(field, CharField) or isinstance(field, EmailField):
        return ""
    for group in _candidates(user, label, identity_id, field.max_length):
        name = next((each for each in group if _is_valid(user, field, each)), "")
        if name and not _is_taken(user, field, name):
            return name
    return ""


def is_user_found_by_name() -> bool:
    """Return whether the site also signs in users by name alone (``RemoteUserBackend``).

    A user who chose the name of another user would then share the Django user with that user.
    """
    from django.contrib.auth.backends import RemoteUserBackend  # loads models

    return any(isinstance(backend, RemoteUserBackend) for backend in get_backends())


def _candidates(
    user: AbstractBaseUser, label: str, identity_id: str, max_length: int | None
) -> Iterator[list[str]]:
    """Groups of names, the most readable first. The first valid name of a group counts."""
    digits = identity_id.replace("-", "")
    for spelling in _spellings(user.normalize_username(clean_json(label).strip())):
        yield [spelling[:max_length]]
        for length in SUFFIX_LENGTHS:
            suffixes = [f"{separator}{digits[:length]}" for separator in SEPARATORS]
            yield [spelling[: max_length and max_length - len(suffix)] + suffix for suffix in suffixes]
    yield [identity_id, digits, digits[:max_length]]


def _spellings(label: str) -> list[str]:
    """The label, with fewer kinds of characters from spelling to spelling, for strict validators."""
    ascii_only = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode()
    spellings = [
        label,
        re.sub(r"[^\w.@+-]+", "-", label).strip("-"),
        re.sub(r"[^A-Za-z0-9_]+", "_", ascii_only).strip("_"),
        re.sub(r"[^a-z0-9]+", "", ascii_only.lower()),
    ]
    return [spelling for spelling in dict.fromkeys(spellings) if spelling]


def _is_valid(user: AbstractBaseUser, field: Any, name: str) -> bool:
    try:
        field.clean(name, user)
    except ValidationError:
        return False
    return True


def _is_taken(user: AbstractBaseUser, field: Any, name: str) -> bool:
    """Whether another user has the name. Case does not matter."""
    model = type(user)
    users = model._base_manager.using(router.db_for_write(model))
    return users.filter(**{f"{field.name}__iexact": name}).exists()
