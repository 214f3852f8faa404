"""Form fields for traits, from the identity schema and the nodes of the flow.

The schema tells what Kratos' nodes do not: lists, groups, allowed values, and traits without a node. The
nodes bring the labels, messages and attributes.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext as _

from django_ory.client.models import UiNodeInputAttributes
from django_ory.schemas.fields import Choice, TraitField, TraitKind
from django_ory.schemas.values import (
    MAX_LIST_ROWS,
    TRAITS,
    build_name,
    find_ambiguous_texts,
    format_choice,
    format_value,
    get_hidden_members,
    is_too_long,
)
from django_ory.selfservice.texts.labels import build_label, translate_title
from django_ory.selfservice.texts.messages import Note

from .attributes import build_trait_attributes
from .choices import build_choice_field
from .fields import (
    Checkbox,
    CheckboxGroup,
    Field,
    FieldSet,
    Hidden,
    Input,
    ListField,
    Option,
    Row,
    Select,
    Text,
)
from .nodes import get_common

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from django_ory.client.models import UiNode

    from .nodes import NodeConverter

__all__ = ["TraitFieldBuilder", "build_hidden_traits", "list_identifiers", "without_required"]

#: Type of the input by the format of a text, where Kratos has no node.
TYPES_BY_FORMAT: Mapping[str, str] = {"email": "email", "tel": "tel", "uri": "url", "date": "date"}
NUMBERS = frozenset({TraitKind.INTEGER, TraitKind.NUMBER})


class TraitFieldBuilder:
    """Builds the fields of all traits of one form.

    Args:
        converter: of the flow, so that all ids of the page are different.
        nodes: the nodes of traits.
        values: the traits to show.
        is_new: whether the form is for a new identity.
        posts_here: whether the form is posted to this site and not to Kratos, so that it can contain lists
            that change their length, and traits that Kratos does not read from a form.

    """

    def __init__(
        self,
        converter: NodeConverter,
        nodes: Sequence[UiNode],
        values: Mapping[str, Any],
        *,
        is_new: bool,
        posts_here: bool,
    ) -> None:
        self.converter = converter
        self.nodes = {node.name: node for node in nodes}
        self.values = values
        self.group = nodes[0].group if nodes else "default"
        self.is_new = is_new
        self.posts_here = posts_here
        self.used: set[str] = set()

    def build(self, traits: TraitField) -> tuple[list[Field], list[Note]]:
        """Return the fields in the order of the schema, and the messages of nodes without a field."""
        found = self._build_members(traits, TRAITS, self.values)
        rest = (node for name, node in self.nodes.items() if name not in self.used)
        return found, [Note.from_message(message) for node in rest for message in node.messages]

    def _build_members(self, field: TraitField, prefix: str, values: Any) -> list[Field]:
        present = values if isinstance(values, dict) else {}
        found: list[Field] = []
        for member in field.fields:
            key = member.path[-1]
            found += self.build_field(member, f"{prefix}.{key}", present.get(key))
        return found

    def build_field(self, field: TraitField, name: str, value: Any) -> list[Field]:
        """Build the fields of one trait, and of the traits inside of it."""
        if field.is_read_only and (value is not None or not field.is_required):
            return self.build_read_only(field, name, value)
        if field.kind is TraitKind.OBJECT:
            return self._build_object(field, name, value)
        if field.kind is TraitKind.LIST:
            return self._build_list(field, name, value if isinstance(value, list) else [])
        if not field.is_scalar or not (field.is_postable or self.posts_here):
            return self.build_read_only(field, name, value)
        return [self.build_input(field, name, value)]

    # Single values.

    def build_input(
        self, field: TraitField, name: str, value: Any, *, row: str = "", label: str = ""
    ) -> Field:
        """Build the input of a single value.

        ``row``: the name of the node of an item; ``name`` is that of its list.
        """
        node = self.nodes.get(row or name)
        self.used.add(row or name)
        attributes = self._make_attributes(field, name, value, node)
        own_label = attributes.label or (node.meta.label if node else None)
        converted = self.converter.convert_input(
            attributes,
            own_label,
            text=label or ("" if own_label else build_label(name, title=field.title)),
            **(get_common(node) if node else {"group": self.group}),
        )
        if isinstance(converted, Checkbox):
            known = self.is_new or value is not None
            off_value = "" if field.must_be_true and not field.is_required else "false"
            return replace(converted, off_value=off_value if known or field.is_required else "")
        if not isinstance(converted, Input):
            return converted
        if field.choices:
            return _to_choice_field(converted, field, value)
        attrs = {**converted.attrs, **build_trait_attributes(field)}
        if field.format == "date-time" and self.posts_here:
            return self._to_time(replace(converted, attrs=attrs), field, value)
        return replace(converted, attrs=attrs)

    def _make_attributes(
        self, field: TraitField, name: str, value: Any, node: UiNode | None
    ) -> UiNodeInputAttributes:
        """The attributes of Kratos with the present value; new ones if Kratos has none."""
        kind, made = _get_type(field), node.attributes if node else None
        if not isinstance(made, UiNodeInputAttributes):
            return UiNodeInputAttributes(name=name, value=value, type=kind, required=field.is_required)
        changes: dict[str, Any] = {}
        if made.name != name:
            changes["name"] = name
        if made.value is not value:
            changes["value"] = value
        if made.type == "text" and kind != "text":  # an item of a list has no type of its own
            changes["type"] = kind
        if field.path[-1] != name.rpartition(".")[2]:
            changes["required"] = field.is_required
        return made.model_copy(update=changes) if changes else made

    def _to_time(self, converted: Input, field: TraitField, value: Any) -> Input:
        text = format_value(field, value)
        attrs = {name: each for name, each in converted.attrs.items() if name not in ("pattern", "maxlength")}
        if text and len(text) not in (16, 19):  # a stored text that is no time: let the user mend it
            return replace(converted, type="text", value=text)
        zone = timezone.get_current_timezone_name()
        return replace(
            converted,
            type="datetime-local",
            value=text,
            attrs={**attrs, "step": "1"} if len(text) == 19 else attrs,
            hint=_("Time zone: {zone}").format(zone=zone),
        )

    def build_read_only(self, field: TraitField, name: str, value: Any) -> list[Field]:
        """A text with the value, and the value itself if Kratos must get it back from the form."""
        if value is None or not field.is_scalar or field.path == ():
            return []
        self.used.add(name)
        titles = (each.title for each in field.choices if each.value == value and each.title)
        text = translate_title(next(titles, ""))
        shown = Text(
            group=self.group,
            id=self.converter.build_id(name),
            label=build_label(name, title=field.title),
            text=text or format_value(field, value),
        )
        if self.posts_here:
            return [shown]
        plain = format_value(replace(field, format=""), value)
        return [shown, Hidden(group=self.group, name=name, value=plain)]

    # Objects.

    def _build_object(self, field: TraitField, name: str, value: Any) -> list[Field]:
        members = self._build_members(field, name, value)
        hidden = [each for each in members if isinstance(each, Hidden)]
        shown = tuple(each for each in members if not isinstance(each, Hidden))
        has_labels = bool(field.fields) and all(each.title for each in field.fields)
        if not shown or (has_labels and not field.title):
            return members
        fieldset = FieldSet(
            group=self.group,
            id=self.converter.build_id(name),
            name=name,
            label=build_label(name, title=field.title),
            hint=field.description,
            messages=self._take_messages(name),
            fields=shown,
        )
        return [fieldset, *hidden]

    # Lists.

    def _build_list(self, field: TraitField, name: str, rows: list[Any]) -> list[Field]:
        item = field.item or TraitField(path=field.path, kind=TraitKind.TEXT)
        if field.is_list_of_values and item.choices:
            return [self._build_checkboxes(field, item, name, rows)]
        if not (field.is_list_of_values or field.is_list_of_objects):
            return []
        if not self.posts_here and field.is_list_of_objects:
            return []
        label = build_label(name, title=field.title)
        if self.posts_here and is_too_long(field, rows):
            reason = _("This list has more than {count} entries, so it cannot be changed here.")
            text = reason.format(count=MAX_LIST_ROWS)
            return [Text(group=self.group, id=self.converter.build_id(name), label=label, text=text)]
        must_have = int(field.limits.get("minItems", 0)) if field.is_required else 0
        if not rows and (self.posts_here or field.is_required):
            rows = [None] * min(max(1, must_have), 5)
        if not rows:  # Kratos would store the empty text of an empty row
            return []
        can_remove = self.posts_here
        built = []
        for index, row in enumerate(rows):
            number = _("{label}, {number}").format(label=label, number=index + 1) if len(rows) > 1 else label
            is_required = not self.posts_here or index < must_have
            made = replace(item, is_required=is_required)
            built.append(
                Row(
                    fields=tuple(self.build_row(made, name, index, row, number)),
                    remove=f"{name}.{index}" if can_remove and (len(rows) > 1 or row) else "",
                    remove_label=_("Remove {label}").format(label=number),
                )
            )
        return [
            ListField(
                group=self.group,
                id=self.converter.build_id(f"{name}-list"),
                name=name,
                label=label,
                hint=field.description,
                messages=self._take_messages(name, below=True),
                optional=not field.is_required,
                rows=tuple(built),
                can_change=self.posts_here,
                add_label=_("Add another"),
            )
        ]

    def build_row(self, item: TraitField, name: str, index: int, row: Any, label: str) -> Iterable[Field]:
        """Build the fields of an item of a list."""
        row_name = f"{name}.{index}"
        if not item.fields:
            built = self.build_input(item, name, row, row=row_name, label=label)
            yield replace(built, optional=False) if isinstance(built, Input) else built
            return
        hidden = self.get_hidden_row(item, row)
        if hidden:
            yield Hidden(group=self.group, name=row_name, value=json.dumps(hidden))
        shown = [each for each in item.fields if each.is_scalar]
        members = self._build_members(replace(item, fields=tuple(shown)), row_name, row)
        for each in members:  # an empty row is ignored, so that nothing in it can be required
            if row is None and isinstance(each, Input):
                yield replace(without_required(each), optional=False)
            else:
                yield each

    def get_hidden_row(self, item: TraitField, row: Any) -> Any:
        """The part of a row that is posted as JSON."""
        return get_hidden_members(item, row)

    def _build_checkboxes(
        self, field: TraitField, item: TraitField, name: str, rows: list[Any]
    ) -> CheckboxGroup:
        stored = [Choice(row) for row in rows if row not in [each.value for each in item.choices]]
        options = _build_options(item, (*item.choices, *stored), is_selected=lambda value: value in rows)
        return CheckboxGroup(
            group=self.group,
            id=self.converter.build_id(name),
            name=name,
            label=build_label(name, title=field.title),
            hint=field.description,
            optional=not field.is_required,
            messages=self._take_messages(name, below=True),
            options=tuple(options),
            marker=self.posts_here,
        )

    def _take_messages(self, name: str, *, below: bool = False) -> tuple[Note, ...]:
        """The messages of a node, and of those below it that have no field."""
        names = [
            each
            for each in self.nodes
            if each not in self.used and (each == name or (below and each.startswith(f"{name}.")))
        ]
        self.used.update(names)
        messages = (message for each in names for message in self.nodes[each].messages)
        return tuple(dict.fromkeys(map(Note.from_message, messages)))


def _get_type(field: TraitField) -> str:
    if field.kind is TraitKind.BOOLEAN:
        return "checkbox"
    return "number" if field.kind in NUMBERS else TYPES_BY_FORMAT.get(field.format, "text")


def _to_choice_field(converted: Input, field: TraitField, value: Any) -> Select:
    """The allowed values and the stored one, also if the schema no longer allows it."""
    has_null = any(each.value is None for each in field.choices)  # the option of no value
    if has_null:
        converted = without_required(converted)
    choices = [each for each in field.choices if each.value is not None]
    if value is not None and not any(_is_same(each.value, value) for each in choices):
        choices.append(Choice(value))
    chosen = "" if value is None else value
    options = _build_options(field, choices, is_selected=lambda value: _is_same(value, chosen))
    return build_choice_field(converted, options, is_required=field.is_required and not has_null)


def _is_same(one: Any, other: Any) -> bool:
    """Whether two scalars are the same JSON: True is not 1."""
    return isinstance(one, bool) is isinstance(other, bool) and bool(one == other)


def _build_options(
    field: TraitField, choices: Iterable[Choice], *, is_selected: Callable[[Any], bool]
) -> list[Option]:
    ambiguous = find_ambiguous_texts(field)
    return [
        Option(
            format_choice(field, each.value, ambiguous),
            translate_title(each.title) or format_value(field, each.value),
            is_selected(each.value),
        )
        for each in choices
    ]


def without_required(field: Input) -> Input:
    """Return the input without the attribute that lets a browser reject an empty value."""
    attrs = {name: value for name, value in field.attrs.items() if name != "required"}
    return replace(field, attrs=attrs)


def build_hidden_traits(values: Mapping[str, Any], *, group: str) -> Hidden:
    """All traits in one hidden field, as JSON. Kratos reads lists only in this way."""
    return Hidden(group=group, name=TRAITS, value=json.dumps(values, ensure_ascii=False))


def list_identifiers(traits: TraitField) -> tuple[str, ...]:
    """The names of the inputs with which a user signs in."""
    return tuple(build_name(*each.path) for each in traits.walk() if each.is_identifier and each.path)
