"""Reads an identity: traits, addresses and the label; compares e-mail addresses.

Users edit their own traits. Only an entry in ``verifiable_addresses`` can prove that an address is theirs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .client import models as ory

#: Trait names (lower case, without "_" and "-") that hold an identifier, the best one first.
IDENTIFIER_NAMES = (
    *("email", "emails", "mail", "username", "usernames", "login", "handle", "userid", "identifier"),
    *("phonenumber", "phone", "phones", "mobile", "nickname", "nicknames"),
)
#: Credential types with readable identifiers. Those of ``oidc`` are ids of another provider.
READABLE_CREDENTIALS = ("password", "code")


def get_trait(traits: Any, path: str) -> Any:
    """Return the trait at a dotted path (``"name.first"``, ``"emails.0"``), or None."""
    value = traits
    for name in path.split("."):
        if isinstance(value, Mapping):
            value = value.get(name)
        elif isinstance(value, list) and name.isdecimal():
            value = value[int(name)] if int(name) < len(value) else None
        else:
            return None
    return value


def find_text(traits: Any, paths: tuple[str, ...]) -> str:
    """Return the first trait of ``paths`` that is a text with content, stripped; else ""."""
    for path in paths:
        value = get_trait(traits, path)
        if isinstance(value, str) and value.strip():
            return value.strip()
    return ""


def emails_equal(one: str, other: str) -> bool:
    """Compare two e-mail addresses. Only ASCII letters are equal in both cases.

    Databases and ``str.casefold`` map more letters to each other, for example "ß" to "ss", so two different
    domains would be equal.
    """
    return one == other or (one.isascii() and other.isascii() and one.lower() == other.lower())


def get_address(identity: ory.Identity, via: str) -> str:
    """Return the first address that Kratos can verify via ``"email"`` or ``"sms"``; "" if there is none."""
    return next((each.value for each in identity.verifiable_addresses if each.via == via and each.value), "")


def is_address_verified(identity: ory.Identity, value: str, *, via: str) -> bool:
    """Whether Kratos has verified this address via this channel. Another address does not count."""
    is_same = emails_equal if via == "email" else str.__eq__
    return bool(value) and any(
        each.via == via and each.verified and is_same(each.value or "", value)
        for each in identity.verifiable_addresses
    )


def find_identifier(identity: ory.Identity) -> str:
    """Return the text that a user most likely signs in with, or "".

    Read from traits with a usual name at any depth, then from credentials, then from the addresses for
    verification and recovery.
    """
    found = _texts_by_name(identity.traits)
    for name in IDENTIFIER_NAMES:
        if name in found:
            return found[name]
    credentials = identity.credentials or {}
    for kind in READABLE_CREDENTIALS:
        credential = credentials.get(kind)
        if credential is not None and (text := _first_text(credential.identifiers)):
            return text
    verifiable = (each.value for each in identity.verifiable_addresses)
    recovery = (each.value for each in identity.recovery_addresses)
    return next(filter(None, (*verifiable, *recovery)), "")


def _texts_by_name(traits: Any) -> dict[str, str]:
    """The texts of the traits by normalized name. Of equal names the outermost one counts."""
    found: dict[str, str] = {}
    level = [traits]
    while level:
        items = [item for each in level if isinstance(each, Mapping) for item in each.items()]
        for key, value in items:
            if text := _first_text(value):
                found.setdefault(_normalize(str(key)), text)
        level = [value for _key, value in items]
    return found


def _normalize(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "")


def _first_text(value: Any) -> str:
    if isinstance(value, list):
        return next(filter(None, map(_first_text, value)), "")
    if isinstance(value, str):
        return value.strip()
    is_number = isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**20
    return str(value) if is_number else ""
