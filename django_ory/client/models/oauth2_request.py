"""Login, consent and logout requests of Hydra, and what the provider answers them with."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from .model import AwareDatetime, NullableList, OryBody, OryModel
from .oauth2_client import OAuth2Client


class OAuth2RedirectTo(OryModel):
    """Where the browser must go. Join it with the public URL before you compare hosts: it may be relative."""

    redirect_to: str


class OAuth2ConsentRequestOpenIDConnectContext(OryModel):
    """What the client asked for in OpenID Connect's own terms."""

    acr_values: NullableList[str] = []
    display: str | None = None
    id_token_hint_claims: dict[str, Any] | None = None
    login_hint: str | None = None
    ui_locales: NullableList[str] = []


class OAuth2LoginRequest(OryModel):
    """Who shall log in, and for which client. ``skip``: Hydra knows the subject already."""

    challenge: str
    client: OAuth2Client = Field(default_factory=OAuth2Client)
    oidc_context: OAuth2ConsentRequestOpenIDConnectContext | None = None
    request_url: str = ""
    requested_access_token_audience: NullableList[str] = []
    requested_resources: NullableList[str] = []
    requested_scope: NullableList[str] = []
    session_id: str | None = None
    skip: bool = False
    subject: str = ""


class OAuth2ConsentRequest(OryModel):
    """What the client wants from the subject. ``skip``: it was granted before."""

    challenge: str
    acr: str | None = None
    amr: NullableList[str] = []
    client: OAuth2Client = Field(default_factory=OAuth2Client)
    consent_request_id: str | None = None
    context: Any = None
    login_challenge: str | None = None
    login_session_id: str | None = None
    oidc_context: OAuth2ConsentRequestOpenIDConnectContext | None = None
    request_url: str = ""
    requested_access_token_audience: NullableList[str] = []
    requested_resources: NullableList[str] = []
    requested_scope: NullableList[str] = []
    skip: bool = False
    subject: str = ""


class OAuth2LogoutRequest(OryModel):
    """Who wants to log out. ``client`` is None unless a client started it (``rp_initiated``)."""

    challenge: str | None = None
    client: OAuth2Client | None = None
    expires_at: AwareDatetime | None = None
    request_url: str = ""
    requested_at: AwareDatetime | None = None
    rp_initiated: bool = False
    sid: str | None = None
    subject: str = ""


class AcceptOAuth2LoginRequest(OryBody):
    """The subject has logged in. ``remember_for`` is in seconds."""

    acr: str | None = None
    amr: NullableList[str] = []
    context: Any = None
    extend_session_lifespan: bool | None = None
    force_subject_identifier: str | None = None
    identity_provider_session_id: str | None = None
    remember: bool | None = None
    remember_for: int | None = None
    subject: str | None = None


class AcceptOAuth2ConsentRequestSession(OryModel):
    """Claims for the access token (also in introspection) and for the ID token (also in userinfo)."""

    access_token: Any = None
    id_token: Any = None


class AcceptOAuth2ConsentRequest(OryBody):
    """What the subject grants. Only what is set is sent."""

    context: Any = None
    grant_access_token_audience: NullableList[str] = []
    grant_scope: NullableList[str] = []
    remember: bool | None = None
    remember_for: int | None = None
    session: AcceptOAuth2ConsentRequestSession | None = None


class RejectOAuth2Request(OryBody):
    """Why not, in OAuth2's terms: ``error`` such as access_denied."""

    error: str | None = None
    error_debug: str | None = None
    error_description: str | None = None
    error_hint: str | None = None
    status_code: int | None = None


class AcceptDeviceUserCodeRequest(OryBody):
    """The code that a device shows."""

    user_code: str | None = None


class OAuth2ConsentSession(OryModel):
    """A consent that was given. ``remember_for`` is in seconds."""

    consent_request: OAuth2ConsentRequest | None = None
    consent_request_id: str | None = None
    context: Any = None
    grant_access_token_audience: NullableList[str] = []
    grant_scope: NullableList[str] = []
    handled_at: AwareDatetime | None = None
    remember: bool | None = None
    remember_for: int | None = None
    session: AcceptOAuth2ConsentRequestSession | None = None
    expires_at: Any = None  # up to v2.3: per kind of token
