"""The description of the traits of one identity schema: plain data, without JSON Schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django_ory.traits import get_trait

__all__ = ["Choice", "TraitField", "TraitKind", "TraitSchema"]


class TraitKind(StrEnum):
    """The type of a trait. ``OTHER``: several types, or none that a form can express."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    LIST = "list"
    OBJECT = "object"
    OTHER = "other"


SCALAR_KINDS = frozenset({TraitKind.TEXT, TraitKind.INTEGER, TraitKind.NUMBER, TraitKind.BOOLEAN})


@dataclass(frozen=True)
class Choice:
    """An allowed value, with its title, or ""."""

    value: Any
    title: str = ""


@dataclass(frozen=True, kw_only=True)
class TraitField:
    """One trait.

    Attributes:
        path: The names from the traits down to this one; empty for the traits themselves.
        title, description: Texts of the schema, or "".
        format: ``email``, ``date``, ``date-time`` ...
        choices: The allowed values; empty if all are allowed.
        must_be_true: A boolean that can only be true, such as the consent to terms.
        is_required: Whether the object around the trait requires a value.
        is_identifier: Whether a user signs in with the value, or with an item of the list.
        is_postable: Whether Kratos reads the trait from a posted form. Kratos drops other traits.
        limits: The keywords ``minLength``, ``maxLength``, ``minimum``, ``maximum``, ``minItems``,
            ``maxItems``.
        item: The items of a list; None for other kinds, and for a list without a description of its items.
        fields: The members of an object, in the order of the schema.

    """

    path: tuple[str, ...] = ()
    kind: TraitKind
    title: str = ""
    description: str = ""
    format: str = ""
    choices: tuple[Choice, ...] = ()
    must_be_true: bool = False
    is_required: bool = False
    is_read_only: bool = False
    is_identifier: bool = False
    is_postable: bool = True
    limits: Mapping[str, float] = field(default_factory=dict)
    item: TraitField | None = None
    fields: tuple[TraitField, ...] = ()

    @property
    def is_scalar(self) -> bool:
        return self.kind in SCALAR_KINDS

    @property
    def is_list_of_objects(self) -> bool:
        """Whether a form can show the list as rows of fields."""
        return self.kind is TraitKind.LIST and self.item is not None and bool(self.item.fields)

    @property
    def is_list_of_values(self) -> bool:
        """Whether each item of the list is one input."""
        return self.kind is TraitKind.LIST and (self.item is None or self.item.is_scalar)

    def walk(self) -> Iterator[TraitField]:
        """This trait and all traits inside of it, except in lists."""
        yield self
        for each in self.fields:
            yield from each.walk()


@dataclass(frozen=True, kw_only=True)
class TraitSchema:
    """An identity schema. ``traits``: an object. ``title``: the one of the schema, or "".

    ``accepts_json``: whether Kratos reads all traits from one JSON value, named ``traits``.
    """

    id: str
    title: str = ""
    traits: TraitField
    accepts_json: bool = True

    def find(self, path: tuple[str, ...]) -> TraitField | None:
        """The trait at a path, or None."""
        found = self.traits
        for name in path:
            inner = next((each for each in found.fields if each.path[-1] == name), None)
            if inner is None:
                return None
            found = inner
        return found

    def read_identifiers(self, traits: Any) -> list[str]:
        """Return the values that a user signs in with, in lower case as in Kratos, sorted."""
        found = (
            value
            for field in self.traits.walk()
            if field.is_identifier
            for value in _list_values(get_trait(traits, ".".join(field.path)))
        )
        return sorted({str(value).strip().lower() for value in found} - {""})


def _list_values(value: Any) -> list[Any]:
    return [each for each in (value if isinstance(value, list) else [value]) if each is not None]
