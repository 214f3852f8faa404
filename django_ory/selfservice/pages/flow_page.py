"""A flow of Kratos -> everything that its page shows, as data."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from django_ory.selfservice.forms.build import CONTINUE_AFTER_SSO, RECOVERED, SSO, build_forms
from django_ory.selfservice.forms.errors import FormError, attach_to_fields, list_errors
from django_ory.selfservice.forms.fields import Field, Form, Hidden, Input, Link, Script
from django_ory.selfservice.forms.nodes import NodeConverter, is_metadata
from django_ory.selfservice.texts.messages import Note, note_of

from .steps import MESSAGES_SHOWN_AS_HEADING, Heading, build_heading, get_step

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django_ory.client.models import Identity, VerifiableIdentityAddress
    from django_ory.http.redirects import TrustedOrigins
    from django_ory.selfservice.flow_types import FlowType

__all__ = ["FlowPage", "build_page", "get_account", "get_contacts"]

#: Why a visitor sees another flow than the one asked for.
REASONS = {
    "expired": lambda: _("That page has expired. Please start again."),
    "cookies": lambda: _("Your previous attempt could not be continued. Please start again."),
    "other": lambda: _("Your previous attempt could not be continued. Please start again."),
}


#: Steps that confirm somebody who is signed in, and all steps of a sign-in that may say whose it is.
CONFIRMING = frozenset({"login.refresh", "login.second"})
WITH_ACCOUNT = CONFIRMING | {"login", "login.client", "login.linking"}


#: Errors about the identifier as a whole: no such account, or none that can sign in this way.
UNKNOWN = frozenset({4000035, 4000037})


@dataclass(frozen=True)
class FlowPage:
    """``forms`` in their order by role; ``account``: the account, where the form does not ask."""

    step: str
    heading: Heading
    notes: tuple[Note, ...]
    problems: tuple[FormError, ...]
    forms: tuple[Form, ...]
    links: tuple[Link, ...] = ()
    scripts: tuple[Script, ...] = ()
    account: str = ""

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
        """There is a line with "or" on the page already; another way to sign in joins those below it."""
        return len(self.main) > 1 or any(len(form.parts) > 1 for form in self.main)

    @property
    def can_resend(self) -> bool:
        """A form of the page can ask for another code itself."""
        return any(each.resends for form in self.forms for part in form.parts for each in part.buttons)


def build_page(
    kind: FlowType,
    flow: Any,
    *,
    origins: TrustedOrigins,
    site: str,
    reason: str = "",
    identity: Identity | None = None,
) -> FlowPage:
    """The page of a flow. ``reason``: why it is a new one, a key of ``REASONS`` or empty.

    ``identity``: of the signed-in user, if any. Kratos 1.3 sends codes to its addresses without naming them
    in the flow.
    """
    account = get_account(identity)
    reader = NodeConverter(kind, origins, asks_identifier=_is_unknown(flow))
    read = [reader.read(node) for node in flow.ui.nodes if not is_metadata(node)]
    of_metadata = (node.messages for node in flow.ui.nodes if is_metadata(node))
    said = [*flow.ui.messages, *chain.from_iterable(of_metadata)]
    fields, notes = attach_to_fields(
        [each for each in read if each is not None], [note_of(each) for each in said]
    )
    step = get_step(kind, flow, fields)
    if step in CONFIRMING:
        fields = _filled(fields, account)
    continuing = any(
        node.group in SSO and node.meta.label is not None and node.meta.label.id == CONTINUE_AFTER_SSO
        for node in flow.ui.nodes
    )
    forms = build_forms(
        kind,
        fields,
        action=flow.ui.action,
        method=flow.ui.method,
        continuing=continuing,
        recovered=any(note.id == RECOVERED for note in notes),
    )
    placeless = [note for each in fields if not each.shows_messages for note in each.messages]
    shown = [
        note
        for note in (*notes, *placeless)
        if note.level != "error" and note.id not in MESSAGES_SHOWN_AS_HEADING
    ]
    if reason in REASONS:
        shown.insert(0, Note("info", REASONS[reason]()))
    return FlowPage(
        step=step,
        heading=build_heading(step, flow, fields, site=site, contacts=get_contacts(identity)),
        notes=tuple(shown),
        problems=list_errors(fields, notes),
        forms=forms if origins.allows_form_action(flow.ui.action) else (),
        links=tuple(each for each in fields if isinstance(each, Link)),
        scripts=_once(fields),
        account=_find_account(step, fields, account),
    )


def _is_unknown(flow: Any) -> bool:
    """Whether the identifier is unknown, so that the user must enter another one."""
    refresh, aal = getattr(flow, "refresh", False), getattr(flow, "requested_aal", None)
    return not refresh and aal != "aal2" and any(each.id in UNKNOWN for each in flow.ui.messages)


def _once(fields: Sequence[Field]) -> tuple[Script, ...]:
    return tuple({each.src: each for each in fields if isinstance(each, Script)}.values())


def _filled(fields: Sequence[Field], account: str) -> list[Field]:
    """Kratos 1.3 asks again who somebody is when it is to be confirmed and codes are on; this is known."""
    return [
        replace(each, value=account)
        if isinstance(each, Input) and each.name == "identifier" and not each.value
        else each
        for each in fields
    ]


def _find_account(step: str, fields: Sequence[Field], account: str) -> str:
    """The account that a sign-in is for when the form does not ask for it."""
    if step not in WITH_ACCOUNT:
        return ""
    for each in fields:
        if isinstance(each, (Hidden, Input)) and each.name == "identifier":
            return each.value or "" if isinstance(each, Hidden) else ""
    return account if step in CONFIRMING else ""


def get_contacts(identity: Identity | None) -> tuple[VerifiableIdentityAddress, ...]:
    """The unverified addresses of an identity; all addresses if each one is verified."""
    addresses = tuple(identity.verifiable_addresses) if identity else ()
    return tuple(each for each in addresses if not each.verified) or addresses


def get_account(identity: Identity | None) -> str:
    """What somebody most likely signs in with: the first address that Kratos knows how to reach them at."""
    if identity is None:
        return ""
    verifiable = (address.value for address in identity.verifiable_addresses)
    recovery = (address.value for address in identity.recovery_addresses)
    return next(filter(None, chain(verifiable, recovery)), "") or ""
