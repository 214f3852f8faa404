"""The part of a flow that is about traits: which form it is, where it is posted to, and its fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from django_ory.client.models import SettingsFlow, UiNodeInputAttributes
from django_ory.schemas.fields import TraitField, TraitKind
from django_ory.schemas.values import TRAITS, build_name, form_value, format_value
from django_ory.selfservice.flow_types import REGISTRATION, SETTINGS
from django_ory.selfservice.texts.labels import build_label
from django_ory.selfservice.texts.messages import Note
from django_ory.traits import get_trait

from .build import BACK_TO_TRAITS, CONTINUE_SIGN_UP_LABEL, SSO_GROUPS
from .fields import Button, Field, Hidden, Text
from .nodes import BACK_BEFORE_V1_3
from .trait_fields import TraitFieldBuilder, build_hidden_traits, list_identifiers
from .trait_values import add_empty_lists, is_free_of_loss, read_nodes

if TYPE_CHECKING:
    from django_ory.client.models import UiNode, UiText
    from django_ory.schemas.fields import TraitSchema
    from django_ory.selfservice.flow_types import AnyFlow, FlowType

    from .nodes import NodeConverter

__all__ = ["TraitForm", "get_token", "is_trait_node"]

PROFILE = "profile"
#: State of a sign-up that waits for a code.
CODE_SENT = "sent_email"
LOCKED = gettext_lazy("Your profile cannot be changed here, because some of its values would be lost.")


@dataclass(frozen=True)
class TraitForm:
    """The traits of a flow.

    Attributes:
        schema: the identity schema of the flow.
        nodes: the nodes of traits.
        stored: the traits of the identity; empty at sign-up.
        is_new: whether the flow is a sign-up.
        is_hidden: whether the traits were entered in an earlier step of the sign-up.
        is_split: whether Kratos has the traits and the credentials in one form, and this site shows them one
            after the other. The form of the traits is posted to this site, which never gets a credential; the
            form of the credentials sends the traits to Kratos as JSON.
        posts_here: whether the form is posted to this site, which sends the traits to Kratos as JSON. Kratos
            reads a form without lists of objects, values of several types and traits that the schema does
            not name, so that saving the form would delete them.

    """

    schema: TraitSchema
    nodes: Sequence[UiNode]
    stored: Mapping[str, Any]
    is_new: bool
    is_hidden: bool
    is_split: bool
    posts_here: bool

    @classmethod
    def from_flow(
        cls,
        flow_type: FlowType,
        flow: AnyFlow,
        schema: TraitSchema | None,
        *,
        can_post_here: bool,
        is_entered: bool | None = None,
    ) -> TraitForm | None:
        """The traits of a sign-up or of the settings; None without a schema, and for other flows.

        Args:
            flow_type: the type of ``flow``.
            flow: the flow from Kratos.
            schema: the identity schema of the flow.
            can_post_here: whether the form can be posted to this site.
            is_entered: whether the user has entered the traits of a form that is split. By default the errors
                of the flow tell.

        """
        nodes = [each for each in flow.ui.nodes if is_trait_node(each)]
        if schema is None or flow_type not in (REGISTRATION, SETTINGS) or not nodes:
            return None
        identity = flow.identity if isinstance(flow, SettingsFlow) else None
        stored = identity.traits if identity and isinstance(identity.traits, dict) else {}
        is_second_step = flow_type is REGISTRATION and (
            any(map(_is_back, flow.ui.nodes)) or str(flow.state) == CODE_SENT
        )
        by_json = (
            can_post_here and not is_second_step and schema.accepts_json and needs_json(schema.traits, stored)
        )
        is_split = by_json and not _has_own_form(flow_type, flow)
        if is_split and is_entered is None:
            is_entered = _has_only_other_errors(flow, nodes)
        is_hidden = is_second_step or (is_split and bool(is_entered))
        return cls(
            schema=schema,
            nodes=nodes,
            stored=stored,
            is_new=flow_type is REGISTRATION,
            is_hidden=is_hidden,
            is_split=is_split,
            posts_here=by_json and not is_hidden,
        )

    @cached_property
    def is_locked(self) -> bool:
        """Whether saving the form would delete traits, since Kratos accepts no JSON for this schema."""
        is_lossy = not is_free_of_loss(self.schema.traits, self.stored)
        return bool(self.stored) and is_lossy and not self.posts_here and not self.is_new

    def replaces(self, node: UiNode) -> bool:
        """Whether the node has no field of its own: a trait, or the button of a form that cannot be saved."""
        is_save = node.name == "method" and node.value == PROFILE
        return is_trait_node(node) or (self.is_locked and is_save)

    def leaves_out(self, node: UiNode) -> bool:
        """Whether the node belongs to the other page of a form that is split."""
        if not self.is_split or is_trait_node(node) or node.name == "csrf_token":
            return False
        is_sso = node.group in SSO_GROUPS
        label = node.meta.label
        if is_sso and label is not None and label.id == CONTINUE_SIGN_UP_LABEL:
            return not self.is_hidden  # the button that ends the sign-up
        return is_sso is self.is_hidden

    @property
    def usernames(self) -> tuple[str, ...]:
        """The names of the inputs whose values identify the user."""
        return ("identifier", *list_identifiers(self.schema.traits))

    def build_fields(
        self, converter: NodeConverter, values: Mapping[str, Any] | None = None
    ) -> tuple[list[Field], list[Note]]:
        """Return the fields, and messages without a field. ``values``: to show instead of the flow's."""
        if self.is_hidden and self.is_split:
            given = read_nodes(self.schema.traits, self.nodes) if values is None else values
            return self._build_entered(converter, given), []
        if self.is_hidden:
            return self._build_hidden(converter)
        if self.is_locked:
            return self._build_locked(converter), [Note("info", str(LOCKED))]
        builder = TraitFieldBuilder(
            converter,
            self.nodes,
            read_nodes(self.schema.traits, self.nodes, self.stored) if values is None else values,
            is_new=self.is_new,
            posts_here=self.posts_here,
        )
        fields, notes = builder.build(self.schema.traits)
        if self.is_split:
            fields.append(self._build_button(converter, "method", PROFILE, _("Continue")))
        return fields, notes

    def _build_button(self, converter: NodeConverter, name: str, value: str, label: str) -> Button:
        """A button of this site, where Kratos has none."""
        is_back = name == BACK_TO_TRAITS
        return Button(
            group=PROFILE,
            id=converter.build_id(name),
            name=name,
            value=value,
            label=label,
            style="quiet" if is_back else "secondary",
            attrs={"formnovalidate": True} if is_back else {},
        )

    def _build_entered(self, converter: NodeConverter, values: Mapping[str, Any]) -> list[Field]:
        """The traits that the user has entered, as JSON, and the button that goes back to them."""
        complete = deepcopy(dict(values))
        add_empty_lists(self.schema.traits, complete)
        group = self.nodes[0].group
        # Kratos' script for passkeys reads single traits.
        single: list[Field] = [
            Hidden(group=group, name=build_name(*each.path), value=text)
            for each in self.schema.traits.walk()
            if each.path and each.is_scalar and each.is_postable
            if (text := form_value(get_trait(values, ".".join(each.path))))
        ]
        back = self._build_button(converter, BACK_TO_TRAITS, "1", _("Back"))
        return [*single, build_hidden_traits(complete, group=group), back]

    def _build_locked(self, converter: NodeConverter) -> list[Field]:
        """Texts instead of inputs."""
        found: list[Field] = []
        for each in self.schema.traits.walk():
            value = get_trait(self.stored, ".".join(each.path)) if each.path and each.is_scalar else None
            if value is not None:
                label = build_label(each.path[-1], title=each.title)
                text = format_value(each, value)
                element_id = converter.build_id(build_name(*each.path))
                found.append(Text(group=PROFILE, id=element_id, label=label, text=text))
        return found

    def _build_hidden(self, converter: NodeConverter) -> tuple[list[Field], list[Note]]:
        """The traits of an earlier step. Lists and the like must be sent back as JSON."""
        accepted = [
            each
            for each in self.nodes
            if not any(Note.from_message(note).rejects_value for note in each.messages)
        ]
        values = read_nodes(self.schema.traits, accepted)
        add_empty_lists(self.schema.traits, values)
        if is_free_of_loss(self.schema.traits, values) or not self.schema.accepts_json:
            return [field for each in self.nodes if (field := converter.to_field(each))], []
        postable = {
            f"{TRAITS}.{'.'.join(each.path)}"
            for each in self.schema.traits.walk()
            if each.is_scalar and each.is_postable
        }
        # Kratos' script for passkeys reads single traits.
        kept = [each for each in self.nodes if each.name in postable]
        fields = [field for each in kept if (field := converter.to_field(each))]
        notes = [Note.from_message(note) for each in self.nodes if each not in kept for note in each.messages]
        return [*fields, build_hidden_traits(values, group=self.nodes[0].group)], notes


