"""The form of a flow: nodes, their attributes and messages. Nodes of unknown types are kept."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from .model import NullableList, OryModel


class UiText(OryModel):
    """A message: ``id`` names it for translations, ``type`` is info, error or success."""

    id: int = 0
    text: str = ""
    type: str = ""
    context: dict[str, Any] | None = None


class UiNodeInputAttributesOption(OryModel):
    """A value to choose."""

    value: Any = None


class UiNodeInputAttributes(OryModel):
    """An input or a button."""

    shown_in_repr = ("node_type", "type", "name")
    node_type: Literal["input"] = "input"
    name: str = ""
    type: str = ""
    value: Any = None
    required: bool | None = None
    disabled: bool | None = None
    autocomplete: str | None = None
    inputmode: str | None = None
    label: UiText | None = None
    pattern: str | None = None
    maxlength: int | None = None
    options: NullableList[UiNodeInputAttributesOption] = []
    onclick: str | None = None
    onclickTrigger: str | None = None
    onload: str | None = None
    onloadTrigger: str | None = None


class UiNodeTextAttributes(OryModel):
    """A text to show, such as a TOTP secret or the lookup codes."""

    node_type: Literal["text"] = "text"
    id: str = ""
    text: UiText | None = None


class UiNodeImageAttributes(OryModel):
    """An image, such as a TOTP code to scan."""

    node_type: Literal["img"] = "img"
    id: str = ""
    src: str = ""
    width: int | None = None
    height: int | None = None


class UiNodeAnchorAttributes(OryModel):
    """A link."""

    node_type: Literal["a"] = "a"
    id: str = ""
    href: str = ""
    title: UiText | None = None


class UiNodeScriptAttributes(OryModel):
    """A script, such as WebAuthn's."""

    node_type: Literal["script"] = "script"
    id: str = ""
    src: str = ""
    type: str = ""
    nonce: str = ""
    integrity: str = ""
    crossorigin: str = ""
    referrerpolicy: str = ""
    async_: bool | None = Field(default=None, alias="async")


class UiNodeDivisionAttributes(OryModel):
    """An element that a script fills, such as a captcha."""

    node_type: Literal["div"] = "div"
    id: str = ""
    class_: str | None = Field(default=None, alias="class")
    data: dict[str, Any] | None = None


class UiNodeOtherAttributes(OryModel):
    """A node of a type that is unknown to this version."""

    node_type: str = ""
    id: str = ""
    name: str = ""


_KNOWN_NODE_TYPES = frozenset({"input", "text", "img", "a", "script", "div"})


def _node_type(value: Any) -> str:
    kind = value.get("node_type") if isinstance(value, dict) else getattr(value, "node_type", None)
    return kind if isinstance(kind, str) and kind in _KNOWN_NODE_TYPES else "other"


UiNodeAttributes = Annotated[
    Annotated[UiNodeInputAttributes, Tag("input")]
    | Annotated[UiNodeTextAttributes, Tag("text")]
    | Annotated[UiNodeImageAttributes, Tag("img")]
    | Annotated[UiNodeAnchorAttributes, Tag("a")]
    | Annotated[UiNodeScriptAttributes, Tag("script")]
    | Annotated[UiNodeDivisionAttributes, Tag("div")]
    | Annotated[UiNodeOtherAttributes, Tag("other")],
    Discriminator(_node_type),
]


class UiNodeMeta(OryModel):
    """The label of a node."""

    label: UiText | None = None


class UiNode(OryModel):
    """One element of a form. ``group`` is the method it belongs to: default, password, oidc, code, ..."""

    type: str = ""
    group: str = ""
    attributes: UiNodeAttributes
    messages: NullableList[UiText] = []
    meta: UiNodeMeta = UiNodeMeta()

    @property
    def name(self) -> str:
        """The name of an input, or of a node of a type that is unknown to this version; else empty."""
        attributes = self.attributes
        if isinstance(attributes, (UiNodeInputAttributes, UiNodeOtherAttributes)):
            return attributes.name
        return ""

    @property
    def value(self) -> Any:
        """The value of an input; None for other nodes."""
        return self.attributes.value if isinstance(self.attributes, UiNodeInputAttributes) else None


class UiContainer(OryModel):
    """A form: its action, its nodes, and the messages about the whole form."""

    action: str = ""
    method: str = ""
    nodes: NullableList[UiNode] = []
    messages: NullableList[UiText] = []
