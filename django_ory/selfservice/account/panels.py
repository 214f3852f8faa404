"""The panels of a section of the settings: a method with its state, its form, and its credentials.

A removal is confirmed in a ``<details>`` element, which needs no JavaScript.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from django_ory.selfservice.forms.build import SHARED_GROUPS
from django_ory.selfservice.forms.fields import BackupCodes, Button, Field, FieldGroup, Form, Image
from django_ory.selfservice.forms.nodes import DANGER_BUTTONS

from .sections import SECTIONS_BY_KEY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from django_ory.client.models import Identity, Session

__all__ = ["Panel", "PanelState", "Removal", "build_panels"]

#: Groups that are a second factor.
SECOND_FACTORS = SECTIONS_BY_KEY["two_factor"].groups
#: Groups of which a user has several credentials, each with a button that removes it.
LISTED_GROUPS = frozenset({"webauthn", "passkey", "oidc", "saml"})
#: The button that makes new backup codes valid.
CONFIRM_CODES = "lookup_secret_confirm"

#: Name of a button -> short text of the element that opens its confirmation.
REMOVAL_LABELS: Mapping[str, Any] = {
    "unlink": gettext_lazy("Unlink"),
    "lookup_secret_disable": gettext_lazy("Turn off"),
}
#: Name of a button -> the consequence.
REMOVAL_WARNINGS: Mapping[str, Any] = {
    "totp_unlink": gettext_lazy("Codes from this app will no longer confirm your sign-ins."),
    "lookup_secret_disable": gettext_lazy("Your backup codes will stop working."),
    "webauthn_remove": gettext_lazy("You will no longer be able to use this security key here."),
    "passkey_remove": gettext_lazy(
        "You will no longer be able to sign in with this passkey. Delete it on your device, too."
    ),
    "unlink": gettext_lazy("You will no longer be able to sign in with this account."),
}
#: Kratos' name of a credential without a name.
UNNAMED = "unnamed"
UNNAMED_LABELS: Mapping[str, Any] = {
    "webauthn": gettext_lazy("Security key"),
    "passkey": gettext_lazy("Passkey"),
}
LAST_FACTOR = gettext_lazy(
    "This is your last second factor. Without it, your account is protected by one step only."
)
ONLY_CODES_LEFT = gettext_lazy("Only your backup codes remain as a second factor. Each of them works once.")
ONLY_METHOD = gettext_lazy("You can't remove your only way to sign in. Add another one first.")


@dataclass(frozen=True)
class PanelState:
    """The state of a method. ``is_on``: whether the method can be used now."""

    text: str
    is_on: bool = False


@dataclass(frozen=True, kw_only=True)
class Removal(Field):
    """A credential that can be removed after a confirmation.

    ``label``: its name, or empty; ``detail``: when it was added; ``action``: the text that opens the
    confirmation; ``is_locked``: Kratos does not remove the credential, and ``warning`` is the reason.
    """

    element: ClassVar[str] = "removal"

    id: str
    label: str
    detail: str
    action: str
    warning: str
    button: Button
    is_locked: bool = False

    @property
    def is_open(self) -> bool:
        return self.button.has_error

    def variables(self) -> dict[str, Any]:
        return {**super().variables(), "is_open": self.is_open}

    def walk(self) -> Iterator[Field]:
        yield self
        yield self.button


@dataclass(frozen=True, kw_only=True)
class Panel:
    """A method of a section. ``lead``: may be empty.

    ``form``: to change or add something. ``setup``: the text under which the form is folded, or empty.
    ``removals``: the form that removes credentials. ``lists_removals``: they are a list above ``form``.
    """

    id: str
    title: str
    lead: str = ""
    state: PanelState | None = None
    form: Form | None = None
    setup: str = ""
    removals: Form | None = None
    lists_removals: bool = False


def build_panels(
    forms: Sequence[Form], *, identity: Identity | None = None, session: Session | None = None
) -> tuple[Panel, ...]:
    """Build the panels of a section.

    Args:
        forms: the forms of the section.
        identity: the identity of the user, for the time since when a method is on. Kratos may leave out its
            credentials.
        session: the session of the user, for the methods that were used.

    """
    factors = {form.group: _count_factors(form) for form in forms if form.group in SECOND_FACTORS}
    return tuple(_build_panel(form, factors, identity, session) for form in forms)


def _build_panel(
    form: Form, factors: Mapping[str, int], identity: Identity | None, session: Session | None
) -> Panel:
    removals = tuple(
        _build_removal(button, form.group, factors)
        for group in form.groups
        for button in group.buttons
        if button.name in DANGER_BUTTONS
    )
    rest = tuple(
        replace(group, buttons=tuple(each for each in group.buttons if each.name not in DANGER_BUTTONS))
        for group in form.groups
    )
    has_image = any(isinstance(each, Image) for each in form.visible_fields())
    return Panel(
        id=form.id,
        title=form.title,
        lead=form.lead,
        state=_get_state(form, removals, identity, session),
        form=replace(form, groups=rest) if any(group.fields or group.buttons for group in rest) else None,
        setup=_("Set up") if has_image else "",
        removals=_build_removal_form(form, removals) if removals else None,
        lists_removals=form.group in LISTED_GROUPS,
    )


def _build_removal_form(form: Form, removals: tuple[Removal, ...]) -> Form:
    """Build the form without the fields of the method: Kratos' script takes the first one with a name."""
    return replace(
        form,
        id=f"{form.id}-removals",
        hidden=tuple(each for each in form.hidden if each.group in SHARED_GROUPS),
        groups=(FieldGroup(name=form.group, fields=removals),),
        username="",
        default_button=None,
    )


