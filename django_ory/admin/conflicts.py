"""Two changes of one row at once: the signed version of a form, and the values that differ from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from django import forms
from django.core import signing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django_ory.models import ProjectRow

SALT = "django_ory.admin.version"


class VersionField(forms.CharField):
    """A hidden copy of the values when the form was opened. Never counts as a changed field."""

    widget = forms.HiddenInput

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Return False: the signature contains the time."""
        return False


class Conflict(NamedTuple):
    """A value that was changed in Ory after the form was opened, as text or HTML."""

    name: str
    label: str
    before: Any  #: when the form was opened
    now: Any  #: in Ory
    yours: Any  #: the input; None if the value was not edited


def sign_version(row: ProjectRow, data: Mapping[str, Any]) -> str:
    """Return a signed copy of the values of a row, which the form posts back."""
    return signing.dumps(_get_id(row) | {"data": dict(data)}, salt=SALT, compress=True)


def load_version(row: ProjectRow, version: str) -> dict[str, Any] | None:
    """Return the values when the form was opened; None for a forged copy and for the copy of another row."""
    try:
        content = signing.loads(version, salt=SALT)
    except signing.BadSignature:
        return None
    return content["data"] if content.items() >= _get_id(row).items() else None


def _get_id(row: ProjectRow) -> dict[str, Any]:
    return {"model": row._meta.model_name, "row": row.pk}
