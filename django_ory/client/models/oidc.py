"""OpenID Connect: discovery, userinfo and verifiable credentials."""

from __future__ import annotations

from typing import Annotated

from pydantic import Strict

from .model import Lenient, Many, OryBody, OryModel

__all__ = [
    "CreateVerifiableCredentialRequestBody",
    "CredentialSupportedDraft00",
    "OidcConfiguration",
    "OidcUserInfo",
    "VerifiableCredentialProof",
    "VerifiableCredentialResponse",
]


class CredentialSupportedDraft00(OryModel):
    """A kind of credential that Hydra can issue."""

    cryptographic_binding_methods_supported: Many[str] = []
    cryptographic_suites_supported: Many[str] = []
    format: str | None = None
    types: Many[str] = []


class OidcConfiguration(OryModel):
    """What the issuer offers, and where (OpenID Connect Discovery 1.0)."""

    authorization_endpoint: str | None = None
    backchannel_logout_session_supported: bool | None = None
    backchannel_logout_supported: bool | None = None
    claims_parameter_supported: bool | None = None
    claims_supported: Many[str] = []
    code_challenge_methods_supported: Many[str] = []
    credentials_endpoint_draft_00: str | None = None
    credentials_supported_draft_00: Many[CredentialSupportedDraft00] = []
    device_authorization_endpoint: str | None = None
    end_session_endpoint: str | None = None
    frontchannel_logout_session_supported: bool | None = None
    frontchannel_logout_supported: bool | None = None
    grant_types_supported: Many[str] = []
    id_token_signed_response_alg: Many[str] = []
    id_token_signing_alg_values_supported: Many[str] = []
    issuer: str | None = None
    jwks_uri: str | None = None
    registration_endpoint: str | None = None
    request_object_signing_alg_values_supported: Many[str] = []
    request_parameter_supported: bool | None = None
    request_uri_parameter_supported: bool | None = None
    require_request_uri_registration: bool | None = None
    response_modes_supported: Many[str] = []
    response_types_supported: Many[str] = []
    revocation_endpoint: str | None = None
    scopes_supported: Many[str] = []
    subject_types_supported: Many[str] = []
    token_endpoint: str | None = None
    token_endpoint_auth_methods_supported: Many[str] = []
    userinfo_endpoint: str | None = None
    userinfo_signed_response_alg: Many[str] = []
    userinfo_signing_alg_values_supported: Many[str] = []


class OidcUserInfo(OryModel):
    """Claims about the owner of an access token. Check that ``sub`` is there.

    The claims come from whoever gave the consent: one that is not of its type is None, but ``sub`` must be
    text.
    """

    birthdate: Lenient[str] = None
    email: Lenient[str] = None
    email_verified: Lenient[bool] = None
    family_name: Lenient[str] = None
    gender: Lenient[str] = None
    given_name: Lenient[str] = None
    locale: Lenient[str] = None
    middle_name: Lenient[str] = None
    name: Lenient[str] = None
    nickname: Lenient[str] = None
    phone_number: Lenient[str] = None
    phone_number_verified: Lenient[bool] = None
    picture: Lenient[str] = None
    preferred_username: Lenient[str] = None
    profile: Lenient[str] = None
    sub: Annotated[str, Strict()] | None = None
    updated_at: Lenient[int] = None
    website: Lenient[str] = None
    zoneinfo: Lenient[str] = None


class VerifiableCredentialProof(OryBody):
    """The proof that the wallet holds its key."""

    jwt: str | None = None
    proof_type: str | None = None


class CreateVerifiableCredentialRequestBody(OryBody):
    """Which credential is asked for."""

    format: str | None = None
    proof: VerifiableCredentialProof | None = None
    types: Many[str] = []


class VerifiableCredentialResponse(OryModel):
    """A credential."""

    credential_draft_00: str | None = None
    format: str | None = None