def _build_removal(button: Button, group: str, factors: Mapping[str, int]) -> Removal:
    is_locked = bool(button.attrs.get("disabled"))
    added = _format_time(button.added_at)
    return Removal(
        group=group,
        id=f"{button.id}-removal",
        label=button.subject if button.subject != UNNAMED else str(UNNAMED_LABELS.get(group, "")),
        detail=_("Added on %(day)s") % {"day": added} if added else "",
        action=str(REMOVAL_LABELS.get(button.name, _("Remove"))),
        warning=str(ONLY_METHOD if is_locked else _get_warning(button.name, group, factors)),
        button=button,
        is_locked=is_locked,
    )


def _get_warning(name: str, group: str, factors: Mapping[str, int]) -> Any:
    left = {
        **factors,
        group: factors.get(group, 0) - (1 if group in LISTED_GROUPS else factors.get(group, 0)),
    }
    if group in SECOND_FACTORS and not any(left.values()):
        return LAST_FACTOR
    if group in SECOND_FACTORS and not any(count for each, count in left.items() if each != "lookup_secret"):
        return ONLY_CODES_LEFT
    return REMOVAL_WARNINGS.get(name, _("This can't be undone."))


def _count_factors(form: Form) -> int:
    """Return how many credentials of a second factor are in use."""
    return sum(isinstance(each, Button) and each.name in DANGER_BUTTONS for each in form.visible_fields())


def _get_state(
    form: Form, removals: Sequence[Removal], identity: Identity | None, session: Session | None
) -> PanelState | None:
    buttons = {each.name for each in form.visible_fields() if isinstance(each, Button)}
    if CONFIRM_CODES in buttons and any(isinstance(each, BackupCodes) for each in form.visible_fields()):
        return PanelState(_("Not saved yet"))
    credential = (identity.credentials or {}).get(form.group) if identity else None
    if form.group == "password":
        used = {each.method for each in session.authentication_methods} if session else set()
        is_on = credential is not None or "password" in used
        return _build_on_state(credential.created_at if credential else None) if is_on else None
    if form.group not in (*SECOND_FACTORS, "passkey"):
        return None
    if not removals:
        return PanelState(_("Off"))
    is_listed = form.group in LISTED_GROUPS  # each one has its own time
    return _build_on_state(credential.created_at if credential and not is_listed else None)


def _build_on_state(since: datetime | None) -> PanelState:
    day = _format_time(since)
    return PanelState(_("On since %(day)s") % {"day": day} if day else _("On"), is_on=True)


def _format_time(moment: datetime | None) -> str:
    return date_format(localtime(moment), "DATE_FORMAT") if moment else ""
