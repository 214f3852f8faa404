"""Sessions of Kratos."""

from __future__ import annotations

from typing import Any

from .identity import Identity
from .model import Many, OryModel, Time

__all__ = ["Session", "SessionAuthenticationMethod", "SessionDevice"]


class SessionAuthenticationMethod(OryModel):
    """One step of a login. Methods are an open set: password, oidc, totp, code, passkey, ..."""

    method: str = ""
    aal: str = ""
    completed_at: Time | None = None
    provider: str | None = None
    organization: str | None = None
    upstream_acr: str | None = None
    upstream_amr: Any = None


class SessionDevice(OryModel):
    """Where the session was used from. ``ip_address`` may carry a port."""

    id: str | None = None
    ip_address: str | None = None
    user_agent: str | None = None
    location: str | None = None


class Session(OryModel):
    """A login. ``identity`` is None where Kratos was not asked to expand it, or may not show it yet."""

    id: str
    active: bool | None = None
    expires_at: Time | None = None
    authenticated_at: Time | None = None
    issued_at: Time | None = None
    authenticator_assurance_level: str | None = None
    authentication_methods: Many[SessionAuthenticationMethod] = []
    devices: Many[SessionDevice] = []
    identity: Identity | None = None
    tokenized: str | None = None
