"""Bodies of self-service flows, a class per flow and method. Only browsers need ``csrf_token``."""

from __future__ import annotations

from typing import Any

from .model import OryBody


class _MethodBody(OryBody):
    method: str
    csrf_token: str | None = None


class _FlowBody(_MethodBody):
    transient_payload: dict[str, Any] | None = None


class _OidcBody(_FlowBody):
    provider: str
    id_token: str | None = None
    id_token_nonce: str | None = None
    traits: dict[str, Any] | None = None
    upstream_parameters: dict[str, Any] | None = None


class UpdateLoginFlowWithCodeMethod(_FlowBody):
    """A code by mail or text message: first ``identifier``, then ``code``; ``resend`` asks for another."""

    address: str | None = None
    code: str | None = None
    identifier: str | None = None
    resend: str | None = None


class UpdateLoginFlowWithDeviceAuthnMethod(OryBody):
    """A signature by a key of a device, in base64."""

    method: str
    client_key_id: str
    signature: str
    pin_proof: str | None = None
    transient_payload: dict[str, Any] | None = None


class UpdateLoginFlowWithIdentifierFirstMethod(_FlowBody):
    """The identifier alone; the flow then offers the methods of that identity."""

    identifier: str


class UpdateLoginFlowWithLookupSecretMethod(_MethodBody):
    """One of the backup codes."""

    lookup_secret: str


class UpdateLoginFlowWithOidcMethod(_OidcBody):
    """The id of a provider in Kratos' configuration, or its ``id_token`` from a native app."""


class UpdateLoginFlowWithPasskeyMethod(_MethodBody):
    """``passkey_login``: the browser's response, as JSON text."""

    passkey_login: str | None = None


class UpdateLoginFlowWithPasswordMethod(_FlowBody):
    """Identifier and password."""

    identifier: str
    password: str
    password_identifier: str | None = None


class UpdateLoginFlowWithSamlMethod(_FlowBody):
    """The id of a SAML provider."""

    provider: str


class UpdateLoginFlowWithTotpMethod(_FlowBody):
    """The six digits of an authenticator app."""

    totp_code: str


class UpdateLoginFlowWithWebAuthnMethod(_FlowBody):
    """``webauthn_login``: the browser's response, as JSON text."""

    identifier: str
    webauthn_login: str | None = None


UpdateLoginFlowBody = (
    UpdateLoginFlowWithCodeMethod
    | UpdateLoginFlowWithDeviceAuthnMethod
    | UpdateLoginFlowWithIdentifierFirstMethod
    | UpdateLoginFlowWithLookupSecretMethod
    | UpdateLoginFlowWithOidcMethod
    | UpdateLoginFlowWithPasskeyMethod
    | UpdateLoginFlowWithPasswordMethod
    | UpdateLoginFlowWithSamlMethod
    | UpdateLoginFlowWithTotpMethod
    | UpdateLoginFlowWithWebAuthnMethod
)


class UpdateRegistrationFlowWithCodeMethod(_FlowBody):
    """Traits, then the code that was sent."""

    traits: dict[str, Any]
    code: str | None = None
    resend: str | None = None


class UpdateRegistrationFlowWithOidcMethod(_OidcBody):
    """The id of a provider in Kratos' configuration, or its ``id_token`` from a native app."""


class UpdateRegistrationFlowWithPasskeyMethod(_FlowBody):
    """Traits, then ``passkey_register``: the browser's response, as JSON text."""

    traits: dict[str, Any]
    passkey_register: str | None = None


class UpdateRegistrationFlowWithPasswordMethod(_FlowBody):
    """Traits and a password."""

    password: str
    traits: dict[str, Any]


class UpdateRegistrationFlowWithProfileMethod(_FlowBody):
    """The first step of a registration in two steps: traits alone. ``screen`` returns to it."""

    traits: dict[str, Any]
    screen: str | None = None


class UpdateRegistrationFlowWithSamlMethod(_FlowBody):
    """The id of a SAML provider."""

    provider: str
    traits: dict[str, Any] | None = None


class UpdateRegistrationFlowWithWebAuthnMethod(_FlowBody):
    """Traits, then ``webauthn_register``: the browser's response, as JSON text."""

    traits: dict[str, Any]
    webauthn_register: str | None = None
    webauthn_register_displayname: str | None = None


