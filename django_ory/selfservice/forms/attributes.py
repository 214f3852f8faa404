"""The HTML attributes of an input: what Kratos says, what it forgets, nothing that browsers misunderstand."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from .script_calls import get_allowed_call

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django_ory.client.models import UiNodeInputAttributes

__all__ = ["build_attributes", "build_call_attributes", "form_value"]

#: What a field needs beyond its node, by name: Kratos leaves some of it out.
BY_NAME: Mapping[str, Mapping[str, str | bool]] = {
    "identifier": {"autocomplete": "username", "dir": "ltr", "autocapitalize": "none", "spellcheck": "false"},
    "code": {"autocomplete": "one-time-code", "inputmode": "numeric", "dir": "ltr"},
    "totp_code": {"autocomplete": "one-time-code", "inputmode": "numeric", "dir": "ltr"},
    "lookup_secret": {"autocomplete": "off", "dir": "ltr", "autocapitalize": "none", "spellcheck": "false"},
    "email": {"autocomplete": "email"},
    "webauthn_register_displayname": {"autocomplete": "off"},
}

#: Addresses and codes read from left to right in every language.
LEFT_TO_RIGHT = frozenset({"email", "tel", "url"})

# Go's patterns are not JavaScript's. This subset means the same in both, also under the "v" flag, and cannot
# backtrack for long.
SIMPLE_PATTERN = re.compile(
    r"""\^?(?:
        (?: \[(?: \w-\w | [\w.@\ ] | \\[dw.\-] )+\] | \\[dw.] | [\w@\ ] )   # a class, an escape, a character
        (?: [+*?] | \{\d+(?:,\d*)?\} )?                                    # how often
    )+\$?""",
    re.ASCII | re.VERBOSE,
)


def build_attributes(a: UiNodeInputAttributes) -> dict[str, str | bool]:
    """All but type, name, value and id; ``required`` only where a browser can act on it."""
    attrs: dict[str, str | bool] = dict(BY_NAME.get(a.name, {}))
    if a.type in LEFT_TO_RIGHT:
        attrs["dir"] = "ltr"
    if a.autocomplete:
        attrs["autocomplete"] = a.autocomplete
    if a.disabled:
        attrs["disabled"] = True
    elif a.required and a.type != "checkbox":  # whether it must be ticked is Kratos' to say: false is a value
        attrs["required"] = True
    if a.pattern and SIMPLE_PATTERN.fullmatch(a.pattern):
        attrs["pattern"] = a.pattern
    if a.maxlength and a.maxlength > 0:
        attrs["maxlength"] = str(a.maxlength)
    if a.type == "number":
        attrs["step"] = "any"
    if a.type == "password":
        attrs |= {
            "autocapitalize": "none",  # this and the next for when it is shown: a text input then
            "spellcheck": "false",
            "data-ory-show": _("Show"),
            "data-ory-show-label": _("Show password"),
            "data-ory-hide": _("Hide"),
            "data-ory-hide-label": _("Hide password"),
        }
    return attrs | build_call_attributes("load", get_allowed_call(a.onloadTrigger, a.onload))


def build_call_attributes(event: str, trigger: tuple[str, str | None] | None) -> dict[str, str | bool]:
    """What ``ory.js`` reads to call a function of Kratos' script on ``click`` or on ``load``."""
    if trigger is None:
        return {}
    function, argument = trigger
    return {f"data-ory-{event}": function, **({"data-ory-argument": argument} if argument else {})}


def form_value(value: Any) -> str | None:
    """A value as Kratos reads it back from a form."""
    if value is None or isinstance(value, (dict, list)):
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)
