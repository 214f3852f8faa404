"""The inputs of traits for staff: those of the pages, and JSON for everything that no input can express."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from django_ory.http.redirects import TrustedOrigins
from django_ory.schemas.expressible import is_expressible
from django_ory.schemas.fields import TraitField, TraitKind
from django_ory.schemas.json_text import dump_json
from django_ory.schemas.posted import JSON_SUFFIX
from django_ory.schemas.values import format_value
from django_ory.selfservice.flow_types import SETTINGS
from django_ory.selfservice.forms.choices import build_choice_field
from django_ory.selfservice.forms.fields import Checkbox, Field, Input, Option, Select, Text
from django_ory.selfservice.forms.nodes import NodeConverter
from django_ory.selfservice.forms.trait_fields import TraitFieldBuilder
from django_ory.selfservice.texts.labels import build_label

if TYPE_CHECKING:
    from django.http import QueryDict

__all__ = ["StaffFieldBuilder"]

#: A text that is longer, or may be, gets a text area.
MAX_LINE_LENGTH = 200
HINTS_BY_FORMAT: Mapping[str, Any] = {
    "date": gettext_lazy("Format: YYYY-MM-DD."),
    "date-time": gettext_lazy("For example 2026-01-31T18:30."),
}


@dataclass(frozen=True, kw_only=True)
class LongText(Input):
    """A text of several lines."""

    element: ClassVar[str] = "textarea"

    rows: int = 3


@dataclass(frozen=True, kw_only=True)
class JSONText(LongText):
    """The JSON of a trait that has no other input."""


class StaffFieldBuilder(TraitFieldBuilder):
    """Builds the fields of all traits of one identity.

    Unlike the pages: no value is fixed, optional booleans have three states, and a browser never changes or
    drops an unfinished number or date, because Django's admin forms switch off the validation in the browser.

    ``data``: the posted form to show again. ``values`` are those of this form then.
    """

    def __init__(self, values: Mapping[str, Any], *, is_new: bool, data: QueryDict | None = None) -> None:
        converter = NodeConverter(SETTINGS, TrustedOrigins(kratos=frozenset()))
        super().__init__(converter, (), values, is_new=is_new, posts_here=True)
        self.data = data

    def build_field(self, field: TraitField, name: str, value: Any) -> list[Field]:
        """Build the inputs of one trait, or its text area with JSON."""
        if field.is_read_only and value is not None:
            return [self._build_text(field, name, value)]
        if self._needs_json(field, name, value):
            return [self._build_json(field, name, value)]
        if field.kind in (TraitKind.OBJECT, TraitKind.LIST):
            return super().build_field(replace(field, is_read_only=False), name, value)
        return [self.build_input(field, name, value)]

    def _needs_json(self, field: TraitField, name: str, value: Any) -> bool:
        if self.data is None:
            return not is_expressible(field, value)
        return name + JSON_SUFFIX in self.data or not is_expressible(field, None)

    def _build_text(self, field: TraitField, name: str, value: Any) -> Text:
        is_scalar = not isinstance(value, (dict, list))
        text = format_value(field, value) if is_scalar else dump_json(value)
        label = build_label(name, title=field.title)
        return Text(group=self.group, id=self.converter.build_id(name), label=label, text=text)

    def _build_json(self, field: TraitField, name: str, value: Any) -> JSONText:
        key = name + JSON_SUFFIX
        text = "" if value is None else dump_json(value)
        if self.data is not None and key in self.data:
            text = self.data.get(key, "")
        hint = " ".join(filter(None, [field.description, _("This value is edited as JSON.")]))
        return JSONText(
            group=self.group,
            id=self.converter.build_id(name),
            name=key,
            label=build_label(name, title=field.title),
            hint=hint,
            optional=not field.is_required,
            value=text,
            rows=min(max(text.count("\n") + 1, 3), 20),
        )

    def build_input(
        self, field: TraitField, name: str, value: Any, *, row: str = "", label: str = ""
    ) -> Field:
        """Build the input of a single value."""
        if not field.is_scalar:  # values of several types, of which one is chosen
            field = replace(field, kind=TraitKind.TEXT)
        built = super().build_input(field, name, value, row=row, label=label)
        if isinstance(built, Checkbox):
            keeps_box = field.is_required and not row and value is not None
            return (
                replace(built, attrs={}, hint=field.description)
                if keeps_box
                else _to_select(field, built, value)
            )
        if not isinstance(built, Input):
            return built
        direction = {"dir": built.attrs["dir"]} if "dir" in built.attrs else {}
        attrs = {"autocomplete": "off", **direction}
        hint = " ".join(filter(None, [_build_hint(field), built.hint]))
        built = replace(built, attrs=attrs, hint=hint)
        if isinstance(built, Select):
            return _add_blank_option(built)
        return _to_text_input(field, built, value)

    # Lists.

    def build_row(self, item: TraitField, name: str, index: int, row: Any, label: str) -> Iterable[Field]:
        """Build the inputs of an item. Each value of an object that can be chosen is an input, too."""
        members = [
            each if each.is_scalar else replace(each, kind=TraitKind.TEXT)
            for each in item.fields
            if each.is_scalar or each.choices
        ]
        for each in super().build_row(replace(item, fields=tuple(members)), name, index, row, label):
            # An empty row is ignored, so that nothing in it is required.
            if isinstance(each, Input) and (row is None or not item.fields):
                yield replace(each, optional=True)
            else:
                yield each

    def get_hidden_row(self, item: TraitField, row: Any) -> Any:
        """The whole row, so that its unchanged values are recognized."""
        return dict(row) if isinstance(row, Mapping) else {}


def _to_select(field: TraitField, box: Checkbox, value: Any) -> Select:
    """Yes, no, or no value, instead of a box that is checked or not."""
    shown = "" if value is None else str(value).lower()
    options = [Option("true", _("Yes"), shown == "true"), Option("false", _("No"), shown == "false")]
    values = {name: getattr(box, name) for name in ("group", "messages", "name", "id", "label")}
    built = Input(**values, hint=field.description, optional=not field.is_required)
    return build_choice_field(built, options, is_required=False)


def _add_blank_option(field: Select) -> Select:
    """Let the user see that there is no value yet: a browser would select the first option."""
    if any(each.selected or not each.value for each in field.options):
        return field
    return replace(field, options=(Option("", "—", True), *field.options))


def _to_text_input(field: TraitField, built: Input, value: Any) -> Input:
    text = built.value or ""
    if field.kind is not TraitKind.TEXT:
        mode = "numeric" if field.kind is TraitKind.INTEGER else "decimal"
        return replace(built, type="text", attrs={**built.attrs, "inputmode": mode})
    may_be_long = field.limits.get("maxLength", 0) > MAX_LINE_LENGTH or len(text) > MAX_LINE_LENGTH
    if (may_be_long and not field.format) or "\n" in text or "\r" in text:
        values = {name: getattr(built, name) for name in ("group", "messages", "name", "id", "label", "hint")}
        return LongText(**values, value=text, optional=built.optional, attrs=built.attrs)
    # A browser removes blanks around addresses.
    is_plain = field.format in ("email", "tel", "uri") and text == text.strip()
    return built if is_plain else replace(built, type="text")


def _build_hint(field: TraitField) -> str:
    low, high = field.limits.get("minimum"), field.limits.get("maximum")
    bounds = ""
    if low is not None and high is not None:
        bounds = _("From {low} to {high}.").format(low=low, high=high)
    elif low is not None:
        bounds = _("At least {low}.").format(low=low)
    elif high is not None:
        bounds = _("At most {high}.").format(high=high)
    form = str(HINTS_BY_FORMAT.get(field.format, ""))
    return " ".join(filter(None, [field.description, bounds, form]))
