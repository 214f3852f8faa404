"""Converts the nodes of a flow to fields. A node of an unknown type becomes a text with its label."""

from __future__ import annotations

import logging
import re
from collections import Counter
from datetime import UTC, datetime
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
from django_ory.resilience.log_throttle import throttled_log
from django_ory.schemas.values import form_value
from django_ory.selfservice.flow_types import LOGIN
from django_ory.selfservice.texts.labels import build_label
from django_ory.selfservice.texts.messages import TEXTS, Note, get_text
from django_ory.selfservice.texts.variants import PROVIDERS

from .attributes import build_attributes, build_call_attributes
from .choices import build_choice_field
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
    Text,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django_ory.client.models import UiNode
    from django_ory.http.redirects import TrustedOrigins
    from django_ory.selfservice.flow_types import FlowType

__all__ = ["BACK_BEFORE_V1_3", "NodeConverter", "get_common", "is_metadata"]

logger = logging.getLogger("django_ory.selfservice")

INPUT_TYPES = frozenset({"text", "password", "email", "tel", "number", "date", "url"})
#: Name of an input -> its variant.
INPUT_VARIANTS: Mapping[str, str] = {"code": "code", "totp_code": "code", "lookup_secret": "secret"}

#: Names of buttons that remove something.
DANGER_BUTTONS = frozenset(
    {"lookup_secret_disable", "totp_unlink", "webauthn_remove", "passkey_remove", "unlink"}
)
BACK_BUTTON = "screen"
#: Name and value.
BACK_BEFORE_V1_3 = ("method", "profile:back")
#: Buttons that send another code. Kratos names them after the channel, so their label counts as well.
RESEND_BUTTONS = frozenset({"email", "resend", "recovery_confirm_address"})
RESEND_LABEL = 1070008
#: Buttons that submit although a required input is empty.
UNVALIDATED_BUTTONS = DANGER_BUTTONS | {
    "address",
    "link",
    "lookup_secret_confirm",
    "lookup_secret_regenerate",
    "lookup_secret_reveal",
    "provider",
    "recovery_select_address",
}

DATA_ATTRIBUTE_NAME = re.compile(r"[a-z][a-z0-9-]{0,40}")
CLASS_NAMES = re.compile(r"[A-Za-z][\w-]*( [A-Za-z][\w-]*){0,9}", re.ASCII)
USED_CODE_MESSAGE = 1050014
#: The year 5000. Later times, and those before 1970, are no times of a credential.
MAX_UNIX_SECONDS = 95_617_584_000

#: (flow, name, value of a button) -> label, where the label of Kratos is wrong for the step.
STEP_LABELS: Mapping[tuple[str, str, str | None], Any] = {
    ("settings", "password", None): gettext_lazy("New password"),
    ("registration", "method", "profile"): gettext_lazy(
        "Continue"
    ),  # the account is created in the next step
    ("settings", "method", "totp"): gettext_lazy("Turn on"),
}
#: Name of an input -> id of its text if Kratos sends no label.
FALLBACK_LABELS: Mapping[str, int] = {"identifier": 1070004}


