"""The values of a client that were changed in Hydra while a form was open, and the form with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import QueryDict

from django_ory.admin.conflicts import Conflict, load_version
from django_ory.mirror.client_content import is_unchanged

from .values import get_label, render_value

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from django import forms

    from django_ory.models import OAuth2Client

#: Members that each change sets.
TIMES = frozenset({"created_at", "updated_at"})


def load_opened(row: OAuth2Client, data: Mapping[str, Any] | None) -> tuple[dict[str, Any], bool]:
    """Return the client when a form was opened, and whether the row is still so.

    ``data``: what was submitted, with the signed ``version``; None before. Without a valid version, the
    client of the row and False are returned.
    """
    signed = load_version(row, str(data.get("version", ""))) if data is not None else None
    if signed is None:
        return row.data, False
    return signed, is_unchanged(signed, row.data)


def list_client_conflicts(
    before: Mapping[str, Any], now: Mapping[str, Any], yours: Mapping[str, Any]
) -> list[Conflict]:
    """Return the members that differ between ``before`` and ``now``, with the edited values ``yours``."""
    if is_unchanged(before, now):
        return []
    names = [name for name in {**before, **now} if before.get(name) != now.get(name)]
    return [
        Conflict(
            name,
            get_label(name),
            render_value(name, before.get(name)),
            render_value(name, now.get(name)),
            render_value(name, yours[name]) if name in yours else None,
        )
        for name in names
        if name not in TIMES
    ]


def keep_edits(form: forms.BaseForm, edited: Collection[str], initial: Mapping[str, Any]) -> QueryDict:
    """Return the data of a form with new values in the fields that were not edited.

    Args:
        form: The submitted form.
        edited: The names of the fields that keep their input.
        initial: The new values of the fields. Fields without one keep their input.
    """
    data = QueryDict(mutable=True)
    data.update(form.data)
    for name in form.fields.keys() & initial.keys() - {*edited}:
        value = form.fields[name].prepare_value(initial[name])
        if isinstance(value, list):
            data.setlist(name, value)
        elif value is False:
            data.pop(name, None)
        else:
            data[name] = value
    return data
