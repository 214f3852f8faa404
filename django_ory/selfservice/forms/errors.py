"""Errors of a flow: the field of each, and the error summary of the page."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from django_ory.selfservice.texts.labels import build_label

from .fields import Button, Field, FieldSet, Hidden, Input, ListField

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from django_ory.selfservice.texts.messages import Note

__all__ = ["FormError", "attach_to_fields", "list_errors"]

#: Id of an error that Kratos reports for the whole form -> possible names of its field. The first visible one
#: gets the error.
ERROR_FIELDS: Mapping[int, tuple[str, ...]] = {
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
    """An error of a page.

    ``target``: the id of its element, or empty. ``is_inline``: whether this element shows the error itself.
    """

    text: str
    target: str = ""
    is_inline: bool = field(default=False, compare=False)


def attach_to_fields(fields: Sequence[Field], notes: Iterable[Note]) -> tuple[list[Field], list[Note]]:
    """Move the errors of one field to this field. Returns the fields and the remaining notes."""
    found, remaining = list(fields), []
    for note in notes:
        names = ERROR_FIELDS.get(note.id, (f"traits.{note.trait}",)) if note.level == "error" else ()
        inputs = {
            each.name: index for index, each in reversed(list(enumerate(found))) if isinstance(each, Input)
        }
        index = next((inputs[name] for name in names if name in inputs), None)
        if index is None:
            remaining.append(note)
        else:
            found[index] = replace(found[index], messages=(*found[index].messages, note))
    return found, remaining


def list_errors(fields: Iterable[Field], notes: Iterable[Note]) -> tuple[FormError, ...]:
    """List all errors once: those of the form, then those of the fields in their order."""
    of_form = [
        FormError(f"{build_label(note.trait)}: {note.text}" if note.trait else note.text)
        for note in notes
        if note.level == "error"
    ]
    every = (each for field in fields for each in field.walk())
    of_fields = [_get_error(each, note) for each in every for note in each.messages if note.level == "error"]
    return tuple(dict.fromkeys([*of_form, *of_fields]))


def _get_error(owner: Field, note: Note) -> FormError:
    match owner:
        case Button():
            return FormError(note.text, owner.id, is_inline=True)
        case Input() | FieldSet() | ListField():
            text = note.text if note.id in ERROR_FIELDS else f"{owner.label}: {note.text}"
            return FormError(text, owner.id, is_inline=True)
        case Hidden():  # entered in an earlier step: there is no element to link to
            return FormError(f"{build_label(owner.name)}: {note.text}")
        case _:
            return FormError(note.text, getattr(owner, "id", ""), is_inline=owner.shows_messages)