class NodeConverter:
    """Converts the nodes of one flow, in order, so that all ids of the page are different."""

    def __init__(
        self, flow_type: FlowType, origins: TrustedOrigins, *, asks_identifier: bool = False
    ) -> None:
        self.flow_type = flow_type
        self.origins = origins
        self.asks_identifier = asks_identifier
        self.ids: Counter[str] = Counter()

    def to_field(self, node: UiNode) -> Field | None:
        """Convert a node. Returns None if there is nothing to show, or if its URL is not trusted."""
        common = get_common(node)
        match node.attributes:
            case UiNodeInputAttributes() as attributes:
                return self.convert_input(attributes, node.meta.label, **common)
            case UiNodeTextAttributes() as attributes:
                return self._convert_text(node, attributes, common)
            case UiNodeImageAttributes() as attributes:
                return self._convert_image(node, attributes, common)
            case UiNodeAnchorAttributes() as attributes:
                return self._convert_link(node, attributes, common)
            case UiNodeScriptAttributes() as attributes:
                return self._convert_script(attributes, common)
            case UiNodeDivisionAttributes() as attributes:
                return self._convert_division(attributes, common)
            case other:
                label = _get_label(node.meta.label)
                return Text(id=self.build_id(other.id), label="", text=label, **common) if label else None

    def build_id(self, name: str) -> str:
        """Build an id for an element, different from all other ids of the flow."""
        stem = "ory-" + (re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-")[:60] or "field")
        self.ids[stem] += 1
        return stem if self.ids[stem] == 1 else f"{stem}--{self.ids[stem]}"

    def _get_input_label(self, a: UiNodeInputAttributes, label: UiText | None) -> str:
        value = form_value(a.value) if a.type == "submit" else None
        return str(STEP_LABELS.get((self.flow_type.name, a.name, value), "")) or _get_label(a.label or label)

    def convert_input(
        self, a: UiNodeInputAttributes, label: UiText | None, *, text: str = "", **common: Any
    ) -> Field:
        """Convert an input or a button.

        Args:
            a: the attributes of the node.
            label: the label of the node.
            text: replaces the text of ``label``.
            common: the group and the messages of the field.

        """
        if a.type == "hidden" and not self._must_show(a):
            attrs = build_call_attributes("load", a.onloadTrigger, a.onload)
            return Hidden(name=a.name, value=form_value(a.value) or "", attrs=attrs, **common)
        if a.type in ("submit", "button"):
            return self._convert_button(a, label, common)
        is_trait = a.name.startswith("traits.")
        common |= {
            "id": self.build_id(a.name),
            "name": a.name,
            "label": text or self._get_input_label(a, label) or _get_fallback_label(a.name),
            "optional": is_trait and not a.required and a.type != "checkbox",
            "attrs": build_attributes(a),
        }
        if a.type == "password" and not a.autocomplete:  # Kratos before 0.11
            token = "current-password" if self.flow_type is LOGIN else "new-password"
            common["attrs"] = {**common["attrs"], "autocomplete": token}
        if a.type == "checkbox":
            # An unchecked optional trait is not posted: its schema may allow only true.
            off_value = "false" if a.required or not is_trait else ""
            return Checkbox(**common, checked=a.value in (True, "true"), off_value=off_value)
        if a.options:
            return build_choice_field(Input(**common), _build_options(a), is_required=bool(a.required))
        return Input(
            **common,
            type=a.type if a.type in INPUT_TYPES else "text",
            value=None if a.type == "password" else form_value(a.value),
            hint=_("For example 2026-01-31T18:30:00Z") if a.type == "datetime-local" else "",
            variant=INPUT_VARIANTS.get(a.name, ""),
        )

    def _must_show(self, a: UiNodeInputAttributes) -> bool:
        """Whether a hidden input must be filled in: the identifier, after a failed sign-in by code (v1.3)."""
        return self.flow_type is LOGIN and a.name == "identifier" and (self.asks_identifier or not a.value)

    def _convert_button(
        self, a: UiNodeInputAttributes, label: UiText | None, common: dict[str, Any]
    ) -> Button:
        attrs: dict[str, str | bool] = {}
        resends = a.name in RESEND_BUTTONS or (label is not None and label.id == RESEND_LABEL)
        quiet = resends or a.name == BACK_BUTTON or (a.name, a.value) == BACK_BEFORE_V1_3
        if quiet or a.name in UNVALIDATED_BUTTONS:
            attrs["formnovalidate"] = True
        if a.disabled:
            attrs["disabled"] = True
        call = build_call_attributes("click", a.onclickTrigger, a.onclick)
        if call:
            attrs |= {**call, "hidden": True}  # ory.js shows the button
        return Button(
            **common,
            id=self.build_id(a.name),
            name=a.name,
            value=form_value(a.value),
            type="button" if a.type == "button" and call else "submit",
            label=self._get_input_label(a, label) or build_label(form_value(a.value) or a.name),
            style="danger" if a.name in DANGER_BUTTONS else "quiet" if quiet else "secondary",
            resends=resends,
            subject=_get_subject(label),
            added_at=_get_added_at(label),
            attrs=attrs,
        )

    def _convert_text(self, node: UiNode, a: UiNodeTextAttributes, common: dict[str, Any]) -> Field:
        text = a.text or UiText()
        common |= {"id": self.build_id(a.id), "label": _get_label(node.meta.label)}
        secrets = (text.context or {}).get("secrets")
        if isinstance(secrets, list):
            return BackupCodes(
                **common, codes=tuple(_build_code(each) for each in secrets if isinstance(each, dict))
            )
        if a.id == "totp_secret_key":
            return CopyableText(**common, text=text.text)
        return Text(**common, text=get_text(text))

    def _convert_image(self, node: UiNode, a: UiNodeImageAttributes, common: dict[str, Any]) -> Image | None:
        if not a.src.startswith("data:image/png;base64,") and parse_origin(a.src) not in self.origins.kratos:
            return None
        width, height = (size if size and 0 < size <= 1024 else 0 for size in (a.width, a.height))
        return Image(
            **common,
            id=self.build_id(a.id),
            src=a.src,
            label=_get_label(node.meta.label),
            width=width,
            height=height,
        )

    def _convert_link(self, node: UiNode, a: UiNodeAnchorAttributes, common: dict[str, Any]) -> Link | None:
        is_path = a.href.startswith("/") and not a.href.startswith(("//", "/\\"))
        if not is_path and parse_origin(a.href) is None:
            return None
        label = _get_label(a.title or node.meta.label) or _("Continue")
        return Link(**common, id=self.build_id(a.id), href=a.href, label=label)

    def _convert_script(self, a: UiNodeScriptAttributes, common: dict[str, Any]) -> Script | None:
        if not self.origins.allows_script(a.src):
            if (origin := parse_origin(a.src)) is not None:
                throttled_log.warn(
                    logger,
                    ("script", origin),
                    "A script of a form of Kratos is left out: its origin %s://%s is neither Kratos' nor in "
                    "CAPTCHA_ORIGINS. A captcha cannot be solved without it.",
                    *origin[:2],
                )
            return None
        names = ("id", "integrity", "crossorigin", "referrerpolicy")
        attrs = {name: value for name in names if (value := getattr(a, name))}
        return Script(**common, src=a.src, attrs={**attrs, "async": True})

    def _convert_division(self, a: UiNodeDivisionAttributes, common: dict[str, Any]) -> Placeholder:
        data = {name: value for name, value in (a.data or {}).items() if DATA_ATTRIBUTE_NAME.fullmatch(name)}
        attrs = {f"data-{name}": form_value(value) or "" for name, value in data.items()}
        if a.class_ and CLASS_NAMES.fullmatch(a.class_):
            attrs["class"] = a.class_  # widgets find their element by it
        return Placeholder(**common, id=a.id or self.build_id("block"), attrs=attrs)


def is_metadata(node: UiNode) -> bool:
    """Whether a node is for metadata, which only staff can change. Kratos ignores posted metadata."""
    return node.name.startswith(("metadata_public", "metadata_admin"))


def get_common(node: UiNode) -> dict[str, Any]:
    """Return the group and the messages of the field of a node."""
    return {"group": node.group, "messages": tuple(map(Note.from_message, node.messages))}


def _get_label(label: UiText | None) -> str:
    return get_text(label) if label else ""


def _get_subject(label: UiText | None) -> str:
    """Return the name of the security key, passkey or site that a label is about."""
    context = (label.context if label else None) or {}
    name = context.get("display_name")
    provider = context.get("provider")
    if not name and isinstance(provider, str):
        return PROVIDERS.get(provider.lower(), provider)
    return name if isinstance(name, str) else ""


def _get_added_at(label: UiText | None) -> datetime | None:
    """Return the time of ``added_at``; None without it, and for Go's zero time."""
    seconds = ((label.context if label else None) or {}).get("added_at_unix")
    if not isinstance(seconds, int) or not 0 < seconds <= MAX_UNIX_SECONDS:
        return None
    return datetime.fromtimestamp(seconds, tz=UTC)


def _get_fallback_label(name: str) -> str:
    return str(TEXTS[FALLBACK_LABELS[name]]) if name in FALLBACK_LABELS else build_label(name)


def _build_options(a: UiNodeInputAttributes) -> tuple[Option, ...]:
    """The allowed values and the present one, also if it is no longer among them."""
    values = [value for option in a.options if (value := form_value(option.value)) is not None]
    present = form_value(a.value)
    if present is not None and present not in values:
        values.append(present)
    return tuple(Option(value, value, value == (present or "")) for value in values)


def _build_code(secret: dict[str, Any]) -> BackupCode:
    try:
        text = UiText.model_validate(secret)
    except ValueError:
        return BackupCode("")
    used = text.id == USED_CODE_MESSAGE
    return BackupCode(get_text(text) if used else text.text, used)
