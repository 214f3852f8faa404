"""OAuth2 clients of Hydra."""

from __future__ import annotations

from typing import Any

from .jwk import JsonWebKeySet
from .model import AwareDatetime, NullableList, OryBody, OryModel


class _TokenLifespans(OryModel):
    authorization_code_grant_access_token_lifespan: str | None = None
    authorization_code_grant_id_token_lifespan: str | None = None
    authorization_code_grant_refresh_token_lifespan: str | None = None
    client_credentials_grant_access_token_lifespan: str | None = None
    device_authorization_grant_access_token_lifespan: str | None = None
    device_authorization_grant_id_token_lifespan: str | None = None
    device_authorization_grant_refresh_token_lifespan: str | None = None
    implicit_grant_access_token_lifespan: str | None = None
    implicit_grant_id_token_lifespan: str | None = None
    jwt_bearer_grant_access_token_lifespan: str | None = None
    refresh_token_grant_access_token_lifespan: str | None = None
    refresh_token_grant_id_token_lifespan: str | None = None
    refresh_token_grant_refresh_token_lifespan: str | None = None


class OAuth2ClientTokenLifespans(_TokenLifespans, OryBody):
    """Lifespans of a client's tokens by grant, such as ``"90m"``. None is the default of the server."""


class OAuth2Client(_TokenLifespans):
    """An OAuth2 client.

    ``client_secret`` and ``registration_access_token`` are only in the response that created them.
    ``scope`` is space separated, ``metadata`` is free JSON, ``skip_logout_consent`` has three states.
    """

    access_token_strategy: str | None = None
    allowed_cors_origins: NullableList[str] = []
    audience: NullableList[str] = []
    backchannel_logout_session_required: bool | None = None
    backchannel_logout_uri: str | None = None
    client_id: str | None = None
    client_name: str | None = None
    client_secret: str | None = None
    client_secret_expires_at: int | None = None
    client_uri: str | None = None
    contacts: NullableList[str] = []
    created_at: AwareDatetime | None = None
    frontchannel_logout_session_required: bool | None = None
    frontchannel_logout_uri: str | None = None
    grant_types: NullableList[str] = []
    jwks: JsonWebKeySet | None = None
    jwks_uri: str | None = None
    logo_uri: str | None = None
    metadata: Any = None
    owner: str | None = None
    policy_uri: str | None = None
    post_logout_redirect_uris: NullableList[str] = []
    redirect_uris: NullableList[str] = []
    registration_access_token: str | None = None
    registration_client_uri: str | None = None
    request_object_signing_alg: str | None = None
    request_uris: NullableList[str] = []
    response_types: NullableList[str] = []
    scope: str | None = None
    sector_identifier_uri: str | None = None
    skip_consent: bool | None = None
    skip_logout_consent: bool | None = None
    subject_type: str | None = None
    token_endpoint_auth_method: str | None = None
    token_endpoint_auth_signing_alg: str | None = None
    tos_uri: str | None = None
    updated_at: AwareDatetime | None = None
    userinfo_signed_response_alg: str | None = None


class RotateOAuth2ClientSecretBody(OryBody):
    """The new secret, if the caller chooses one."""

    client_secret: str | None = None