UpdateRegistrationFlowBody = (
    UpdateRegistrationFlowWithCodeMethod
    | UpdateRegistrationFlowWithOidcMethod
    | UpdateRegistrationFlowWithPasskeyMethod
    | UpdateRegistrationFlowWithPasswordMethod
    | UpdateRegistrationFlowWithProfileMethod
    | UpdateRegistrationFlowWithSamlMethod
    | UpdateRegistrationFlowWithWebAuthnMethod
)


class UpdateFedcmFlowBody(OryBody):
    """The token from the browser's FedCM call."""

    token: str
    csrf_token: str
    nonce: str | None = None
    transient_payload: dict[str, Any] | None = None


class PerformNativeLogoutBody(OryBody):
    """The session token to revoke."""

    session_token: str


class UpdateRecoveryFlowWithCodeMethod(_FlowBody):
    """First ``email`` (or ``recovery_address``), then the ``code`` that was sent there."""

    code: str | None = None
    email: str | None = None
    recovery_address: str | None = None
    recovery_confirm_address: str | None = None
    recovery_select_address: str | None = None
    screen: str | None = None


class UpdateRecoveryFlowWithLinkMethod(_FlowBody):
    """The address to send a link to."""

    email: str


UpdateRecoveryFlowBody = UpdateRecoveryFlowWithCodeMethod | UpdateRecoveryFlowWithLinkMethod


class UpdateVerificationFlowWithCodeMethod(_FlowBody):
    """First ``email``, then the ``code`` that was sent there."""

    code: str | None = None
    email: str | None = None


class UpdateVerificationFlowWithLinkMethod(_FlowBody):
    """The address to send a link to."""

    email: str


UpdateVerificationFlowBody = UpdateVerificationFlowWithCodeMethod | UpdateVerificationFlowWithLinkMethod


class UpdateSettingsFlowWithDeviceAuthnMethod(_FlowBody):
    """A key of a device to add, to remove or to change."""

    deviceauthn_register: dict[str, Any] | None = None
    deviceauthn_remove: str | None = None
    rotate_secret: dict[str, Any] | None = None


class UpdateSettingsFlowWithLookupMethod(_FlowBody):
    """Create, show, confirm or remove backup codes."""

    lookup_secret_confirm: bool | None = None
    lookup_secret_disable: bool | None = None
    lookup_secret_regenerate: bool | None = None
    lookup_secret_reveal: bool | None = None


class UpdateSettingsFlowWithOidcMethod(_FlowBody):
    """The provider to ``link`` or to ``unlink``."""

    flow: str | None = None
    link: str | None = None
    traits: dict[str, Any] | None = None
    unlink: str | None = None
    upstream_parameters: dict[str, Any] | None = None


class UpdateSettingsFlowWithPasskeyMethod(_MethodBody):
    """``passkey_settings_register``: the browser's response; ``passkey_remove``: the id of a passkey."""

    passkey_remove: str | None = None
    passkey_settings_register: str | None = None


class UpdateSettingsFlowWithPasswordMethod(_FlowBody):
    """A new password."""

    password: str


class UpdateSettingsFlowWithProfileMethod(_FlowBody):
    """All traits, which replace the present ones."""

    traits: dict[str, Any]


class UpdateSettingsFlowWithSamlMethod(_FlowBody):
    """The SAML provider to ``link`` or to ``unlink``."""

    flow: str | None = None
    link: str | None = None
    traits: dict[str, Any] | None = None
    unlink: str | None = None


class UpdateSettingsFlowWithTotpMethod(_FlowBody):
    """A code of the new authenticator app, or ``totp_unlink``."""

    totp_code: str | None = None
    totp_unlink: bool | None = None


class UpdateSettingsFlowWithWebAuthnMethod(_FlowBody):
    """``webauthn_register``: the browser's response; ``webauthn_remove``: the id of a key."""

    webauthn_register: str | None = None
    webauthn_register_displayname: str | None = None
    webauthn_remove: str | None = None


UpdateSettingsFlowBody = (
    UpdateSettingsFlowWithDeviceAuthnMethod
    | UpdateSettingsFlowWithLookupMethod
    | UpdateSettingsFlowWithOidcMethod
    | UpdateSettingsFlowWithPasskeyMethod
    | UpdateSettingsFlowWithPasswordMethod
    | UpdateSettingsFlowWithProfileMethod
    | UpdateSettingsFlowWithSamlMethod
    | UpdateSettingsFlowWithTotpMethod
    | UpdateSettingsFlowWithWebAuthnMethod
)
