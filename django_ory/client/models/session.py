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
    """Where the session was used from. ``ip_address`` may carry a port."""

    id: str | None = None
    ip_address: str | None = None
    user_agent: str | None = None
    location: str | None = None


class Session(OryModel):
    """A login. ``identity`` is None where Kratos was not asked to expand it, or may not show it yet."""

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
    """How many sessions were revoked; Kratos counts those that had been before as well."""

    count: int | None = None


class ManageSessionsResponse(OryModel):
    """How far a change of sessions in bulk has come; ``more`` says to call again."""

    processed: int | None = None
    more: bool | None = None


class LogoutFlow(OryModel):
    """Where a browser goes to log out. Both fields are secrets: whoever has them can end the session."""

    logout_url: str
    logout_token: str
