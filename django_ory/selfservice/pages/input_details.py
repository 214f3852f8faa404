"""Hints, links, labels and the focus that a page adds to the fields of its forms."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from django_ory.selfservice.forms.changes import change_fields
from django_ory.selfservice.forms.fields import (
    Button,
    Checkbox,
    CheckboxGroup,
    Field,
    FieldLink,
    Input,
    RadioGroup,
)
from django_ory.selfservice.texts.messages import TEXTS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django_ory.selfservice.flow_types import AnyFlow
    from django_ory.selfservice.forms.fields import Form

__all__ = ["add_details", "add_focus", "build_expiry_hint"]

#: The label "Continue", which Kratos gives to most buttons.
CONTINUE_LABEL = 1070009
SEND_CODE = _("Send code")
SEND_LINK = _("Send link")
SEND_LINK_AGAIN = _("Send the link again")

#: (step, value of the button named "method") -> its effect, in place of "Continue".
BUTTON_LABELS: Mapping[tuple[str, str], Any] = {
    ("login.sent", "code"): TEXTS[1010000],
    ("login.second.sent", "code"): TEXTS[1010000],
    ("registration.sent", "code"): TEXTS[1040000],
    ("recovery", "code"): SEND_CODE,
    ("recovery", "link"): SEND_LINK,
    ("recovery.confirm", "code"): SEND_CODE,
    ("recovery.sent", "code"): _("Confirm code"),
    ("recovery.link", "link"): SEND_LINK_AGAIN,
    ("verification", "code"): SEND_CODE,
    ("verification", "link"): SEND_LINK,
    ("verification.sent", "code"): _("Confirm code"),
    ("verification.link", "link"): SEND_LINK_AGAIN,
}

#: Inputs that do not get the focus: the space key would change them.
UNFOCUSED_INPUTS = (Checkbox, CheckboxGroup, RadioGroup)


def add_details(
    fields: Sequence[Field],
    step: str,
    *,
    expiry_hint: str,
    recovery_url: str = "",
    min_password_length: int = 0,
) -> list[Field]:
    """Add hints and links to the inputs, and name the buttons after their effect.

    Args:
        fields: the fields of the page.
        step: a key of ``STEPS``.
        expiry_hint: how long the page can be used, shown at the input of a code.
        recovery_url: the page for a forgotten password, linked beside the password; empty without a link.
        min_password_length: the rule for new passwords; 0 without a hint.

    """

    def detail(field: Field) -> Field:
        match field:
            case Input(type="password") if field.attrs.get("autocomplete") == "new-password":
                return replace(field, hint=field.hint or _build_password_hint(min_password_length))
            case Input(type="password") if recovery_url:
                return replace(field, link=FieldLink(_("Forgot password?"), recovery_url))
            case Input(name="code"):
                return replace(field, hint=field.hint or expiry_hint)
            case Button(name="method") if (
                label := BUTTON_LABELS.get((step, field.value or ""))
            ) and field.label == str(TEXTS[CONTINUE_LABEL]):
                return replace(field, label=str(label))
        return field

    return [detail(each) for each in fields]


def _build_password_hint(min_length: int) -> str:
    if min_length < 1:
        return ""
    text = ngettext(
        "Use at least %(count)d character. Don't use a password from another site.",
        "Use at least %(count)d characters. Don't use a password from another site.",
        min_length,
    )
    return text % {"count": min_length}


def build_expiry_hint(flow: AnyFlow, now: float) -> str:
    """Return how long a flow can still be used; "" if unknown, such as with a wrong clock.

    ``now``: the time of Kratos, in seconds since the epoch.
    """
    if flow.expires_at is None or flow.issued_at is None:
        return ""
    left = flow.expires_at.timestamp() - now
    if not 0 < left <= (flow.expires_at - flow.issued_at).total_seconds() + 60:
        return ""
    minutes = math.ceil(left / 60)
    if minutes > 120:
        hours = minutes // 60
        text = ngettext(
            "This page expires in %(count)d hour.", "This page expires in %(count)d hours.", hours
        )
        return text % {"count": hours}
    text = ngettext(
        "This page expires in %(count)d minute.", "This page expires in %(count)d minutes.", minutes
    )
    return text % {"count": minutes}


def add_focus(forms: Sequence[Form]) -> tuple[Form, ...]:
    """Focus the first input with an error when the page opens; else the first empty one of the first form."""
    inputs = [
        [
            each
            for each in form.visible_fields()
            if isinstance(each, Input)
            and not isinstance(each, UNFOCUSED_INPUTS)
            and "disabled" not in each.attrs
        ]
        for form in forms
    ]
    wrong = next((each for found in inputs for each in found if each.has_error), None)
    is_first = bool(forms) and forms[0].role == "main"
    empty = next((each for each in inputs[0] if not each.value), None) if is_first else None
    target = wrong or empty
    return tuple(_focus_in_form(form, target) for form in forms) if target else tuple(forms)


def _focus_in_form(form: Form, target: Input) -> Form:
    def focus(field: Field) -> Field:
        if field is target:
            return replace(target, attrs={**target.attrs, "autofocus": True})
        return field

    groups = (replace(group, fields=change_fields(group.fields, focus)) for group in form.groups)
    return replace(form, groups=tuple(groups))
