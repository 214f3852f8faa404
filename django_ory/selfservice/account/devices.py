"""The devices of sessions: browser and platform of a User-Agent, place, and how the user signed in.

Only names are read from a User-Agent. Versions would be wrong soon, because browsers freeze them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from django_ory.selfservice.texts.labels import build_label
from django_ory.selfservice.texts.variants import get_provider_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from django_ory.client.models import Session, SessionAuthenticationMethod, SessionDevice

__all__ = [
    "DeviceSession",
    "build_device_session",
    "describe_device",
    "describe_methods",
    "describe_place",
    "describe_user_agent",
]

#: Browsers by a part of their User-Agent. The first match counts: most browsers also name others.
BROWSERS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\bEdg(?:e|A|iOS)?/"), "Edge"),
    (re.compile(r"\b(?:OPR|Opera|OPT)/"), "Opera"),
    (re.compile(r"\bVivaldi/"), "Vivaldi"),
    (re.compile(r"\bYaBrowser/"), "Yandex"),
    (re.compile(r"\bSamsungBrowser/"), "Samsung Internet"),
    (re.compile(r"\bDuckDuckGo/|\bDdg/"), "DuckDuckGo"),
    (re.compile(r"\b(?:Firefox|FxiOS)/"), "Firefox"),
    (re.compile(r"\b(?:Chrome|CriOS|Chromium|HeadlessChrome)/"), "Chrome"),
    (re.compile(r"\bVersion/\S+ .*\bSafari/"), "Safari"),
)
PLATFORMS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\biPhone\b"), "iPhone"),
    (re.compile(r"\biPad\b"), "iPad"),
    (re.compile(r"\bAndroid\b"), "Android"),
    (re.compile(r"\bWindows\b"), "Windows"),
    (re.compile(r"\bCrOS\b"), "ChromeOS"),
    (re.compile(r"\bMacintosh\b|\bMac OS X\b"), "macOS"),
    (re.compile(r"\bLinux\b"), "Linux"),
)
#: The name of a program, such as ``curl/8.5.0``. Browsers start with ``Mozilla/``.
PROGRAM = re.compile(r"([A-Za-z][A-Za-z0-9 ._-]{0,40})/")
#: Characters of a User-Agent that are read.
MAX_USER_AGENT_LENGTH = 512
MAX_PLACE_LENGTH = 100
#: Methods of a session that are shown.
MAX_METHODS = 8

METHODS: Mapping[str, Any] = {
    "password": gettext_lazy("Password"),
    "oidc": gettext_lazy("Linked account"),
    "saml": gettext_lazy("Your organization"),
    "code": gettext_lazy("Code by email or SMS"),
    "link": gettext_lazy("Link by email"),
    "totp": gettext_lazy("Authenticator app"),
    "lookup_secret": gettext_lazy("Backup code"),
    "webauthn": gettext_lazy("Security key"),
    "passkey": gettext_lazy("Passkey"),
    "deviceauthn": gettext_lazy("Device key"),
    "link_recovery": gettext_lazy("Account recovery"),
    "code_recovery": gettext_lazy("Account recovery"),
}


@dataclass(frozen=True)
class DeviceSession:
    """A session for the page. Values from Kratos are not marked safe.

    ``place``: a place, or else an IP address; may be empty. ``methods``: how the user signed in.
    """

    id: str
    title: str
    place: str
    signed_in_at: datetime | None
    methods: tuple[str, ...]


def build_device_session(session: Session, *, user_agent: str = "") -> DeviceSession:
    """Describe a session. ``user_agent``: of the request, for the session of the request."""
    return DeviceSession(
        id=session.id,
        title=describe_user_agent(user_agent) if user_agent else describe_device(session),
        place=describe_place(session),
        signed_in_at=session.authenticated_at,
        methods=describe_methods(session),
    )


def describe_device(session: Session) -> str:
    """Return the browser and the platform of a session."""
    device = _get_device(session)
    return describe_user_agent((device.user_agent if device else "") or "")


def describe_methods(session: Session) -> tuple[str, ...]:
    """Return how the user signed in, each method once."""
    return tuple(dict.fromkeys(map(_describe_method, session.authentication_methods[:MAX_METHODS])))


def describe_user_agent(user_agent: str) -> str:
    """Return the browser and the platform, such as "Firefox on Windows", or one of them."""
    text = user_agent[:MAX_USER_AGENT_LENGTH]
    browser, platform = _find(BROWSERS, text), _find(PLATFORMS, text)
    if browser and platform:
        return _("%(browser)s on %(platform)s") % {"browser": browser, "platform": platform}
    if platform and not text.startswith("Mozilla/"):
        browser = ""
    program = PROGRAM.match(text)
    if not browser and program is not None and program[1] != "Mozilla":
        browser = program[1]
    return browser or platform or _("Unknown device")


def _find(table: Sequence[tuple[re.Pattern[str], str]], text: str) -> str:
    return next((name for pattern, name in table if pattern.search(text)), "")


def _get_device(session: Session) -> SessionDevice | None:
    return session.devices[-1] if session.devices else None  # Kratos adds one with each sign-in


def describe_place(session: Session) -> str:
    """Return the place, which a proxy sends to Kratos, or else the address without its port."""
    device = _get_device(session)
    if device is None:
        return ""
    place = (device.location or "").strip(" ,")
    address = device.ip_address or ""
    if not place and address.count(":") == 1:
        address = address.partition(":")[0]
    elif not place and address.startswith("["):
        address = address[1:].partition("]")[0]
    return (place or address)[:MAX_PLACE_LENGTH]


def _describe_method(method: SessionAuthenticationMethod) -> str:
    if method.method == "oidc" and method.provider:
        return get_provider_name(method.provider[:MAX_PLACE_LENGTH])
    known = METHODS.get(method.method)
    return str(known) if known is not None else build_label(method.method[:MAX_PLACE_LENGTH])
