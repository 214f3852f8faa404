"""The device flow (RFC 8628) of Hydra 25.4 and later: whether Hydra has it, and the codes of users."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from typing import Literal
from urllib.parse import parse_qs, urlencode

from django_ory.client import OryClient, OryError, OryUsageError
from django_ory.clients import get_client
from django_ory.conf import OrySettings
from django_ory.http.redirects import split_url

#: The path of Hydra's error page for a missing ``urls.device.verification``.
DEVICE_FALLBACK_PATH = "/oauth2/fallbacks/device"
DEVICE_VERIFICATION_PATH = "/oauth2/device/verify"
#: Hydra's codes have 8 or 9 characters, those of a custom format at most this number.
MAX_USER_CODE_LENGTH = 64
#: With the separators between the characters.
MAX_TYPED_LENGTH = 256
MINUS_SIGN = "\N{MINUS SIGN}"

UserCodeCase = Literal["exact", "upper", "lower"]
CASES: dict[UserCodeCase, Callable[[str], str]] = {"exact": str, "upper": str.upper, "lower": str.lower}


def has_device_page(client: OryClient) -> bool:
    """Return whether Hydra redirects users who enter the code of a device to a page of the site.

    One GET that changes nothing in Hydra. False without ``urls.device.verification``. Raises OryError:
    RouteNotFound or OryNotFound before Hydra 25.4, which has no device flow.
    """
    parts = split_url(client.perform_o_auth2_device_verification_flow())
    return "device_challenge" in parse_qs(parts.query) and not parts.path.endswith(DEVICE_FALLBACK_PATH)


def is_device_grant_available(aliases: Iterable[str]) -> bool:
    """Return whether Hydra of any alias redirects to a page where users enter the code of their device.

    False for servers without the device flow (before 25.4), without ``urls.device.verification``, and for
    servers that do not respond.
    """
    return any(map(_is_available, aliases))


def build_verification_url(settings: OrySettings, *, user_code: str = "") -> str:
    """Return Hydra's URL with which a browser begins to connect a device; "" without a URL of Hydra."""
    if not settings.hydra_browser_url:
        return ""
    query = f"?{urlencode({'user_code': user_code})}" if user_code else ""
    return f"{settings.hydra_browser_url}{DEVICE_VERIFICATION_PATH}{query}"


def normalize_user_code(text: str, *, case: UserCodeCase) -> str:
    """Return the code as Hydra compares it: without spaces and dashes, in the case of Hydra's characters.

    Letters and digits of full width, from Japanese keyboards, are converted to ASCII. Returns "" for a text
    that cannot be a code.
    """
    if len(text) > MAX_TYPED_LENGTH:
        return ""
    plain = unicodedata.normalize("NFKC", text)
    code = "".join(each for each in plain if not _is_separator(each))
    return CASES[case](code) if len(code) <= MAX_USER_CODE_LENGTH and code.isprintable() else ""


def _is_separator(character: str) -> bool:
    """Return whether a character is a space, a dash, or invisible, as after copying a code from a page."""
    return (
        character.isspace()
        or character == MINUS_SIGN
        or unicodedata.category(character) in ("Pd", "Cf", "Cc")
    )


def _is_available(alias: str) -> bool:
    try:
        return has_device_page(get_client(alias))
    except (OryError, OryUsageError):
        return False
