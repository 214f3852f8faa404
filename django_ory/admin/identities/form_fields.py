"""Form fields with JSON."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminTextareaWidget
from django.utils.translation import gettext as _

from django_ory.schemas.json_text import InvalidJSON, dump_json, load_json

__all__ = ["JSONField", "ObjectField"]


class JSONField(forms.CharField):
    """JSON of any kind. Cleans to its value; None for an empty text.

    Unlike Django's field of this name, which answers some texts with a server error (nested lists, numbers of
    thousands of digits) and accepts NaN.
    """

    widget = AdminTextareaWidget(attrs={"rows": 4, "class": "vLargeTextField ory-json-input"})

    def prepare_value(self, value: Any) -> Any:
        """Return the content of the text area. A text is what was posted."""
        return value if isinstance(value, str) else "" if value is None else dump_json(value)

    def clean(self, value: Any) -> Any:
        """Parse the text. Raises ValidationError with the position of the mistake."""
        text = super().clean(value)
        if not text.strip():
            return None
        try:
            return load_json(text)
        except InvalidJSON as error:
            raise forms.ValidationError(str(error)) from None


class ObjectField(JSONField):
    """A JSON object; an empty one for an empty text."""

    def clean(self, value: Any) -> Any:
        """Raise ValidationError for JSON of another type."""
        found = super().clean(value)
        if not isinstance(found, dict | None):
            raise forms.ValidationError(_("Enter a JSON object, such as {}."))
        return found or {}
