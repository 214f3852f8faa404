"""The traits of the admin form of an identity: reading them from a posted form, and their inputs."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django_ory.schemas.posted import JSON_SUFFIX, list_invalid_json, read_posted, read_rows
from django_ory.schemas.validation import list_invalid_values
from django_ory.selfservice.forms.changes import change_fields
from django_ory.selfservice.forms.fields import Control, Field
from django_ory.selfservice.texts.messages import Note

from .trait_fields import StaffFieldBuilder

if TYPE_CHECKING:
    from django.http import QueryDict

    from django_ory.schemas.fields import TraitSchema

__all__ = ["TraitSection"]


class TraitSection:
    """The traits of one form, with an input for each.

    Args:
        schema: The schema of the form.
        base: The traits that the form was built from.
        data: The posted form, or None.
        is_new: Whether the form creates an identity.

    """

    def __init__(
        self, schema: TraitSchema, base: Mapping[str, Any], *, data: QueryDict | None, is_new: bool
    ) -> None:
        self.schema = schema
        self.base = base
        self.data = data
        self.is_new = is_new
        self.errors: dict[str, list[str]] = {}  #: by the name of a trait
        #: The traits of the posted form with one row more or less, if such a button was pressed.
        self.rows = None if data is None else read_rows(schema, data, base, for_staff=True)
        self.values: Mapping[str, Any] = base
        if self.rows is not None:
            self.values = self.rows
        elif data is not None:
            self.values = read_posted(schema.traits, data, base, for_staff=True)

    def validate(self) -> dict[str, list[str]]:
        """Return the mistakes that can be found without Kratos, by the name of the trait."""
        if self.data is not None:
            invalid = list_invalid_values(self.schema.traits, self.values, self.base)
            for name, text in {**invalid, **list_invalid_json(self.data)}.items():
                self.add_error(name, text)
        return self.errors

    def add_error(self, name: str, text: str) -> bool:
        """Show an error at a trait: ``"traits.name.first"``. Returns False if no input can show it."""
        if not _find_owner(name, self._names):
            return False
        self.errors.setdefault(name, []).append(text)
        return True

    @cached_property
    def _names(self) -> set[str]:
        return _list_names(self.build_fields())

    def show(self, values: Mapping[str, Any]) -> None:
        """Show these traits instead of those of the posted form."""
        self.values, self.data, self.rows = values, None, None

    def build_fields(self) -> tuple[Field, ...]:
        """Return the inputs, with the errors at them."""
        builder = StaffFieldBuilder(self.values, is_new=self.is_new, data=self.data)
        fields, _notes = builder.build(self.schema.traits)
        return attach_errors(fields, self.errors)

    def list_unknown(self) -> list[str]:
        """Return the traits that the schema does not name. They are kept."""
        known = {each.path[-1] for each in self.schema.traits.fields}
        return [name for name in self.values if name not in known]


def attach_errors(fields: Iterable[Field], errors: Mapping[str, Iterable[str]]) -> tuple[Field, ...]:
    """Add each error to the field with its name, or to the closest field around it."""
    fields = tuple(fields)
    names = _list_names(fields)
    notes: dict[str, list[Note]] = {}
    for name, texts in errors.items():
        if owner := _find_owner(name, names):
            place = _describe_place(name.removeprefix(owner))
            notes.setdefault(owner, []).extend(
                Note("error", f"{place}: {text}" if place else text) for text in texts
            )

    def attach(field: Field) -> Field:
        # Each error once: the inputs of a list of values have the name of the list.
        own = notes.pop(_get_name(field), []) if isinstance(field, Control) else []
        return replace(field, messages=(*field.messages, *own)) if own else field

    return change_fields(fields, attach)


def _describe_place(path: str) -> str:
    """Return a place inside of a field: ``".0.street"`` -> ``"1, street"``, as the rows are counted."""
    parts = path.removeprefix(".").split(".")
    return ", ".join(str(int(part) + 1) if part.isdecimal() else part for part in parts if part)


def _find_owner(name: str, names: Container[str]) -> str:
    while name and name not in names:
        name = name.rpartition(".")[0]
    return name


def _list_names(fields: Iterable[Field]) -> set[str]:
    every = (each for field in fields for each in field.walk())
    return {_get_name(each) for each in every if isinstance(each, Control)} - {""}


def _get_name(field: Field) -> str:
    return getattr(field, "name", "").removesuffix(JSON_SUFFIX)
