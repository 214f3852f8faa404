"""Texts for messages of Kratos that depend on the context of the message as well as on the id.

For errors of JSON-schema validation, Kratos sends the text of its library ("expected integer, but got
string"). The tables below have texts for the mistakes that users can make.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

__all__ = ["PROVIDERS", "get_provider_name", "get_variant"]

Context = Mapping[str, Any]
#: A text, and its values besides the context of the message.
Variant = tuple[Any, Context]

#: The reason of 4000001 -> text. ``values`` are options, in JSON.
REASONS: tuple[tuple[re.Pattern[str], Any], ...] = (
    (re.compile(r"value must be one of (?P<values>.+)", re.DOTALL), _("Choose one of these: %(values)s.")),
    (re.compile(r"value must be (?P<values>\".*)", re.DOTALL), _("This must be %(values)s.")),
    (
        re.compile(r'.*is not valid "(idn-)?email"', re.DOTALL),
        _("Enter an email address, like name@example.com."),
    ),
    (
        re.compile(r'.*is not valid "tel"', re.DOTALL),
        _("Enter a phone number with its country code, like +49 123 4567890."),
    ),
    (
        re.compile(r'.*is not valid "(uri|iri|uri-reference)"', re.DOTALL),
        _("Enter a web address, like https://example.com."),
    ),
    (re.compile(r'.*is not valid "date"', re.DOTALL), _("Enter a date, like 2026-01-31.")),
    (
        re.compile(r'.*is not valid "date-time"', re.DOTALL),
        _("Enter a date and time, like 2026-01-31T18:30:00Z."),
    ),
    (re.compile(r'.*is not valid "time"', re.DOTALL), _("Enter a time, like 18:30:00Z.")),
    (
        re.compile(r".*submitted too often.*", re.DOTALL),
        _("Too many attempts. Request a new code."),
    ),
    (re.compile(r".*valid session was detected.*", re.DOTALL), _("You are already signed in.")),
)

#: The type that a field expects -> text, for 4000026.
TYPES: Mapping[str, Any] = {
    "integer": _("Enter a whole number."),
    "number": _("Enter a number."),
    "boolean": _("Choose yes or no."),
    "string": _("Enter text."),
}

#: Type of a credential of Kratos -> the words for it in "You can sign in with ...".
CREDENTIALS: Mapping[str, Any] = {
    "password": pgettext_lazy("sign in with", "your password"),
    "code": pgettext_lazy("sign in with", "a code that we send you"),
    "passkey": pgettext_lazy("sign in with", "a passkey"),
    "webauthn": pgettext_lazy("sign in with", "a security key"),
}

_BRANDS = (
    *("Amazon", "Apple", "Auth0", "Discord", "Facebook", "GitHub", "GitLab", "Google", "LinkedIn"),
    *("Microsoft", "PayPal", "Salesforce", "Slack", "Spotify", "Twitch", "Yandex", "netID", "VK"),
)

#: The names of providers by the ids that sites give them. Kratos shows the id if there is no label.
PROVIDERS: Mapping[str, str] = {name.lower(): name for name in _BRANDS} | {"linkedin_v2": "LinkedIn"}


def get_variant(number: int, context: Context, text: str) -> Variant | None:
    """Return the text for a message of this id and context; None if its text depends on the id only.

    ``text`` is Kratos' own, which older versions send without a context.
    """
    find = VARIANTS.get(number)
    return find(context, text) if find else None


def _by_reason(context: Context, text: str) -> Variant | None:
    reason = str(context.get("reason") or text)
    for pattern, template in REASONS:
        if found := pattern.fullmatch(reason):
            return template, {name: _read_values(value) for name, value in found.groupdict().items()}
    return None


def _read_values(values: str) -> str:
    """``"a", "b"`` as ``a, b``."""
    try:
        return ", ".join(filter(None, (str(value) for value in json.loads(f"[{values}]"))))
    except (ValueError, RecursionError):
        return values


def _by_type(context: Context, text: str) -> Variant | None:
    allowed = context.get("allowed_types")
    found = next((TYPES[name] for name in _strings(allowed) if name in TYPES), None)
    return (found, {}) if found else None


def _by_constant(context: Context, text: str) -> Variant | None:
    return (_("This must be accepted."), {}) if str(context.get("expected")).lower() == "true" else None


def _with_ways(context: Context, text: str) -> Variant | None:
    """Name the ways to sign in of the other account, if Kratos returns them (``login_hints``)."""
    types, providers = (context.get(f"available_{name}") for name in ("credential_types", "oidc_providers"))
    known = [words for name, words in CREDENTIALS.items() if name in _strings(types)]
    ways = [str(each) for each in (*known, *map(get_provider_name, _strings(providers)))]
    if not ways:
        return None
    listed = gettext(", ").join(ways[:-1])
    named = gettext("%(first)s or %(last)s") % {"first": listed, "last": ways[-1]} if listed else ways[0]
    return _("You already have an account. Sign in with %(ways)s."), {"ways": named}


def _strings(value: Any) -> list[str]:
    return [each for each in value if isinstance(each, str) and each] if isinstance(value, list) else []


def get_provider_name(name: str) -> str:
    """Return the name of a provider by the id that a site gives it, such as ``github``."""
    return PROVIDERS.get(name.lower(), name.replace("-", " ").replace("_", " ").title())


VARIANTS: Mapping[int, Callable[[Context, str], Variant | None]] = {
    4000001: _by_reason,
    4000026: _by_type,
    4000028: _with_ways,
    4000029: _by_constant,
}
