"""Form fields with JSON."""

from __future__ import annotations

from copy import copy
from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminTextareaWidget
from django.utils.translation import gettext as _

from django_ory.mirror.json_patch import is_same_json
from django_ory.schemas.json_text import MAX_DEPTH, InvalidJSON, dump_json, load_json

__all__ = ["JSONField", "ObjectField"]


class JSONField(forms.CharField):
    """JSON of any kind. Cleans to its value; to ``empty_value`` for an empty text.

    Unlike Django's field of this name, which answers some texts with a server error (nested lists, numbers of
    thousands of digits) and accepts NaN. The initial value of this field is a text.
    """

    widget = AdminTextareaWidget(
        attrs={"rows": 6, "class": "vLargeTextField ory-code", "spellcheck": "false"}
    )

    def __init__(self, *, empty_value: Any = None, max_depth: int = MAX_DEPTH, **kwargs: Any) -> None:
        super().__init__(empty_value=empty_value, **kwargs)
        self.max_depth = max_depth

    def show(self, value: Any) -> str:
        """Return the text for a value."""
        return "" if value in (None, self.empty_value) else dump_json(value)

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare the values: line ends, blanks and the order of members do not matter."""
        if (data or "").strip() == (initial or "").strip():
            return False
        try:
            return not is_same_json(load_json(data or "null"), load_json(initial or "null"))
        except InvalidJSON:
            return True

    def clean(self, value: Any) -> Any:
        """Parse the text. Raises ValidationError with the position of the mistake."""
        text = super().clean(value)
        if not text:
            return copy(self.empty_value)
        try:
            found = load_json(text, max_depth=self.max_depth)
        except InvalidJSON as error:
            raise forms.ValidationError(str(error)) from None
        self.check_value(found)
        return found

    def check_value(self, value: Any) -> None:
        """Raise ValidationError for JSON that is valid but not allowed here."""


class ObjectField(JSONField):
    """A JSON object; an empty one for an empty text."""

    def clean(self, value: Any) -> Any:
        """Return an object for null, too."""
        return super().clean(value) or {}

    def check_value(self, value: Any) -> None:
        """Raise ValidationError for JSON of another type."""
        if not isinstance(value, dict | None):
            raise forms.ValidationError(_("Enter a JSON object, such as {}."))
