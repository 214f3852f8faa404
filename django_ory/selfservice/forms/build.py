"""Groups the fields of a flow into forms.

Methods that share an input share a form; each other method has a form of its own. Sign-in with other sites
always has its own form, so that its buttons do not send the inputs of other methods.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from django_ory.selfservice.flow_types import SETTINGS
from django_ory.selfservice.texts.labels import build_label

from .fields import (
    BackupCodes,
    Button,
    Field,
    FieldGroup,
    Form,
    Hidden,
    Input,
    Link,
    ListField,
    NamedField,
    Script,
)
from .nodes import BACK_BEFORE_V1_3

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from django_ory.selfservice.flow_types import AnyFlow, FlowType

__all__ = [
    "BACK_TO_TRAITS",
    "SHARED_GROUPS",
    "USERNAME_FIELDS",
    "build_forms",
]

#: Groups with fields for every method.
SHARED_GROUPS = frozenset({"default", "identifier_first", "profile", "captcha"})
SSO_GROUPS = frozenset({"oidc", "saml"})

#: Order of the methods.
METHOD_ORDER = (
    "identifier_first",
    "profile",
    "password",
    "oidc",
    "saml",
    "code",
    "link",
    "passkey",
    "webauthn",
    "totp",
    "lookup_secret",
)

#: Buttons that can be the primary one.
PRIMARY_BUTTONS = frozenset({"method", "lookup_secret_confirm"})

USERNAME_FIELDS = frozenset({"identifier", "traits.email", "traits.username"})

#: Name of this site's own button that goes back to the traits.
BACK_TO_TRAITS = "ory_back"
#: Label of the button that continues a sign-up with another site.
CONTINUE_SIGN_UP_LABEL = 1040003

#: Group -> title and lead of its section, or of the form that the user can open.
GROUP_TITLES: Mapping[str, tuple[Any, Any]] = {
    "profile": (_("Profile"), ""),
    "password": (_("Password"), ""),
    "oidc": (_("Linked accounts"), _("Sign in with an account from another service.")),
    "saml": (_("Your organization"), ""),
    "code": (_("Code by email or SMS"), ""),
    "link": (_("Link by email"), ""),
    "totp": (_("Authenticator app"), _("Get sign-in codes from an app on your phone.")),
    "passkey": (_("Passkeys"), _("Sign in with your fingerprint, face or screen lock.")),
    "webauthn": (_("Security keys"), _("Sign in with a key that you plug in or hold to your device.")),
    "lookup_secret": (_("Backup codes"), _("Use these if you lose your phone or security key.")),
}


def build_forms(
    flow_type: FlowType,
    flow: AnyFlow,
    fields: Sequence[Field],
    *,
    usernames: Collection[str] = USERNAME_FIELDS,
    traits_action: str = "",
    shown_groups: Sequence[str] = (),
) -> tuple[Form, ...]:
    """Build the forms of a page in the order in which they are shown.

    A sign-up with another site that needs more answers is one form.

    Args:
        flow_type: the type of ``flow``.
        flow: the flow from Kratos.
        fields: the fields of the flow.
        usernames: the names of the inputs whose values identify the user.
        traits_action: the URL of this site that the form of the traits is posted to; empty if the form is
            posted to Kratos, as all other ones.
        shown_groups: the groups of the settings that the page shows, in their order.

    """
    forms = _build_forms(flow_type, flow, fields, usernames, shown_groups)
    return tuple(_post_here(form, traits_action) for form in forms) if traits_action else forms


def _build_forms(
    flow_type: FlowType,
    flow: AnyFlow,
    fields: Sequence[Field],
    usernames: Collection[str],
    shown_groups: Sequence[str],
) -> tuple[Form, ...]:
    shown = [each for each in fields if not isinstance(each, (Link, Script))]
    visible = [each for each in shown if not isinstance(each, Hidden)]
    builder = _FormBuilder(shown, flow.ui.action, flow.ui.method, usernames)
    back = [each for each in visible if _is_back_button(each)]
    if any(
        node.group in SSO_GROUPS and node.meta.label and node.meta.label.id == CONTINUE_SIGN_UP_LABEL
        for node in flow.ui.nodes
    ):
        forms = [_with_primary(builder.build([each for each in visible if each not in back]))]
        return (*forms, *_build_back(back, builder))
    if flow_type is SETTINGS:
        in_section = [each for each in visible if each.group in shown_groups]
        forms = _build_by_group(in_section, builder, shown_groups)
        return tuple(sorted(forms, key=lambda form: not _has_backup_codes(form)))  # they are shown once
    sso = [each for each in visible if each.group in SSO_GROUPS]
    rest = [each for each in visible if each not in back and each not in sso]
    shares_input = any(
        isinstance(each, Input) and _is_shared(each) for field in rest for each in field.walk()
    )
    if shares_input or len({each.group for each in rest}) == 1:
        forms = [builder.build(rest)]
    else:
        forms = _build_by_group(rest, builder)
        # Behind the first form: methods with inputs are folded, those with only a button are not.
        forms[1:] = [
            replace(each, role="choice") if each.has_inputs else _without_primary(each) for each in forms[1:]
        ]
    if sso:
        forms.append(replace(builder.build(sso, shared=False), role="sso"))
    return (*forms, *_build_back(back, builder))


def _build_back(buttons: Sequence[Field], builder: _FormBuilder) -> list[Form]:
    """The form of the button that goes back to the traits, without the hidden button of the next step."""
    return [replace(builder.build(buttons, without="method"), role="back")] if buttons else []


def _post_here(form: Form, action: str) -> Form:
    """Post the form of the traits to this site. The Enter key saves, although other buttons come first."""
    fields = list(form.visible_fields())
    if any(isinstance(each, Button) and each.name == BACK_TO_TRAITS for each in fields):
        return replace(form, action=action, method="post")
    button = next((each for each in fields if isinstance(each, Button) and each.name == "method"), None)
    if button is None or button.value != "profile":
        return form
    has_rows = any(isinstance(each, ListField) for each in fields)
    return replace(form, action=action, method="post", default_button=button if has_rows else None)


class _FormBuilder:
    """Builds forms of one flow, each with its hidden fields."""

    def __init__(self, fields: Sequence[Field], action: str, method: str, usernames: Collection[str]) -> None:
        self.usernames = usernames
        # Without rejected traits of an earlier step: they would be rejected each time.
        self.hidden = [
            each for each in fields if isinstance(each, Hidden) and not (each.is_trait and each.is_rejected)
        ]
        visible = {each.group for each in fields if not isinstance(each, Hidden)}
        #: Groups without a visible field, such as passkeys that the browser offers in the list of usernames.
        self.invisible_groups = {each.group for each in self.hidden} - visible
        self.username = next((each.value for each in self._find_usernames(fields) if each.value), "")
        self.action = action
        self.method = "get" if method.upper() == "GET" else "post"
        self.count = 0

    def build(self, fields: Sequence[Field], *, shared: bool = True, without: str = "") -> Form:
        """Build a form. ``shared``: with the hidden fields of all methods; ``without``: one to leave out."""
        groups = {each.group for each in fields} | (SHARED_GROUPS if shared else set())
        inputs = [each for field in fields for each in field.walk() if isinstance(each, Input)]
        if any(each.name == "identifier" for each in inputs):
            groups |= self.invisible_groups
        hidden = tuple(
            each
            for each in self.hidden
            if each.name == "csrf_token"
            or (each.name != without and (each.group in groups or (shared and each.is_trait)))
        )
        self.count += 1
        group = fields[0].group if fields else ""
        title, lead = GROUP_TITLES.get(group, (build_label(group), ""))
        asks_password = any(each.type == "password" for each in inputs)
        parts = _build_groups(fields)
        # A button beside an input would be what the Enter key submits.
        resends = any(getattr(each, "button", None) for part in parts for each in part.fields)
        return Form(
            id=f"ory-form-{self.count}",
            action=self.action,
            method=self.method,
            group=group,
            hidden=hidden,
            groups=parts,
            default_button=next(iter(parts[0].buttons), None) if resends else None,
            title=str(title),
            lead=str(lead),
            username=self.username if asks_password and not self._find_usernames(inputs) else "",
        )

    def _find_usernames(self, fields: Iterable[Field]) -> list[Input | Hidden]:
        every = (each for field in fields for each in field.walk())
        return [each for each in every if isinstance(each, (Input, Hidden)) and each.name in self.usernames]


def _build_by_group(
    fields: Sequence[Field], builder: _FormBuilder, order: Sequence[str] = METHOD_ORDER
) -> list[Form]:
    groups = sorted({each.group: None for each in fields}, key=lambda group: _get_rank(group, order))
    return [builder.build([each for each in fields if each.group == group]) for group in groups]


def _has_backup_codes(form: Form) -> bool:
    """Whether the form shows backup codes, which the user must save now."""
    return any(isinstance(each, BackupCodes) for each in form.visible_fields())


def _without_primary(form: Form) -> Form:
    def to_secondary(button: Button) -> Button:
        return replace(button, style="secondary") if button.style == "primary" else button

    groups = (replace(group, buttons=tuple(map(to_secondary, group.buttons))) for group in form.groups)
    return replace(form, groups=tuple(groups))


def _with_primary(form: Form) -> Form:
    """Make the only button of a form the primary one."""
    buttons = [button for group in form.groups for button in group.buttons]
    if len(buttons) != 1:
        return form
    primary = (replace(buttons[0], style="primary"),)
    groups = (replace(group, buttons=primary if group.buttons else ()) for group in form.groups)
    return replace(form, groups=tuple(groups))


def _build_groups(fields: Sequence[Field]) -> tuple[FieldGroup, ...]:
    """Build the groups of a form: the shared fields with the first method, then the other methods."""
    methods = {each.group for each in fields if isinstance(each, Button) and each.style != "quiet"}
    first = min(methods, key=lambda group: _get_rank(group), default="")
    grouped: dict[str, list[Field]] = {first: []}
    for each in sorted(fields, key=lambda each: not _is_shared(each)):
        own = each.group in methods and not (isinstance(each, NamedField) and each.is_trait)
        grouped.setdefault(each.group if own else first, []).append(each)
    groups = [
        FieldGroup(
            name=name,
            fields=tuple(each for each in grouped[name] if not isinstance(each, Button)),
            buttons=tuple(each for each in grouped[name] if isinstance(each, Button)),
        )
        for name in sorted(grouped, key=lambda name: (name != first, _get_rank(name)))
    ]
    groups[0] = replace(groups[0], buttons=_promote_primary_button(groups[0].buttons))
    groups = [_move_resend_button(group) for group in groups]
    if len(groups) == 1:
        return tuple(groups)
    required = {
        group.name
        for group in groups
        for field in group.fields
        for each in field.walk()
        if isinstance(each, Input) and each.attrs.get("required")
    }
    return tuple(_skip_validation(group) if required - {group.name} else group for group in groups)


def _promote_primary_button(buttons: Sequence[Button]) -> tuple[Button, ...]:
    """Put the primary button first: the Enter key submits with the first button."""
    primary = next(
        (each for each in buttons if each.style == "secondary" and each.name in PRIMARY_BUTTONS), None
    )
    if primary is None:
        return tuple(buttons)
    return (replace(primary, style="primary"), *(each for each in buttons if each is not primary))


def _move_resend_button(group: FieldGroup) -> FieldGroup:
    """Put the button that sends another code beside the input of the code."""
    button = next((each for each in group.buttons if each.resends), None)
    code = next((each for each in group.fields if isinstance(each, Input) and each.variant == "code"), None)
    if button is None or code is None:
        return group
    fields = tuple(replace(each, button=button) if each is code else each for each in group.fields)
    return replace(group, fields=fields, buttons=tuple(each for each in group.buttons if each is not button))


def _skip_validation(group: FieldGroup) -> FieldGroup:
    """Let the buttons of a method submit although an input of another method is required and empty."""
    buttons = (replace(each, attrs={**each.attrs, "formnovalidate": True}) for each in group.buttons)
    return replace(group, buttons=tuple(buttons))


def _get_rank(group: str, order: Sequence[str] = METHOD_ORDER) -> int:
    return order.index(group) if group in order else len(order)


def _is_shared(field: Field) -> bool:
    return field.group in SHARED_GROUPS or (isinstance(field, NamedField) and field.is_trait)


def _is_back_button(field: Field) -> bool:
    return isinstance(field, Button) and (
        field.name in ("screen", BACK_TO_TRAITS) or (field.name, field.value) == BACK_BEFORE_V1_3
    )
