"""What a page of Kratos is made of, once read: fields in forms. Plain data for the element templates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from django_ory.selfservice.texts.messages import Note

__all__ = [
    "BackupCodes",
    "Button",
    "Checkbox",
    "Control",
    "CopyableText",
    "Field",
    "FieldGroup",
    "Form",
    "Hidden",
    "Image",
    "Input",
    "Link",
    "Placeholder",
    "Script",
    "Select",
    "Text",
]

Attrs = Mapping[str, str | bool]


@dataclass(frozen=True, kw_only=True)
class Field:
    """One node. ``element`` names its template; every attribute below is a variable in it.

    ``shows_messages``: there. Those of a field that has no place on the page stand above the forms.
    """

    element: ClassVar[str]
    shows_messages: ClassVar[bool] = True

    group: str = ""
    messages: tuple[Note, ...] = ()

    def variables(self) -> dict[str, Any]:
        """What the template of the element sees."""
        return {each.name: getattr(self, each.name) for each in fields(self)}


@dataclass(frozen=True, kw_only=True)
class Hidden(Field):
    element: ClassVar[str] = "hidden"
    shows_messages: ClassVar[bool] = False

    name: str
    value: str = ""
    attrs: Attrs = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Control(Field):
    """What a person works with. ``described_by`` and ``messages_id`` tie its hint and its messages to it."""

    id: str
    name: str
    label: str
    hint: str = ""
    attrs: Attrs = field(default_factory=dict)

    @property
    def invalid(self) -> bool:
        return any(note.level == "error" for note in self.messages)

    @property
    def messages_id(self) -> str:
        return f"{self.id}-messages" if self.messages else ""

    @property
    def described_by(self) -> str:
        return " ".join(filter(None, [f"{self.id}-hint" if self.hint else "", self.messages_id]))

    def variables(self) -> dict[str, Any]:
        tied = {"invalid": self.invalid, "messages_id": self.messages_id, "described_by": self.described_by}
        return {**super().variables(), **tied}


@dataclass(frozen=True, kw_only=True)
class Input(Control):
    """A visible input."""

    element: ClassVar[str] = "input"

    type: str = "text"
    value: str | None = None
    optional: bool = False
    variant: str = ""


@dataclass(frozen=True, kw_only=True)
class Checkbox(Input):
    """``off_value`` is posted by a hidden input before an empty box: Kratos takes the last value."""

    element: ClassVar[str] = "checkbox"

    checked: bool = False
    off_value: str = ""


@dataclass(frozen=True)
class Option:
    value: str
    label: str
    selected: bool = False


@dataclass(frozen=True, kw_only=True)
class Select(Input):
    element: ClassVar[str] = "select"

    options: tuple[Option, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Button(Control):
    """``style`` is primary, secondary, quiet or danger. A trigger of a script has type ``button``.

    ``resends``: it asks for another code.
    """

    element: ClassVar[str] = "button"

    value: str | None = None
    type: str = "submit"
    style: str = "secondary"
    resends: bool = False


@dataclass(frozen=True, kw_only=True)
class Link(Field):
    element: ClassVar[str] = "link"
    shows_messages: ClassVar[bool] = False

    id: str
    label: str
    href: str
    style: str = "primary"


@dataclass(frozen=True, kw_only=True)
class Image(Field):
    element: ClassVar[str] = "image"

    id: str
    src: str
    label: str
    width: int = 0
    height: int = 0


@dataclass(frozen=True, kw_only=True)
class Text(Field):
    element: ClassVar[str] = "text"

    id: str
    label: str
    text: str


@dataclass(frozen=True, kw_only=True)
class CopyableText(Text):
    """A text to copy, such as the secret of an authenticator app."""

    element: ClassVar[str] = "secret"


@dataclass(frozen=True)
class BackupCode:
    text: str
    used: bool = False


@dataclass(frozen=True, kw_only=True)
class BackupCodes(Field):
    """Backup codes; the used ones say so instead of showing themselves."""

    element: ClassVar[str] = "codes"

    id: str
    label: str
    codes: tuple[BackupCode, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Script(Field):
    element: ClassVar[str] = "script"
    shows_messages: ClassVar[bool] = False

    src: str
    attrs: Attrs = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Placeholder(Field):
    """An empty element that a widget fills, such as a captcha."""

    element: ClassVar[str] = "placeholder"
    shows_messages: ClassVar[bool] = False

    id: str
    attrs: Attrs = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class FieldGroup:
    """What belongs to one method within a form: its fields, then its buttons."""

    group: str
    fields: tuple[Field, ...] = ()
    buttons: tuple[Button, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Form:
    """One ``<form>`` that the browser posts to Kratos. ``title`` and ``lead`` stand over it, or on what opens
    it. ``username`` tells password managers whose password it is where the form does not ask.
    """

    id: str
    action: str
    method: str
    hidden: tuple[Hidden, ...] = ()
    parts: tuple[FieldGroup, ...] = ()
    title: str = ""
    lead: str = ""
    username: str = ""
    role: str = "main"  # or "sso", "choice" (opened on demand), "back"

    @property
    def has_inputs(self) -> bool:
        return any(isinstance(each, Input) for part in self.parts for each in part.fields)

    @property
    def is_wrong(self) -> bool:
        """Something in it has an error, so it must not be folded away."""
        shown = [each for part in self.parts for each in (*part.fields, *part.buttons)]
        return any(note.level == "error" for each in shown for note in each.messages)

    @property
    def needs_script(self) -> bool:
        """A passkey or security key is asked for: only Kratos' script can do that."""
        return any("data-ory-click" in each.attrs for part in self.parts for each in part.buttons)
