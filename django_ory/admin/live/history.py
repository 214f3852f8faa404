"""Entries in the admin's history for changes to objects that have no row. They contain no personal data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType

from django_ory.admin.actions import write_log_entry
from django_ory.models import Identity

if TYPE_CHECKING:
    from uuid import UUID

    from django.db.models import Model
    from django.http import HttpRequest


def log_identity_change(
    request: HttpRequest, alias: str, identity_id: UUID | str | None, message: str
) -> None:
    """Add an entry to the history of an identity; under its id in Kratos if it has no row.

    Without an id, as for an unreadable session, the entry has the message only.
    """
    row = find_row(alias, identity_id)
    if row is not None:
        write_log_entry(request.user.pk, row, CHANGE, message)
    else:
        key = str(identity_id or "")
        log_object_change(request, Identity, object_id=key, name=key or message, message=message)


def find_row(alias: str, identity_id: UUID | str | None) -> Identity | None:
    """Return the row of an identity; None if there is none."""
    return Identity.objects.filter(alias=alias, identity_id=identity_id).first() if identity_id else None


def log_object_change(
    request: HttpRequest,
    model: type[Model],
    *,
    object_id: str,
    name: str,
    message: str,
    flag: int = CHANGE,
) -> None:
    """Add an entry about an object that has no row.

    Args:
        request: The request of the staff user.
        model: The model of the pages about such objects.
        object_id: The kind and the id, such as ``"jwks:hydra.openid.id-token"``.
        name: The name that the history shows.
        message: The change, in English.
        flag: ADDITION, CHANGE or DELETION.

    """
    LogEntry.objects.create(
        user_id=request.user.pk or 0,
        content_type=ContentType.objects.get_for_model(model),
        object_id=object_id,
        object_repr=name[:200],
        action_flag=flag,
        change_message=message,
    )
