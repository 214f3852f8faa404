"""Finds identities in Kratos by an exact identifier, for identities that the mirror does not have yet."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _

from django_ory.client import OryNotFound
from django_ory.client import models as ory
from django_ory.client.identifiers import parse_uuid
from django_ory.clients import get_client
from django_ory.exceptions import OryConfigurationError
from django_ory.models import Identity

from .identities import refresh_identity
from .identity_rows import IDENTITY_MIRROR

__all__ = ["look_up_identities"]

#: An identifier belongs to one identity per type of credential. More results are no result of a search.
MAX_FOUND = 10


def search_identities(alias: str, identifier: str) -> list[ory.Identity] | None:
    """Return the identities of Kratos that sign in with exactly this identifier. No row is written.

    None for Kratos before v1.0, which ignores the parameter and returns any identities. Raises OryError.
    """
    found = get_client(alias).admin_list_identities(
        credentials_identifier=identifier, page_size=MAX_FOUND + 1
    )
    return found if len(found) <= MAX_FOUND else None


def look_up_identities(alias: str, identifier: str) -> list[Identity]:
    """Find identities in Kratos and write their rows.

    Args:
        alias: The key in ``settings.ORY``.
        identifier: An e-mail address, a user name, a phone number, ``provider:subject`` of social sign-in, or
            the id of an identity. Kratos compares the whole value and ignores upper and lower case.

    Returns:
        The rows, usually one or none.

    Raises:
        OryConfigurationError: Kratos is too old (before v1.0) to search by identifier.
        OryError: Kratos failed.
    """
    identifier = identifier.strip()
    if not identifier:
        return []
    if (key := parse_uuid(identifier)) is not None:
        try:
            row = refresh_identity(alias, key)
        except OryNotFound:
            return []
        return [] if row.missing_since else [row]
    requested_at = timezone.now()
    found = search_identities(alias, identifier)
    if found is None:
        raise OryConfigurationError(
            _("This version of Kratos cannot search by identifier. Sync the identities instead.")
        )
    return [IDENTITY_MIRROR.write_row(alias, each, requested_at=requested_at) for each in found]
