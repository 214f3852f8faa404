"""Versions of the servers, and settings for newer ones. Older servers reject unknown keys."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from .configuration import FILL_IN
from .errors import DevstackError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .configuration import ServerPlan

__all__ = ["NEWER_KRATOS_COMMENTS", "NEWER_KRATOS_VERSION", "build_newer_kratos_settings", "parse_version"]

NEWER_KRATOS_VERSION: Final = (26, 2, 0)
"""The first Kratos that is known to have the settings below."""


def parse_version(text: str) -> tuple[int, int, int]:
    """Parse a version such as ``v26.2.0``, with or without the letter and the last number.

    Raises DevstackError for anything else.
    """
    found = re.fullmatch(r"v?(\d{1,4})\.(\d{1,4})(?:\.(\d{1,4}))?", text)
    if found is None:
        raise DevstackError(f"{text!r} is not the version of a server. It should look like v26.2.0")
    return int(found[1]), int(found[2]), int(found[3] or 0)


def build_newer_kratos_settings(plan: ServerPlan) -> Mapping[str, Any]:
    """The settings to merge into Kratos' configuration for this version and newer ones."""
    secrets = plan.secrets or {}
    return {
        "secrets": {"pagination": [secrets.get("pagination", FILL_IN)]},
        "selfservice": {
            "flows": {"registration": {"style": "profile_first"}},
            "methods": {"code": {"config": {"max_submissions": 5}}},
        },
        "clients": {"web_hook": {"header_allowlist": ["Accept-Language", "User-Agent"]}},
    }


NEWER_KRATOS_COMMENTS: Final = {
    "secrets.pagination": "Encrypts page tokens; without it the key is all zeros.",
    "selfservice.flows.registration.style": (
        "profile_first: first the traits, then how to sign in. unified: both on one page."
    ),
    "selfservice.methods.code.config.max_submissions": "How many wrong codes a flow accepts.",
    "clients.web_hook.header_allowlist": "Headers of the browser that web hooks receive. Never Cookie.",
}
