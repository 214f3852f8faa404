"""Login, consent and logout requests of Hydra, and the bodies that accept or reject them."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from .model import AwareDatetime, NullableList, OryBody, OryModel
from .oauth2_client import OAuth2Client


class OAuth2RedirectTo(OryModel):
    """The URL to redirect the browser to, which may be relative to Hydra's public URL."""

    redirect_to: str


class OAuth2ConsentRequestOpenIDConnectContext(OryModel):
    """Parameters of OpenID Connect from the client's request."""

    acr_values: NullableList[str] = []
    display: str | None = None
    id_token_hint_claims: dict[str, Any] | None = None
    login_hint: str | None = None
    ui_locales: NullableList[str] = []


class _AuthorizationRequest(OryModel):
    challenge: str
    client: OAuth2Client = Field(default_factory=OAuth2Client)
    oidc_context: OAuth2ConsentRequestOpenIDConnectContext | None = None
    request_url: str = ""
    requested_access_token_audience: NullableList[str] = []
    requested_resources: NullableList[str] = []
    requested_scope: NullableList[str] = []
    skip: bool = False
    subject: str = ""


class OAuth2LoginRequest(_AuthorizationRequest):
    """A login request. ``skip``: Hydra already has a session of the subject."""

    session_id: str | None = None


class OAuth2ConsentRequest(_AuthorizationRequest):
    """A consent request. ``skip``: the subject granted the same before."""

    acr: str | None = None
    amr: NullableList[str] = []
    consent_request_id: str | None = None
    context: Any = None
    login_challenge: str | None = None
    login_session_id: str | None = None


class OAuth2LogoutRequest(OryModel):
    """A logout request. ``client`` is None unless a client started the logout (``rp_initiated``)."""

    challenge: str | None = None
    client: OAuth2Client | None = None
    expires_at: AwareDatetime | None = None
    request_url: str = ""
    requested_at: AwareDatetime | None = None
    rp_initiated: bool = False
    sid: str | None = None
    subject: str = ""


class AcceptOAuth2LoginRequest(OryBody):
    """Accepts a login. ``remember_for`` is in seconds."""

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
    """Grants scopes and audiences. Only fields that are set are sent."""

    context: Any = None
    grant_access_token_audience: NullableList[str] = []
    grant_scope: NullableList[str] = []
    remember: bool | None = None
    remember_for: int | None = None
    session: AcceptOAuth2ConsentRequestSession | None = None


class RejectOAuth2Request(OryBody):
    """Rejects a request: ``error`` is an error code of OAuth2 such as access_denied."""

    error: str | None = None
    error_debug: str | None = None
    error_description: str | None = None
    error_hint: str | None = None
    status_code: int | None = None


class AcceptDeviceUserCodeRequest(OryBody):
    """The code shown by a device."""

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
