"""Whether Hydra can complete device grants (RFC 8628)."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from django_ory.clients import get_client
from django_ory.mirror.errors import ORY_ERRORS

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["is_device_grant_available"]

#: The path of Hydra's error page for a missing ``urls.device.verification``.
FALLBACK_PATH = "/oauth2/fallbacks/device"


def is_device_grant_available(aliases: Iterable[str]) -> bool:
    """Return whether Hydra of any alias redirects to a page where users enter the code of their device.

    False for servers without the device flow (before 25.4), without ``urls.device.verification``, and for
    servers that do not answer. One GET per alias, which changes nothing in Hydra.
    """
    return any(map(_has_device_page, aliases))


def _has_device_page(alias: str) -> bool:
    try:
        url = urlsplit(get_client(alias).perform_o_auth2_device_verification_flow())
        return "device_challenge" in parse_qs(url.query) and not url.path.endswith(FALLBACK_PATH)
    except (*ORY_ERRORS, ValueError):
        return False
