"""HTML attributes of an input, and the calls of functions in Kratos' script."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django_ory.client.models import UiNodeInputAttributes
    from django_ory.schemas.fields import TraitField

__all__ = ["build_attributes", "build_call_attributes", "build_trait_attributes"]

#: Name of an input -> attributes that Kratos does not send.
ATTRIBUTES_BY_NAME: Mapping[str, Mapping[str, str | bool]] = {
    "identifier": {"autocomplete": "username", "dir": "ltr", "autocapitalize": "none", "spellcheck": "false"},
    "code": {"autocomplete": "one-time-code", "inputmode": "numeric", "dir": "ltr"},
    "totp_code": {"autocomplete": "one-time-code", "inputmode": "numeric", "dir": "ltr"},
    "lookup_secret": {"autocomplete": "off", "dir": "ltr", "autocapitalize": "none", "spellcheck": "false"},
    "email": {"autocomplete": "email"},
    "webauthn_register_displayname": {"autocomplete": "off", "required": True},
}

#: Name of a trait, in lower case and without "_" and "-" -> what browsers fill in (WCAG 1.3.5).
AUTOCOMPLETE_BY_TRAIT: Mapping[str, str] = {
    **dict.fromkeys(("firstname", "givenname", "name.first", "name.given"), "given-name"),
    **dict.fromkeys(("lastname", "familyname", "surname", "name.last", "name.family"), "family-name"),
    **dict.fromkeys(("name", "fullname"), "name"),
    **dict.fromkeys(("phone", "phonenumber", "mobile"), "tel"),
    **dict.fromkeys(("birthdate", "birthday", "dateofbirth"), "bday"),
    **dict.fromkeys(("company", "organization"), "organization"),
    **dict.fromkeys(("website", "homepage"), "url"),
    **dict.fromkeys(("postalcode", "zip", "zipcode"), "postal-code"),
    "email": "email",
    "jobtitle": "organization-title",
    "nickname": "nickname",
}

#: Types of input that are written from left to right in every language.
LEFT_TO_RIGHT_TYPES = frozenset({"email", "tel", "url"})

# Kratos' patterns are Go's. These ones mean the same in JavaScript, also under the "v" flag, and never
# backtrack for long.
PORTABLE_PATTERN = re.compile(
    r"""\^?(?:
        (?: \[(?: \w-\w | [\w.@\ ] | \\[dw.\-] )+\] | \\[dw.] | [\w@\ ] )   # a class, an escape, a character
        (?: [+*?] | \{\d+(?:,\d*)?\} )?                                    # how often
    )+\$?""",
    re.ASCII | re.VERBOSE,
)

#: The functions of Kratos' script that a node may call.
ALLOWED_CALLS = frozenset(
    {
        "oryWebAuthnLogin",
        "oryWebAuthnRegistration",
        "oryPasskeyLogin",
        "oryPasskeyLoginAutocompleteInit",
        "oryPasskeyRegistration",
        "oryPasskeySettingsRegistration",
    }
)
# Kratos before 1.3 sends a line of JavaScript, with the options of the ceremony as its only argument.
LEGACY_CALL = re.compile(r"window\.__(ory\w+)\((.*)\)", re.DOTALL)


def build_attributes(a: UiNodeInputAttributes) -> dict[str, str | bool]:
    """Build all attributes but type, name, value and id."""
    attrs: dict[str, str | bool] = dict(ATTRIBUTES_BY_NAME.get(a.name, {}))
    if a.type in LEFT_TO_RIGHT_TYPES:
        attrs["dir"] = "ltr"
    if a.autocomplete:
        attrs["autocomplete"] = a.autocomplete
    if a.disabled:
        attrs["disabled"] = True
    elif a.required and a.type != "checkbox":  # "required" would reject the valid value false
        attrs["required"] = True
    if a.pattern and PORTABLE_PATTERN.fullmatch(a.pattern):
        attrs["pattern"] = a.pattern
    if a.maxlength and a.maxlength > 0:
        attrs["maxlength"] = str(a.maxlength)
    if a.type == "number":
        attrs["step"] = "any"
    if a.type == "password":
        attrs |= {
            "autocapitalize": "none",  # these two are for the text input of a password that is shown
            "spellcheck": "false",
            "data-ory-show": _("Show password"),
            "data-ory-hide": _("Hide password"),
        }
    return attrs | build_call_attributes("load", a.onloadTrigger, a.onload)


def build_trait_attributes(trait: TraitField) -> dict[str, str | bool]:
    """Build the attributes that follow from the schema of a trait.

    ``autocomplete`` is not among them if Kratos has sent one.
    """
    attrs: dict[str, str | bool] = {}
    names = [name.lower().replace("_", "").replace("-", "") for name in trait.path]
    token = AUTOCOMPLETE_BY_TRAIT.get(".".join(names[-2:])) or AUTOCOMPLETE_BY_TRAIT.get(names[-1])
    if trait.is_identifier and trait.format not in ("email", "tel"):
        attrs |= {"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
    elif token:
        attrs["autocomplete"] = token
    if trait.kind.value == "integer":
        attrs["step"] = "1"
    for keyword, name in (("minimum", "min"), ("maximum", "max")):
        if keyword in trait.limits:
            attrs[name] = str(trait.limits[keyword])
    return attrs


def build_call_attributes(event: str, function: str | None, line: str | None) -> dict[str, str | bool]:
    """Build the attributes by which ``ory.js`` calls a function of Kratos' script.

    Args:
        event: "click" or "load".
        function: The name of the function (``onclickTrigger``, ``onloadTrigger``).
        line: The JavaScript of an older Kratos (``onclick``, ``onload``). Parsed, never executed.

    Returns:
        No attributes for a function that is not in ``ALLOWED_CALLS``.
    """
    if function in ALLOWED_CALLS:
        return {f"data-ory-{event}": str(function)}
    match = LEGACY_CALL.fullmatch(line.strip()) if line else None
    if match is None or match[1] not in ALLOWED_CALLS:
        return {}
    argument = match[2].strip()
    try:
        json.loads(argument or "null")
    except (ValueError, RecursionError):
        return {}
    attrs: dict[str, str | bool] = {f"data-ory-{event}": f"__{match[1]}"}
    return {**attrs, "data-ory-argument": argument} if argument else attrs
