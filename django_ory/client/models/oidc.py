"""OpenID Connect: discovery, userinfo and verifiable credentials."""

from __future__ import annotations

from typing import Annotated

from pydantic import Strict

from .model import NullableList, OrNone, OryBody, OryModel


class CredentialSupportedDraft00(OryModel):
    """A type of credential that Hydra can issue."""

    cryptographic_binding_methods_supported: NullableList[str] = []
    cryptographic_suites_supported: NullableList[str] = []
    format: str | None = None
    types: NullableList[str] = []


class OidcConfiguration(OryModel):
    """The endpoints and features of the issuer (OpenID Connect Discovery 1.0)."""

    authorization_endpoint: str | None = None
    backchannel_logout_session_supported: bool | None = None
    backchannel_logout_supported: bool | None = None
    claims_parameter_supported: bool | None = None
    claims_supported: NullableList[str] = []
    code_challenge_methods_supported: NullableList[str] = []
    credentials_endpoint_draft_00: str | None = None
    credentials_supported_draft_00: NullableList[CredentialSupportedDraft00] = []
    device_authorization_endpoint: str | None = None
    end_session_endpoint: str | None = None
    frontchannel_logout_session_supported: bool | None = None
    frontchannel_logout_supported: bool | None = None
    grant_types_supported: NullableList[str] = []
    id_token_signed_response_alg: NullableList[str] = []
    id_token_signing_alg_values_supported: NullableList[str] = []
    issuer: str | None = None
    jwks_uri: str | None = None
    registration_endpoint: str | None = None
    request_object_signing_alg_values_supported: NullableList[str] = []
    request_parameter_supported: bool | None = None
    request_uri_parameter_supported: bool | None = None
    require_request_uri_registration: bool | None = None
    response_modes_supported: NullableList[str] = []
    response_types_supported: NullableList[str] = []
    revocation_endpoint: str | None = None
    scopes_supported: NullableList[str] = []
    subject_types_supported: NullableList[str] = []
    token_endpoint: str | None = None
    token_endpoint_auth_methods_supported: NullableList[str] = []
    userinfo_endpoint: str | None = None
    userinfo_signed_response_alg: NullableList[str] = []
    userinfo_signing_alg_values_supported: NullableList[str] = []


class OidcUserInfo(OryModel):
    """Claims about the owner of an access token. Check that ``sub`` is set.

    The consent decides the claims. A claim of a wrong type is None, but ``sub`` must be text.
    """

    birthdate: OrNone[str] = None
    email: OrNone[str] = None
    email_verified: OrNone[bool] = None
    family_name: OrNone[str] = None
    gender: OrNone[str] = None
    given_name: OrNone[str] = None
    locale: OrNone[str] = None
    middle_name: OrNone[str] = None
    name: OrNone[str] = None
    nickname: OrNone[str] = None
    phone_number: OrNone[str] = None
    phone_number_verified: OrNone[bool] = None
    picture: OrNone[str] = None
    preferred_username: OrNone[str] = None
    profile: OrNone[str] = None
    sub: Annotated[str, Strict()] | None = None
    updated_at: OrNone[int] = None
    website: OrNone[str] = None
    zoneinfo: OrNone[str] = None


class VerifiableCredentialProof(OryBody):
    """The proof that the wallet has the private key."""

    jwt: str | None = None
    proof_type: str | None = None


class CreateVerifiableCredentialRequestBody(OryBody):
    """The requested credential."""

    format: str | None = None
    proof: VerifiableCredentialProof | None = None
    types: NullableList[str] = []


class VerifiableCredentialResponse(OryModel):
    """A credential."""

    credential_draft_00: str | None = None
    format: str | None = None
