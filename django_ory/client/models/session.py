"""Sessions of Kratos."""

from __future__ import annotations

from typing import Any

from .identity import Identity
from .model import AwareDatetime, NullableList, OryModel


class SessionAuthenticationMethod(OryModel):
    """One step of a login. Methods are an open set: password, oidc, totp, code, passkey, ..."""

    method: str = ""
    aal: str = ""
    completed_at: AwareDatetime | None = None
    provider: str | None = None
    organization: str | None = None
    channel: str | None = None
    upstream_acr: str | None = None
    upstream_amr: Any = None


class SessionDevice(OryModel):
    """A device of a session. ``ip_address`` may contain a port."""

    id: str | None = None
    ip_address: str | None = None
    user_agent: str | None = None
    location: str | None = None


class Session(OryModel):
    """A session. ``identity`` is None if it was not expanded, or before the second factor."""

    id: str
    active: bool | None = None
    expires_at: AwareDatetime | None = None
    authenticated_at: AwareDatetime | None = None
    issued_at: AwareDatetime | None = None
    authenticator_assurance_level: str | None = None
    authentication_methods: NullableList[SessionAuthenticationMethod] = []
    devices: NullableList[SessionDevice] = []
    identity: Identity | None = None
    tokenized: str | None = None


class DeleteMySessionsCount(OryModel):
    """The number of revoked sessions, including those revoked earlier."""

    count: int | None = None


class ManageSessionsResponse(OryModel):
    """Progress of a bulk change of sessions. Call again while ``more`` is true."""

    processed: int | None = None
    more: bool | None = None


class LogoutFlow(OryModel):
    """The URL that logs a browser out. Both fields are secrets: either one can end the session."""

    logout_url: str
    logout_token: str
