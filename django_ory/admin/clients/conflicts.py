"""Two changes of one client at once: which values differ, as a table for the form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from django import forms
from django.core import signing
from django.http import QueryDict

from django_ory.mirror.client_content import is_unchanged

from .values import get_label, render_value

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from django_ory.models import OAuth2Client

SALT = "django_ory.admin.clients"
#: Members that each change sets.
TIMES = frozenset({"created_at", "updated_at"})


class VersionField(forms.CharField):
    """A hidden copy of the client when the form was opened. Never counts as a changed field."""

    widget = forms.HiddenInput

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Return False: the signature contains the time."""
        return False


class ConflictingValue(NamedTuple):
    """A member that differs from the opened form, as text or HTML."""

    name: str
    label: str
    opened: Any  #: when the form was opened
    current: Any  #: in Ory now
    submitted: Any  #: the input; None if the field was not edited


def sign_version(row: OAuth2Client) -> str:
    """Return a signed copy of the client, which the form posts back."""
    return signing.dumps({"client": row.pk, "data": row.data}, salt=SALT, compress=True)


def load_version(row: OAuth2Client, version: str) -> dict[str, Any] | None:
    """Return the client as it was when the form was opened; None for a forged or foreign copy."""
    try:
        content = signing.loads(version, salt=SALT)
    except signing.BadSignature:
        return None
    return content["data"] if content.get("client") == row.pk else None


def list_conflicts(
    opened: Mapping[str, Any], current: Mapping[str, Any], submitted: Mapping[str, Any]
) -> list[ConflictingValue]:
    """List the members that were changed in Ory after the form was opened."""
    if is_unchanged(opened, current):
        return []
    names = [name for name in {**opened, **current} if opened.get(name) != current.get(name)]
    return [
        ConflictingValue(
            name,
            get_label(name),
            render_value(name, opened.get(name)),
            render_value(name, current.get(name)),
            render_value(name, submitted[name]) if name in submitted else None,
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
