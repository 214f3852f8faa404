"""Bodies that create and change identities. Strict: an unknown field raises ValidationError.

Only fields that were set are sent. None is a value: ``UpdateIdentityBody(..., metadata_public=None)`` clears
the field.
"""

from __future__ import annotations

from typing import Any

from .identity import RecoveryIdentityAddress, VerifiableIdentityAddress  # noqa: TC001 (pydantic reads it)
from .model import OryBody


class IdentityWithCredentialsPasswordConfig(OryBody):
    """``password`` in clear text, or ``hashed_password`` in a format that Kratos imports."""

    password: str | None = None
    hashed_password: str | None = None
    use_password_migration_hook: bool | None = None


class IdentityWithCredentialsPassword(OryBody):
    """A password to import."""

    config: IdentityWithCredentialsPasswordConfig | None = None


class IdentityWithCredentialsOidcConfigProvider(OryBody):
    """An account at an OpenID provider: ``provider`` is its id in Kratos' configuration."""

    provider: str
    subject: str
    organization: str | None = None
    use_auto_link: bool | None = None


class IdentityWithCredentialsOidcConfig(OryBody):
    """Accounts at OpenID providers."""

    providers: list[IdentityWithCredentialsOidcConfigProvider] | None = None


class IdentityWithCredentialsOidc(OryBody):
    """Sign-in through OpenID providers, to import."""

    config: IdentityWithCredentialsOidcConfig | None = None


class IdentityWithCredentialsSamlConfigProvider(OryBody):
    """An account at a SAML provider."""

    provider: str
    subject: str
    organization: str | None = None


class IdentityWithCredentialsSamlConfig(OryBody):
    """Accounts at SAML providers."""

    providers: list[IdentityWithCredentialsSamlConfigProvider] | None = None


class IdentityWithCredentialsSaml(OryBody):
    """Sign-in through SAML providers, to import."""

    config: IdentityWithCredentialsSamlConfig | None = None


class IdentityWithCredentialsTotpConfig(OryBody):
    """``totp_url``: the otpauth:// address with the secret."""

    totp_url: str | None = None


class IdentityWithCredentialsTotp(OryBody):
    """A TOTP secret to import."""

    config: IdentityWithCredentialsTotpConfig | None = None


class IdentityWithCredentialsWebAuthnConfig(OryBody):
    """Security keys, as Kratos stores them."""

    credentials: list[dict[str, Any]] | None = None
    user_handle: Any = None


class IdentityWithCredentialsWebAuthn(OryBody):
    """Security keys to import."""

    config: IdentityWithCredentialsWebAuthnConfig | None = None


class IdentityWithCredentialsPasskeyConfig(OryBody):
    """Passkeys, as Kratos stores them."""

    credentials: list[dict[str, Any]] | None = None
    user_handle: Any = None


class IdentityWithCredentialsPasskey(OryBody):
    """Passkeys to import."""

    config: IdentityWithCredentialsPasskeyConfig | None = None


class AdminIdentityImportCredentialsLookupSecretConfig(OryBody):
    """Backup codes: ``[{"code": ..., "used_at": ...}]``."""

    codes: list[dict[str, Any]] | None = None


class AdminIdentityImportCredentialsLookupSecret(OryBody):
    """Backup codes to import."""

    config: AdminIdentityImportCredentialsLookupSecretConfig | None = None


class IdentityWithCredentials(OryBody):
    """The credentials to import with an identity."""

    password: IdentityWithCredentialsPassword | None = None
    oidc: IdentityWithCredentialsOidc | None = None
    saml: IdentityWithCredentialsSaml | None = None
    totp: IdentityWithCredentialsTotp | None = None
    lookup_secret: AdminIdentityImportCredentialsLookupSecret | None = None
    webauthn: IdentityWithCredentialsWebAuthn | None = None
    passkey: IdentityWithCredentialsPasskey | None = None


class CreateIdentityBody(OryBody):
    """A new identity. ``external_id`` since Kratos v25.4, ``organization_id`` since v1.1."""

    schema_id: str
    traits: dict[str, Any]
    state: str | None = None
    credentials: IdentityWithCredentials | None = None
    verifiable_addresses: list[VerifiableIdentityAddress] | None = None
    recovery_addresses: list[RecoveryIdentityAddress] | None = None
    metadata_public: Any = None
    metadata_admin: Any = None
    organization_id: str | None = None
    external_id: str | None = None
    region: str | None = None


class UpdateIdentityBody(OryBody):
    """A replacement of an identity. Metadata that is not sent is cleared, credentials are kept."""

    schema_id: str
    state: str
    traits: dict[str, Any]
    credentials: IdentityWithCredentials | None = None
    metadata_public: Any = None
    metadata_admin: Any = None
    external_id: str | None = None
    region: str | None = None


class IdentityPatch(OryBody):
    """One identity of a batch. ``patch_id`` is returned with the result."""

    create: CreateIdentityBody | None = None
    patch_id: str | None = None


class PatchIdentitiesBody(OryBody):
    """Up to 1000 identities to create at once, 200 with passwords in clear text (2000 before v25.4)."""

    identities: list[IdentityPatch] | None = None
    with_partial_inserts: bool | None = None


class CreateRecoveryCodeForIdentityBody(OryBody):
    """``expires_in`` is a Go duration such as "12h"; ``flow_type`` browser or api (v25.4)."""

    identity_id: str
    expires_in: str | None = None
    flow_type: str | None = None


class CreateRecoveryLinkForIdentityBody(OryBody):
    """``expires_in`` is a Go duration such as "12h"."""

    identity_id: str
    expires_in: str | None = None


class ManageSessionsBody(OryBody):
    """The ``action`` for the sessions of ``identities`` (ids) or for ``sessions`` (ids)."""

    action: str
    identities: list[str] | None = None
    sessions: list[str] | None = None


class CreateTestLoginFlowBody(OryBody):
    """The OpenID provider to test."""

    provider_id: str
