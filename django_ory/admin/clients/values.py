"""The values of a client as the form needs them, and as pages show them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext as _

from django_ory.admin.display import render_json, render_lines
from django_ory.admin.json_fields import JSONField

from .client_fields import SERVER_DEFAULTS, ClientFields
from .form_fields import LinesField, TriStateField

if TYPE_CHECKING:
    from collections.abc import Mapping


def get_values(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the value of each field of the form for a client of Hydra, which omits empty members.

    A value of another type, in a row whose response was unreadable, counts as empty.
    """
    return {name: _get_value(name, field, data) for name, field in ClientFields.base_fields.items()}


def _get_value(name: str, field: forms.Field, data: Mapping[str, Any]) -> Any:
    value = data.get(name)
    if isinstance(field, TriStateField):
        return value if isinstance(value, bool) else None
    if name == "jwks":
        return value if isinstance(value, dict) and value.get("keys") else None
    if isinstance(field, JSONField):
        return {} if value is None else value
    if isinstance(field, (forms.MultipleChoiceField, LinesField)):
        return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []
    if isinstance(field, forms.BooleanField):
        return value is True
    return value if isinstance(value, str) and value else SERVER_DEFAULTS.get(name, "")


def get_initial(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the initial values of the form for the result of ``get_values``."""
    fields = ClientFields.base_fields
    return {
        name: field.show(value) if isinstance(field := fields[name], (JSONField, TriStateField)) else value
        for name, value in values.items()
    }


def get_label(name: str) -> str:
    """Return the label of a field; the name of a member that the form does not have."""
    field = ClientFields.base_fields.get(name)
    return str(field.label) if field else name


def render_value(name: str, value: Any) -> Any:
    """Return a value of a client for a page."""
    field = ClientFields.base_fields.get(name)
    if isinstance(value, bool):  # in words: Django's red icon would look like an error
        return _("Yes") if value else _("No")
    if value in (None, "", [], {}):
        return "-"
    if name == "scope" and isinstance(value, str):
        return render_lines(value.split())
    if isinstance(value, list) and isinstance(field, (forms.MultipleChoiceField, LinesField)):
        return render_lines(map(str, value))
    return value if isinstance(value, str) else render_json(value)