def needs_json(traits: TraitField, stored: Mapping[str, Any]) -> bool:
    """Whether a form that is posted to Kratos cannot contain all traits, or would delete some."""
    if stored and not is_free_of_loss(traits, stored):
        return True
    shown = [each for each in traits.walk() if each.path]
    return any(
        each.kind is TraitKind.LIST
        or each.format == "date-time"
        or (each.is_scalar and not each.is_postable)
        or (each.is_required and any(choice.value == "" for choice in each.choices))
        for each in shown
    )


def get_token(flow: AnyFlow) -> str:
    """The CSRF token of a flow; "" if it has none."""
    values = (node.value for node in flow.ui.nodes if node.name == "csrf_token")
    return next((value for value in values if isinstance(value, str)), "")


def is_trait_node(node: UiNode) -> bool:
    """Whether a node is the input of a trait."""
    return isinstance(node.attributes, UiNodeInputAttributes) and node.name.startswith(f"{TRAITS}.")


def _is_back(node: UiNode) -> bool:
    return node.name == "screen" or (node.name, node.value) == BACK_BEFORE_V1_3


def _has_only_other_errors(flow: AnyFlow, nodes: Sequence[UiNode]) -> bool:
    """Whether Kratos has accepted the traits, and rejected something else."""
    has_values = any(node.value not in (None, "") for node in nodes)
    of_traits = [message for node in nodes for message in node.messages]
    others = [
        *flow.ui.messages,
        *(message for node in flow.ui.nodes if node not in nodes for message in node.messages),
    ]
    return has_values and not _has_error(of_traits) and _has_error(others)


def _has_error(messages: Sequence[UiText]) -> bool:
    return any(message.type == "error" for message in messages)


def _has_own_form(flow_type: FlowType, flow: AnyFlow) -> bool:
    """Whether the form of the traits has no password or other credential, which this site must not get."""
    methods = {each.value for each in flow.ui.nodes if each.name == "method"}
    if flow_type is SETTINGS:  # each method has its own form there
        return PROFILE in methods
    labels = {each.meta.label.id for each in flow.ui.nodes if each.meta.label}
    has_password = any(each.name == "password" for each in flow.ui.nodes)
    return methods == {PROFILE} and not has_password and CONTINUE_SIGN_UP_LABEL not in labels
