"""Errors of a flow: which field each belongs to, and the list on top of the page that leads there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from .fields import Button, Field, Hidden, Input

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from django_ory.selfservice.texts.messages import Note

__all__ = ["FormError", "attach_to_fields", "list_errors"]

#: Errors that Kratos reports for the whole form although one field is meant; the first of these names that is
#: visible.
FIELDS_OF: Mapping[int, tuple[str, ...]] = {
    4000006: ("password", "identifier"),
    4000008: ("totp_code",),
    4000009: ("identifier",),
    4000012: ("lookup_secret",),
    4000016: ("lookup_secret",),
    4000035: ("identifier", "email"),
    4000037: ("identifier",),
    4010005: ("email",),
    4010006: ("email",),
    4010008: ("code",),
    4040003: ("code",),
    4060006: ("code",),
    4070006: ("code",),
}


@dataclass(frozen=True)
class FormError:
    """A line of the summary; ``target`` is the id of a field on the page, or empty."""

    text: str
    target: str = ""


def attach_to_fields(fields: Sequence[Field], notes: Iterable[Note]) -> tuple[list[Field], list[Note]]:
    """Move errors that mean one field to it: ``(fields, the notes that are left)``."""
    found, left = list(fields), []
    for note in notes:
        index = _index_of(found, FIELDS_OF.get(note.id, ())) if note.level == "error" else None
        if index is None:
            left.append(note)
        else:
            found[index] = replace(found[index], messages=(*found[index].messages, note))
    return found, left


def list_errors(fields: Iterable[Field], notes: Iterable[Note]) -> tuple[FormError, ...]:
    """Everything that is wrong: first what belongs to no field, then the fields in their order."""
    general = [FormError(note.text) for note in notes if note.level == "error"]
    by_field = [_problem(each, note) for each in fields for note in each.messages if note.level == "error"]
    return tuple(dict.fromkeys([*general, *by_field]))


def _index_of(fields: Sequence[Field], names: Iterable[str]) -> int | None:
    for name in names:
        for index, each in enumerate(fields):
            if isinstance(each, Input) and each.name == name:
                return index
    return None


def _problem(each: Field, note: Note) -> FormError:
    match each:
        case Button():
            return FormError(note.text, each.id)
        case Input():
            text = note.text if note.id in FIELDS_OF else f"{each.label}: {note.text}"
            return FormError(text, each.id)
        case Hidden():
            # A field of an earlier step: it cannot be pointed at, so at least it is named.
            return FormError(f"{each.name.rpartition('.')[2].replace('_', ' ').capitalize()}: {note.text}")
        case _:
            return FormError(note.text, getattr(each, "id", ""))
