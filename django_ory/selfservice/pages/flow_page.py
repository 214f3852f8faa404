"""Everything that the page of a flow shows, as data for the templates."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from django_ory.client.models import LoginFlow
from django_ory.selfservice.account.sections import (
    find_section,
    get_section,
    list_groups,
    list_section_groups,
)
from django_ory.selfservice.flow_types import SETTINGS, VERIFICATION
from django_ory.selfservice.forms.adapted_fields import adapt_fields, can_hide_fields
from django_ory.selfservice.forms.build import SHARED_GROUPS, USERNAME_FIELDS, build_forms
from django_ory.selfservice.forms.changes import change_fields
from django_ory.selfservice.forms.errors import FormError, attach_to_fields, list_errors
from django_ory.selfservice.forms.fields import (
    Button,
    Field,
    Form,
    Hidden,
    Input,
    Link,
    Script,
)
from django_ory.selfservice.forms.nodes import NodeConverter, is_metadata
from django_ory.selfservice.forms.trait_form import TraitForm
from django_ory.selfservice.texts.messages import Note

from .flow_user import UNKNOWN_USER, FlowUser
from .heading import Heading, build_heading, find_address, get_step
from .input_details import add_details, add_focus, build_expiry_hint
from .steps import MESSAGES_SHOWN_AS_HEADING, STEPS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from django_ory.adapter import OryAdapter
    from django_ory.client.models import UiNode
    from django_ory.http.redirects import TrustedOrigins
    from django_ory.schemas.fields import TraitSchema
    from django_ory.selfservice.account.sections import AccountSection
    from django_ory.selfservice.flow_types import AnyFlow, FlowType

    from .steps import Step

__all__ = ["FlowPage", "build_page"]

START_AGAIN = _("Your previous attempt could not be continued. Please start again.")
#: Reason of a restart -> message on the new page.
RESTART_MESSAGES = {
    "expired": _("That page has expired. Please start again."),
    "cookies": START_AGAIN,
    "other": START_AGAIN,
}

#: Errors about the identifier: no such account, or none that can sign in this way.
UNKNOWN_IDENTIFIER_MESSAGES = frozenset({4000035, 4000037})


@dataclass(frozen=True)
class FlowPage:
    """``step``: a key of ``STEPS``. ``account``: the account of a form without an identifier.

    ``section``: the section of the settings whose forms, links and scripts these are; ``groups``: the groups
    of nodes that the settings have. None and empty for other flows.
    """

    step: str
    heading: Heading
    notes: tuple[Note, ...]
    errors: tuple[FormError, ...]
    forms: tuple[Form, ...]
    links: tuple[Link, ...] = ()
    scripts: tuple[Script, ...] = ()
    account: str = ""
    groups: frozenset[str] = frozenset()
    section: AccountSection | None = None

    def with_role(self, role: str) -> tuple[Form, ...]:
        return tuple(form for form in self.forms if form.role == role)

    @property
    def main(self) -> tuple[Form, ...]:
        return self.with_role("main")

    @property
    def choices(self) -> tuple[Form, ...]:
        return self.with_role("choice")

    @property
    def sso(self) -> tuple[Form, ...]:
        return self.with_role("sso")

    @property
    def back(self) -> tuple[Form, ...]:
        return self.with_role("back")

    @property
    def is_divided(self) -> bool:
        """Whether the main forms already have a divider ("or") between two ways to sign in."""
        return len(self.main) > 1 or any(len(form.groups) > 1 for form in self.main)

    @property
    def can_resend(self) -> bool:
        """Whether a form has a button that sends another code."""
        fields = (each for form in self.forms for each in form.visible_fields())
        return any(isinstance(each, Button) and each.resends for each in fields)

    @property
    def has_recovery_link(self) -> bool:
        """Whether a password has a link to the recovery."""
        fields = (each for form in self.forms for each in form.visible_fields())
        return any(isinstance(each, Input) and each.link is not None for each in fields)

    @property
    def summary(self) -> tuple[FormError, ...]:
        """The errors for the summary: all, if there are several or no form shows them."""
        return self.errors if len(self.errors) > 1 or not self.forms else ()

    @property
    def message(self) -> FormError | None:
        """The only error, if no field shows it."""
        is_shown = bool(self.summary) or not self.errors or self.errors[0].is_inline
        return None if is_shown else self.errors[0]


def build_page(
    flow_type: FlowType,
    flow: AnyFlow,
    *,
    origins: TrustedOrigins,
    site: str,
    reason: str = "",
    find_user: Callable[[], FlowUser] = lambda: UNKNOWN_USER,
    schema: TraitSchema | None = None,
    traits_action: str = "",
    traits: Mapping[str, Any] | None = None,
    is_entered: bool | None = None,
    recovery_url: str = "",
    min_password_length: int = 0,
    now: float | None = None,
    takes_focus: bool = True,
    adapter: OryAdapter | None = None,
    values: Mapping[str, str] | None = None,
) -> FlowPage:
    """Build the page of a flow.

    Args:
        flow_type: The type of ``flow``.
        flow: The flow from Kratos.
        origins: The origins that forms may post to.
        site: The name of the site.
        reason: A key of ``RESTART_MESSAGES`` if the flow replaces another one, else empty.
        find_user: Returns the signed-in user. It is called only if the page names the user and the flow
            does not, because it may ask Kratos.
        schema: The identity schema of the flow. Without it, each trait has the field that Kratos describes.
        traits_action: The URL of this site for traits that Kratos does not read from a form.
        traits: The traits to show instead of those of the flow.
        is_entered: Whether the user has entered ``traits`` and goes on to the credentials, in a sign-up of
            which this site makes two pages. By default the errors of the flow tell; without ``traits`` the
            user has not, because Kratos 1.3 does not return lists.
        recovery_url: The page for a forgotten password; empty without one.
        min_password_length: The rule for new passwords; 0 if unknown.
        now: The time of Kratos in seconds since the epoch, by default that of this machine.
        takes_focus: Whether an input may have the focus when the page opens.
        adapter: The adapter of the project, for the order, the groups and the texts of the fields.
        values: Known values for empty inputs, by the name of the input.

    """
    converter = NodeConverter(flow_type, origins, asks_identifier=_is_identifier_unknown(flow))
    if is_entered is None and traits is None:
        is_entered = False
    trait_form = TraitForm.from_flow(
        flow_type, flow, schema, can_post_here=bool(traits_action), is_entered=is_entered
    )
    groups, section = frozenset[str](), None
    if flow_type is SETTINGS and not (adapter and can_hide_fields(adapter)):
        groups = list_groups(flow)
        section = find_section(flow, groups)
    converted, trait_notes = _convert(_list_needed(flow.ui.nodes, section), converter, trait_form, traits)
    metadata_messages = (node.messages for node in flow.ui.nodes if is_metadata(node))
    messages = [*flow.ui.messages, *chain.from_iterable(metadata_messages)]
    fields, notes = attach_to_fields(
        converted, [*(Note.from_message(each) for each in messages), *trait_notes]
    )
    step_name = get_step(flow_type, flow, fields)
    step = STEPS[step_name]
    user = find_user() if _needs_user(flow_type, step, fields) else UNKNOWN_USER
    fields = _prefill(fields, step_name, values or {}, user)
    fields = add_details(
        fields,
        step_name,
        expiry_hint=build_expiry_hint(flow, time.time() if now is None else now),
        recovery_url=recovery_url if "recovery" in step.footer else "",
        min_password_length=min_password_length,
    )
    if adapter is not None:
        fields = adapt_fields(fields, adapter, flow_name=flow_type.name)
    without_place = [note for each in fields if not each.shows_messages for note in each.messages]
    shown = [
        note
        for note in (*notes, *without_place)
        if note.level != "error" and note.id not in MESSAGES_SHOWN_AS_HEADING
    ]
    if reason in RESTART_MESSAGES:
        shown.insert(0, Note("info", str(RESTART_MESSAGES[reason])))
    shown_groups = [each.group for each in fields if not isinstance(each, (Hidden, Link, Script))]
    if flow_type is SETTINGS and section is None:  # the adapter may have hidden all fields of a section
        groups = frozenset(shown_groups)
        section = find_section(flow, groups)
    forms: tuple[Form, ...] = ()
    if origins.allows_form_action(flow.ui.action):
        posts_here = trait_form is not None and (trait_form.posts_here or trait_form.is_split)
        forms = build_forms(
            flow_type,
            flow,
            fields,
            usernames=trait_form.usernames if trait_form else USERNAME_FIELDS,
            traits_action=traits_action if posts_here else "",
            shown_groups=list_section_groups(section, shown_groups) if section else (),
        )
    page = FlowPage(
        step=step_name,
        heading=build_heading(step_name, flow, fields, site=site, contacts=user.contacts),
        notes=tuple(shown),
        errors=list_errors(fields, notes),
        forms=forms,
        links=_list_links(fields, section),
        scripts=_list_scripts(fields, section, forms),
        account=_find_account(step, fields, user.account),
        groups=groups,
        section=section,
    )
    # The focus would hide a message above the forms from screen readers.
    has_message = bool(page.notes or page.summary or page.message)
    are_rows_changed = traits is not None and not is_entered
    if not takes_focus or flow_type is SETTINGS or are_rows_changed or has_message:
        return page
    return replace(page, forms=add_focus(page.forms))


def _list_needed(nodes: Iterable[UiNode], section: AccountSection | None) -> list[UiNode]:
    """Leave out the nodes of the other sections of the settings, but not their scripts."""
    return [
        node
        for node in nodes
        if section is None
        or node.group in SHARED_GROUPS
        or node.type == "script"
        or get_section(node.group) is section
    ]


def _convert(
    nodes: Iterable[UiNode],
    converter: NodeConverter,
    trait_form: TraitForm | None,
    traits: Mapping[str, Any] | None,
) -> tuple[list[Field], list[Note]]:
    """Convert the nodes. The fields of the traits are where the first node of a trait is."""
    fields: list[Field] = []
    notes: list[Note] = []
    left_out: list[Note] = []
    has_traits = False
    for node in nodes:
        if is_metadata(node):
            continue
        if trait_form is not None and trait_form.leaves_out(node):
            left_out += map(Note.from_message, node.messages)
            continue
        if trait_form is None or not trait_form.replaces(node):
            field = converter.to_field(node)
            fields += [field] if field else []
        elif not has_traits:
            has_traits = True
            found, notes = trait_form.build_fields(converter, traits)
            fields += found
    return fields, [*notes, *left_out]


def _needs_user(flow_type: FlowType, step: Step, fields: Sequence[Field]) -> bool:
    """Whether the page names the user, and the flow does not."""
    if flow_type is VERIFICATION:
        return not find_address(fields)
    return step.confirms_user and not any(
        isinstance(each, (Hidden, Input)) and each.name == "identifier" and each.value for each in fields
    )


def _is_identifier_unknown(flow: AnyFlow) -> bool:
    """Whether the user must enter another identifier."""
    if not isinstance(flow, LoginFlow) or flow.refresh or flow.requested_aal == "aal2":
        return False
    return any(each.id in UNKNOWN_IDENTIFIER_MESSAGES for each in flow.ui.messages)


def _prefill(fields: Sequence[Field], step: str, values: Mapping[str, str], user: FlowUser) -> list[Field]:
    """Enter ``values`` and those that are known from the session into empty inputs.

    Kratos 1.3 asks for the identifier when a sign-in with codes is confirmed, and a verification always asks
    for the address.
    """
    known = dict(values)
    if STEPS[step].confirms_user:
        known["identifier"] = user.account
    if step == "verification":
        known["email"] = next((each.value for each in user.contacts if each.via == "email"), "")

    def enter(field: Field) -> Field:
        if isinstance(field, Input) and not field.value and known.get(field.name):
            return replace(field, value=known[field.name])
        return field

    return list(change_fields(fields, enter) if any(known.values()) else fields)


def _list_links(fields: Iterable[Field], section: AccountSection | None) -> tuple[Link, ...]:
    links = (each for each in fields if isinstance(each, Link))
    return tuple(each for each in links if section is None or get_section(each.group) is section)


def _list_scripts(
    fields: Iterable[Field], section: AccountSection | None, forms: Iterable[Form]
) -> tuple[Script, ...]:
    """Return each script once. In the settings, the script of passkeys is in the group of security keys."""
    if section is not None and not any(form.needs_script for form in forms):
        return ()
    return tuple({each.src: each for each in fields if isinstance(each, Script)}.values())


def _find_account(step: Step, fields: Sequence[Field], account: str) -> str:
    """Return the account of a sign-in without an input for the identifier."""
    if not step.names_account:
        return ""
    identifier = next(
        (each for each in fields if isinstance(each, (Hidden, Input)) and each.name == "identifier"), None
    )
    if identifier is not None:
        return identifier.value if isinstance(identifier, Hidden) else ""
    return account if step.confirms_user else ""
