"""The fields of a flow, put into forms.

One form for everything that shares an input, a form of its own for each method that does not, and always
one of its own for sign-in through other sites: what is typed elsewhere must not be sent along with those
buttons.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeGuard

from django.utils.translation import gettext_lazy as _

from django_ory.selfservice.flow_types import SETTINGS, FlowType

from .fields import BackupCodes, Button, Field, FieldGroup, Form, Hidden, Input, Link, Script
from .nodes import BACK_BEFORE_V1_3

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["GROUP_TITLES", "build_forms"]

#: Groups whose fields belong to every method.
SHARED = frozenset({"default", "identifier_first", "profile", "captcha"})
SSO = frozenset({"oidc", "saml"})

#: Which method leads where several could.
PREFERENCE = (
    "identifier_first", "profile", "password", "code", "link", "passkey", "webauthn", "totp", "lookup_secret",
)  # fmt: skip
SETTINGS_ORDER = (
    "profile",
    "password",
    "oidc",
    "saml",
    "code",
    "totp",
    "passkey",
    "webauthn",
    "lookup_secret",
)

#: Buttons that can be the one that a form is about.
LEADING = frozenset({"method", "lookup_secret_confirm"})

CONTINUE_AFTER_SSO = 1040003
RECOVERED = 1060001

GROUP_TITLES: Mapping[str, tuple[Any, Any]] = {
    "profile": (_("Profile"), ""),
    "password": (_("Password"), ""),
    "oidc": (_("Other accounts"), _("Sign in with an account from another service.")),
    "saml": (_("Your organization"), ""),
    "code": (_("Code by message"), ""),
    "link": (_("Link by message"), ""),
    "totp": (_("Authenticator app"), _("Get sign-in codes from an app on your phone.")),
    "passkey": (_("Passkeys"), _("Sign in with your fingerprint, face or screen lock.")),
    "webauthn": (_("Security keys"), _("Sign in with a key that you plug in or hold to your device.")),
    "lookup_secret": (_("Backup codes"), _("Use these if you lose access to your phone or security key.")),
}


def build_forms(
    kind: FlowType,
    fields: Sequence[Field],
    *,
    action: str,
    method: str,
    continuing: bool = False,
    recovered: bool = False,
) -> tuple[Form, ...]:
    """The forms of a page in the order in which they are shown.

    ``continuing``: a sign-up through another site that lacks some answers; everything then belongs together.
    ``recovered``: the person has come to set a new password, so that stands first.
    """
    shown = [each for each in fields if not isinstance(each, (Link, Script))]
    visible = [each for each in shown if not isinstance(each, Hidden)]
    make = _FormBuilder(shown, action, method)
    if continuing:
        return (make.form(visible, [each.group for each in visible]),)
    if kind is SETTINGS:
        order = ("password", *SETTINGS_ORDER) if recovered else SETTINGS_ORDER
        return _sections(_by_group(visible, make, order))
    back = [each for each in visible if _goes_back(each)]
    sso = [each for each in visible if each.group in SSO]
    rest = [each for each in visible if each not in back and each not in sso]
    shares = any(isinstance(each, Input) and _is_shared(each) for each in rest)
    if shares or len({each.group for each in rest}) == 1:
        groups = [each.group for each in rest]
        forms = [make.form(rest, groups)] if rest else []
    else:
        first, *others = _by_group(rest, make, PREFERENCE) or (None,)
        # One leads; another with inputs is opened when it is chosen, one that is only a button stands below.
        forms = [first] if first else []
        forms += [
            replace(each, role="choice") if each.has_inputs else _without_primary(each) for each in others
        ]
    if sso:
        forms.append(replace(make.form(sso, [each.group for each in sso], shared=False), role="sso"))
    if back:
        groups = ["default", *(each.group for each in back)]
        forms.append(replace(make.form(back, groups, without="method"), role="back"))
    return tuple(forms)


def _sections(forms: Sequence[Form]) -> tuple[Form, ...]:
    """Codes that must be written down now come first; only the first section has a primary button."""
    ordered = sorted(
        forms,
        key=lambda form: (
            not any(isinstance(each, BackupCodes) for part in form.parts for each in part.fields)
        ),
    )
    return tuple(form if index == 0 else _without_primary(form) for index, form in enumerate(ordered))


def _without_primary(form: Form) -> Form:
    def plain(button: Button) -> Button:
        return replace(button, style="secondary") if button.style == "primary" else button

    return replace(
        form, parts=tuple(replace(part, buttons=tuple(map(plain, part.buttons))) for part in form.parts)
    )


class _FormBuilder:
    """Makes forms of one flow: each gets the hidden fields that it needs."""

    def __init__(self, fields: Sequence[Field], action: str, method: str) -> None:
        # A trait that Kratos rejected in an earlier step fails again each time it is posted.
        self.hidden = [
            each for each in fields if isinstance(each, Hidden) and not (_is_trait(each) and _is_wrong(each))
        ]
        visible = {each.group for each in fields if not isinstance(each, Hidden)}
        #: Groups without a visible field, such as passkeys that the browser offers in the list of usernames.
        self.unseen = {each.group for each in self.hidden} - visible
        self.username = _username(fields)
        self.action = action
        self.method = "get" if method.upper() == "GET" else "post"
        self.count = 0

    def form(
        self, fields: Sequence[Field], groups: Iterable[str], *, shared: bool = True, without: str = ""
    ) -> Form:
        wanted = set(groups) | (SHARED if shared else frozenset())
        if any(isinstance(each, Input) and each.name == "identifier" for each in fields):
            wanted |= self.unseen
        hidden = tuple(
            each
            for each in self.hidden
            if each.name == "csrf_token"
            or (each.name != without and (each.group in wanted or (shared and _is_trait(each))))
        )
        self.count += 1
        group = next((each.group for each in fields), "")
        title, lead = GROUP_TITLES.get(group, (group.replace("_", " ").capitalize(), ""))
        return Form(
            id=f"ory-form-{self.count}",
            action=self.action,
            method=self.method,
            hidden=hidden,
            parts=_parts(fields),
            title=str(title),
            lead=str(lead),
            username=self.username if _asks_password_only(fields) else "",
        )


def _by_group(fields: Sequence[Field], make: _FormBuilder, order: Sequence[str]) -> tuple[Form, ...]:
    groups = sorted(dict.fromkeys(each.group for each in fields), key=lambda group: _rank(group, order))
    return tuple(make.form([each for each in fields if each.group == group], [group]) for group in groups)


def _parts(fields: Sequence[Field]) -> tuple[FieldGroup, ...]:
    """Shared fields with the leading method, then the others; the first button is the primary one."""
    methods = {each.group for each in fields if isinstance(each, Button) and each.style != "quiet"}
    lead = min(methods, key=lambda group: _rank(group, PREFERENCE), default="")
    grouped: dict[str, list[Field]] = {lead: []}
    for each in sorted(fields, key=lambda each: not _is_shared(each)):
        grouped.setdefault(each.group if each.group in methods and not _is_trait(each) else lead, []).append(
            each
        )
    parts = [
        FieldGroup(
            group=group,
            fields=tuple(each for each in mine if not isinstance(each, Button)),
            buttons=_promote_primary_button(
                [each for each in mine if isinstance(each, Button)], primary=group == lead
            ),
        )
        for group, mine in sorted(
            grouped.items(), key=lambda item: (item[0] != lead, _rank(item[0], PREFERENCE))
        )
    ]
    required = {
        part.group
        for part in parts
        for each in part.fields
        if isinstance(each, Input) and each.attrs.get("required")
    }
    return tuple(_skip_validation(part, required) for part in parts)


def _promote_primary_button(buttons: Sequence[Button], *, primary: bool) -> tuple[Button, ...]:
    """The primary button first: it is the one that the Enter key presses."""
    leading = next((each for each in buttons if each.style == "secondary" and each.name in LEADING), None)
    if not primary or leading is None:
        return tuple(buttons)
    return (replace(leading, style="primary"), *(each for each in buttons if each is not leading))


def _skip_validation(part: FieldGroup, required: set[str]) -> FieldGroup:
    """A method must not be held up by a field that only another method needs."""
    if not required - {part.group}:
        return part
    buttons = [replace(each, attrs={**each.attrs, "formnovalidate": True}) for each in part.buttons]
    return replace(part, buttons=tuple(buttons))


def _asks_password_only(fields: Sequence[Field]) -> bool:
    inputs = [each for each in fields if isinstance(each, Input)]
    return any(each.type == "password" for each in inputs) and not any(_is_username(each) for each in inputs)


def _username(fields: Sequence[Field]) -> str:
    return next((each.value for each in fields if _is_username(each) and each.value), "")


def _is_username(each: Field) -> TypeGuard[Input | Hidden]:
    return isinstance(each, (Input, Hidden)) and each.name in (
        "identifier",
        "traits.email",
        "traits.username",
    )


def _rank(group: str, order: Sequence[str]) -> int:
    return order.index(group) if group in order else len(order)


def _is_trait(each: Field) -> bool:
    return isinstance(each, (Input, Hidden)) and each.name.startswith("traits.")


def _is_wrong(each: Field) -> bool:
    return any(note.level == "error" for note in each.messages)


def _is_shared(each: Field) -> bool:
    return each.group in SHARED or _is_trait(each)


def _goes_back(each: Field) -> bool:
    return isinstance(each, Button) and (each.name == "screen" or (each.name, each.value) == BACK_BEFORE_V1_3)
