"""A node of Kratos -> a field of ours. Tables say what is special; a node that nobody knows is shown as
plainly as it can be.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from django_ory.client.models import (
    UiNodeAnchorAttributes,
    UiNodeDivisionAttributes,
    UiNodeImageAttributes,
    UiNodeInputAttributes,
    UiNodeScriptAttributes,
    UiNodeTextAttributes,
    UiText,
)
from django_ory.http.redirects import parse_origin
from django_ory.selfservice.flow_types import LOGIN
from django_ory.selfservice.texts.messages import TEXTS, Note, get_text, note_of

from .attributes import build_attributes, build_call_attributes, form_value
from .fields import (
    BackupCode,
    BackupCodes,
    Button,
    Checkbox,
    CopyableText,
    Field,
    Hidden,
    Image,
    Input,
    Link,
    Option,
    Placeholder,
    Script,
    Select,
    Text,
)
from .script_calls import get_allowed_call

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django_ory.client.models import UiNode
    from django_ory.http.redirects import TrustedOrigins
    from django_ory.selfservice.flow_types import FlowType

__all__ = ["BACK_BEFORE_V1_3", "NodeConverter", "is_metadata"]

INPUT_TYPES = frozenset({"text", "password", "email", "tel", "number", "date", "url"})

CODES = frozenset({"code", "totp_code", "lookup_secret"})

#: Buttons that take something away, and those that step aside from what the form asks for: back, or for
#: another code. Kratos names the latter after the channel ("email", "sms", ...), so its label tells too.
DANGER = frozenset({"lookup_secret_disable", "totp_unlink", "webauthn_remove", "passkey_remove", "unlink"})
BACK = "screen"
BACK_BEFORE_V1_3 = ("method", "profile:back")
RESENDING = frozenset({"email", "resend", "recovery_confirm_address"})
RESEND = 1070008
NO_VALIDATION = DANGER | {
    "address",
    "link",
    "lookup_secret_confirm",
    "lookup_secret_regenerate",
    "lookup_secret_reveal",
    "provider",
    "recovery_select_address",
}  # fmt: skip

DATA_NAME = re.compile(r"[a-z][a-z0-9-]{0,40}")


#: (flow, name, value of a button) -> label.
LABELS: Mapping[tuple[str, str, str | None], Any] = {
    ("settings", "password", None): gettext_lazy("New password"),
    # The first of two steps creates nothing yet.
    ("registration", "method", "profile"): gettext_lazy("Continue"),
    ("settings", "method", "totp"): gettext_lazy("Turn on"),
}


#: Name of an input -> id of its text if Kratos sends no label.
FALLBACK_LABELS: Mapping[str, int] = {"identifier": 1070004}


class NodeConverter:
    """Reads the nodes of one flow in turn, so that no two fields of a page have the same id."""

    def __init__(self, kind: FlowType, origins: TrustedOrigins, *, asks_identifier: bool = False) -> None:
        self.kind = kind
        self.origins = origins
        self.asks_identifier = asks_identifier
        self.ids: Counter[str] = Counter()

    def read(self, node: UiNode) -> Field | None:
        """The field for a node; None if there is nothing to show or its address is not to be trusted."""
        notes = tuple(note_of(message) for message in node.messages)
        match node.attributes:
            case UiNodeInputAttributes() as attributes:
                return self._input(node, attributes, notes)
            case UiNodeTextAttributes() as attributes:
                return self._text(node, attributes, notes)
            case UiNodeImageAttributes() as attributes:
                return self._image(node, attributes, notes)
            case UiNodeAnchorAttributes() as attributes:
                return self._link(node, attributes, notes)
            case UiNodeScriptAttributes() as attributes:
                return self._script(node, attributes, notes)
            case UiNodeDivisionAttributes() as attributes:
                return self._placeholder(node, attributes, notes)
            case other:
                label = _label(node)
                return (
                    Text(id=self._id(other.id), group=node.group, label="", text=label, messages=notes)
                    if label
                    else None
                )

    def _id(self, name: str) -> str:
        stem = "ory-" + (re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-")[:60] or "field")
        self.ids[stem] += 1
        return stem if self.ids[stem] == 1 else f"{stem}--{self.ids[stem]}"

    def _own_label(self, a: UiNodeInputAttributes) -> str:
        """Where Kratos' label, true for its message id, would mislead on this page."""
        return str(
            LABELS.get((self.kind.name, a.name, form_value(a.value) if a.type == "submit" else None), "")
        )

    def _input(self, node: UiNode, a: UiNodeInputAttributes, notes: tuple[Note, ...]) -> Field:
        if a.type == "hidden" and not self._is_asked_for(a):
            extra = build_call_attributes("load", get_allowed_call(a.onloadTrigger, a.onload))
            return Hidden(
                name=a.name, value=form_value(a.value) or "", group=node.group, messages=notes, attrs=extra
            )
        if a.type in ("submit", "button"):
            return self._button(node, a, notes)
        common: dict[str, Any] = {
            "id": self._id(a.name),
            "name": a.name,
            "label": self._own_label(a) or _label(node, a.label) or _fallback_label(a.name),
            "group": node.group,
            "messages": notes,
            "optional": a.name.startswith("traits.") and not a.required and a.type != "checkbox",
            "attrs": build_attributes(a),
        }
        if a.type == "checkbox":
            # A trait that must be true if it is given, and may be left out, is left out.
            off_value = "false" if a.required or not a.name.startswith("traits.") else ""
            return Checkbox(**common, checked=a.value in (True, "true"), off_value=off_value)
        if a.options:
            return Select(**common, options=_options(a))
        return Input(
            **common,
            type=a.type if a.type in INPUT_TYPES else "text",
            value=None if a.type == "password" else form_value(a.value),
            hint=_("For example 2026-01-31T18:30:00Z") if a.type == "datetime-local" else "",
            variant="code" if a.name in CODES else "",
        )

    def _is_asked_for(self, a: UiNodeInputAttributes) -> bool:
        """Kratos 1.3 hides the identifier after a failed sign-in by code, although it must be typed again."""
        return self.kind is LOGIN and a.name == "identifier" and (self.asks_identifier or not a.value)

    def _button(self, node: UiNode, a: UiNodeInputAttributes, notes: tuple[Note, ...]) -> Button:
        attrs: dict[str, str | bool] = {}
        resends = a.name in RESENDING or (node.meta.label is not None and node.meta.label.id == RESEND)
        quiet = resends or a.name == BACK or (a.name, a.value) == BACK_BEFORE_V1_3
        if quiet or a.name in NO_VALIDATION:
            attrs["formnovalidate"] = True
        if a.disabled:
            attrs["disabled"] = True
        trigger = get_allowed_call(a.onclickTrigger, a.onclick)
        if trigger:
            # Of no use without the script, which shows it.
            attrs |= {**build_call_attributes("click", trigger), "hidden": True}
        return Button(
            id=self._id(a.name),
            name=a.name,
            value=form_value(a.value),
            type="button" if a.type == "button" and trigger else "submit",
            label=self._own_label(a) or _label(node, a.label) or _humanized(form_value(a.value) or a.name),
            style="danger" if a.name in DANGER else "quiet" if quiet else "secondary",
            resends=resends,
            group=node.group,
            messages=notes,
            attrs=attrs,
        )

    def _text(self, node: UiNode, a: UiNodeTextAttributes, notes: tuple[Note, ...]) -> Field:
        text = a.text or UiText()
        common: dict[str, Any] = {
            "id": self._id(a.id),
            "label": _label(node),
            "group": node.group,
            "messages": notes,
        }
        secrets = (text.context or {}).get("secrets")
        if isinstance(secrets, list):
            return BackupCodes(
                **common, codes=tuple(_code(secret) for secret in secrets if isinstance(secret, dict))
            )
        if a.id == "totp_secret_key":
            return CopyableText(**common, text=text.text)
        return Text(**common, text=get_text(text))

    def _image(self, node: UiNode, a: UiNodeImageAttributes, notes: tuple[Note, ...]) -> Image | None:
        if not a.src.startswith("data:image/png;base64,") and parse_origin(a.src) not in self.origins.kratos:
            return None
        width, height = (size if size and 0 < size <= 1024 else 0 for size in (a.width, a.height))
        return Image(
            id=self._id(a.id),
            src=a.src,
            label=_label(node),
            group=node.group,
            messages=notes,
            width=width,
            height=height,
        )

    def _link(self, node: UiNode, a: UiNodeAnchorAttributes, notes: tuple[Note, ...]) -> Link | None:
        relative = a.href.startswith("/") and not a.href.startswith(("//", "/\\"))
        if not relative and parse_origin(a.href) is None:
            return None
        label = _label(node, a.title) or _("Continue")
        return Link(id=self._id(a.id), href=a.href, label=label, group=node.group, messages=notes)

    def _script(self, node: UiNode, a: UiNodeScriptAttributes, notes: tuple[Note, ...]) -> Script | None:
        if not self.origins.allows_form_action(a.src):
            return None
        names = ("id", "integrity", "crossorigin", "referrerpolicy")
        given = {name: value for name in names if (value := getattr(a, name))}
        return Script(src=a.src, group=node.group, messages=notes, attrs={**given, "async": True})

    def _placeholder(self, node: UiNode, a: UiNodeDivisionAttributes, notes: tuple[Note, ...]) -> Placeholder:
        data = {name: value for name, value in (a.data or {}).items() if DATA_NAME.fullmatch(name)}
        attrs = {f"data-{name}": form_value(value) or "" for name, value in data.items()}
        return Placeholder(id=a.id or self._id("block"), group=node.group, messages=notes, attrs=attrs)


def is_metadata(node: UiNode) -> bool:
    """Whether a node is for metadata, which only staff can change. Kratos ignores posted metadata."""
    return getattr(node.attributes, "name", "").startswith(("metadata_public", "metadata_admin"))


def _label(node: UiNode, own: UiText | None = None) -> str:
    label = own or node.meta.label
    return get_text(label) if label else ""


def _fallback_label(name: str) -> str:
    return str(TEXTS[FALLBACK_LABELS[name]]) if name in FALLBACK_LABELS else _humanized(name)


def _humanized(name: str) -> str:
    return name.rpartition(".")[2].replace("_", " ").strip().capitalize()


def _options(a: UiNodeInputAttributes) -> tuple[Option, ...]:
    values = [form_value(option.value) for option in a.options]
    chosen = form_value(a.value) or ""
    empty = () if a.required else (Option("", "—", not chosen),)
    return empty + tuple(Option(value, value, value == chosen) for value in values if value)


def _code(secret: Mapping[str, Any]) -> BackupCode:
    try:
        text = UiText.model_validate(secret)
    except ValueError:
        return BackupCode("")
    used = text.id == 1050014
    return BackupCode(get_text(text) if used else text.text, used)
