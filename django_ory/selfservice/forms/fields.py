"""Fields and forms of a page: plain data for the element templates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from django_ory.selfservice.texts.messages import Note

__all__ = [
    "BackupCode",
    "BackupCodes",
    "Button",
    "Checkbox",
    "CheckboxGroup",
    "Control",
    "CopyableText",
    "Field",
    "FieldGroup",
    "FieldLink",
    "FieldSet",
    "Form",
    "Hidden",
    "Image",
    "Input",
    "Link",
    "ListField",
    "NamedField",
    "Option",
    "Placeholder",
    "RadioGroup",
    "Row",
    "Script",
    "Select",
    "Text",
]

Attrs = Mapping[str, str | bool]


@dataclass(frozen=True, kw_only=True)
class Field:
    """One node. ``element`` names its template; every attribute is a variable of the template.

    ``shows_messages``: whether the element shows its messages. The page shows the other ones above the forms.
    """

    element: ClassVar[str]
    shows_messages: ClassVar[bool] = True

    group: str = ""
    messages: tuple[Note, ...] = ()

    @property
    def has_error(self) -> bool:
        return any(note.level == "error" for note in self.messages)

    def variables(self) -> dict[str, Any]:
        """The variables of the element template."""
        return {**vars(self)}

    def walk(self) -> Iterator[Field]:
        """This field and the fields inside of it."""
        yield self


@dataclass(frozen=True, kw_only=True)
class NamedField(Field):
    """A field with a value that is posted under ``name``."""

    name: str

    @property
    def is_trait(self) -> bool:
        return self.name == "traits" or self.name.startswith("traits.")


@dataclass(frozen=True, kw_only=True)
class Hidden(NamedField):
    element: ClassVar[str] = "hidden"
    shows_messages: ClassVar[bool] = False

    value: str = ""
    attrs: Attrs = field(default_factory=dict)

    @property
    def is_rejected(self) -> bool:
        """Whether Kratos would reject the value each time."""
        return any(each.rejects_value for each in self.messages)


@dataclass(frozen=True, kw_only=True)
class Control(NamedField):
    """A visible input or button. ``aria-describedby`` refers to its hint and its messages."""

    id: str
    label: str
    hint: str = ""
    attrs: Attrs = field(default_factory=dict)

    @property
    def messages_id(self) -> str:
        return f"{self.id}-messages" if self.messages else ""

    @property
    def described_by(self) -> str:
        return " ".join(filter(None, [f"{self.id}-hint" if self.hint else "", self.messages_id]))

    def variables(self) -> dict[str, Any]:
        derived = {
            "invalid": self.has_error,
            "messages_id": self.messages_id,
            "described_by": self.described_by,
        }
        return {**super().variables(), **derived}


@dataclass(frozen=True)
class FieldLink:
    """A link beside the label of an input."""

    label: Any
    href: str


@dataclass(frozen=True, kw_only=True)
class Input(Control):
    """A visible input.

    ``variant``: "code" for six digits, "secret" for a backup code. ``link``: a link beside the label.
    ``button``: a button beside the input, which sends another code.
    """

    element: ClassVar[str] = "input"

    type: str = "text"
    value: str | None = None
    optional: bool = False
    variant: str = ""
    link: FieldLink | None = None
    button: Button | None = None

    def walk(self) -> Iterator[Field]:
        yield self
        if self.button:
            yield self.button


@dataclass(frozen=True, kw_only=True)
class Checkbox(Input):
    """``off_value`` is posted by a hidden input before an empty box: Kratos uses the last value of a name."""

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
class RadioGroup(Select):
    """A few values of which one is chosen. ``attrs`` are those of each radio button."""

    element: ClassVar[str] = "radios"


@dataclass(frozen=True, kw_only=True)
class CheckboxGroup(Input):
    """A list of values of which each may be checked. ``marker``: post an empty value before them."""

    element: ClassVar[str] = "checkboxes"

    options: tuple[Option, ...] = ()
    marker: bool = False


@dataclass(frozen=True, kw_only=True)
class FieldSet(Control):
    """Fields that belong together, such as those of an address."""

    element: ClassVar[str] = "fieldset"

    fields: tuple[Field, ...] = ()

    def walk(self) -> Iterator[Field]:
        yield self
        for each in self.fields:
            yield from each.walk()


@dataclass(frozen=True, kw_only=True)
class Row:
    """An item of a list: its fields, and the value and label of the button that removes it."""

    fields: tuple[Field, ...]
    remove: str = ""
    remove_label: str = ""


@dataclass(frozen=True, kw_only=True)
class ListField(Control):
    """A list whose items are rows of fields.

    ``can_change``: whether the form is posted to this site, so that rows can be added and removed.
    """

    element: ClassVar[str] = "list"

    rows: tuple[Row, ...] = ()
    optional: bool = False
    can_change: bool = False
    add_label: str = ""

    def walk(self) -> Iterator[Field]:
        yield self
        for row in self.rows:
            for each in row.fields:
                yield from each.walk()


@dataclass(frozen=True, kw_only=True)
class Button(Control):
    """``style`` is primary, secondary, quiet or danger. The button of a script call has type ``button``.

    ``resends``: whether the button requests another code. ``subject`` and ``added_at``: the name of the
    credential that the button is for, and the time when it was added.
    """

    element: ClassVar[str] = "button"

    value: str | None = None
    type: str = "submit"
    style: str = "secondary"
    resends: bool = False
    subject: str = ""
    added_at: datetime | None = None


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
    """Backup codes. The text of a used code is the day of its use."""

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
    """An empty element for a widget such as a captcha."""

    element: ClassVar[str] = "placeholder"
    shows_messages: ClassVar[bool] = False

    id: str
    attrs: Attrs = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class FieldGroup:
    """The fields and buttons of one method within a form."""

    name: str
    fields: tuple[Field, ...] = ()
    buttons: tuple[Button, ...] = ()

    @property
    def needs_script(self) -> bool:
        """Whether a button needs Kratos' script, as passkeys and security keys do."""
        return any("data-ory-click" in each.attrs for each in self.buttons)


@dataclass(frozen=True, kw_only=True)
class Form:
    """One ``<form>`` that the browser posts to Kratos.

    ``role`` is main, sso, choice (folded until the user opens it) or back. ``title`` and ``lead``: texts of a
    section or of a folded form. ``username``: for password managers, if the form has no such input.
    ``default_button``: what the Enter key submits, if other buttons come first. ``group``: the group of the
    first field.
    """

    id: str
    action: str
    method: str
    group: str = ""
    hidden: tuple[Hidden, ...] = ()
    groups: tuple[FieldGroup, ...] = ()
    title: str = ""
    lead: str = ""
    username: str = ""
    role: str = "main"
    default_button: Button | None = None

    def visible_fields(self) -> Iterator[Field]:
        for group in self.groups:
            for each in group.fields:
                yield from each.walk()
            yield from group.buttons

    @property
    def has_inputs(self) -> bool:
        return any(isinstance(each, Input) for each in self.visible_fields())

    @property
    def has_error(self) -> bool:
        """Whether a visible field has an error, so that the form must not be folded."""
        return any(each.has_error for each in self.visible_fields())

    @property
    def needs_script(self) -> bool:
        """Whether a button needs Kratos' script."""
        return any(group.needs_script for group in self.groups)
