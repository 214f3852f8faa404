"""What is sent to log in or register, a class per method. Browsers add ``csrf_token``; native apps do not."""

from __future__ import annotations

from typing import Any

from .model import OryBody

__all__ = [
    "PerformNativeLogoutBody",
    "UpdateFedcmFlowBody",
    "UpdateLoginFlowBody",
    "UpdateLoginFlowWithCodeMethod",
    "UpdateLoginFlowWithDeviceAuthnMethod",
    "UpdateLoginFlowWithIdentifierFirstMethod",
    "UpdateLoginFlowWithLookupSecretMethod",
    "UpdateLoginFlowWithOidcMethod",
    "UpdateLoginFlowWithPasskeyMethod",
    "UpdateLoginFlowWithPasswordMethod",
    "UpdateLoginFlowWithSamlMethod",
    "UpdateLoginFlowWithTotpMethod",
    "UpdateLoginFlowWithWebAuthnMethod",
    "UpdateRegistrationFlowBody",
    "UpdateRegistrationFlowWithCodeMethod",
    "UpdateRegistrationFlowWithOidcMethod",
    "UpdateRegistrationFlowWithPasskeyMethod",
    "UpdateRegistrationFlowWithPasswordMethod",
    "UpdateRegistrationFlowWithProfileMethod",
    "UpdateRegistrationFlowWithSamlMethod",
    "UpdateRegistrationFlowWithWebAuthnMethod",
]


class UpdateLoginFlowWithCodeMethod(OryBody):
    """A code by mail or text message: first ``identifier``, then ``code``; ``resend`` asks for another."""

    method: str
    csrf_token: str | None = None
    address: str | None = None
    code: str | None = None
    identifier: str | None = None
    resend: str | None = None
    transient_payload: dict[str, Any] | None = None


class UpdateLoginFlowWithDeviceAuthnMethod(OryBody):
    """A signature of a key in a phone, in base64."""

    method: str
    client_key_id: str
    signature: str
    pin_proof: str | None = None
    transient_payload: dict[str, Any] | None = None


class UpdateLoginFlowWithIdentifierFirstMethod(OryBody):
    """The identifier alone; the flow then offers what that identity has."""

    method: str
    identifier: str
    csrf_token: str | None = None
    transient_payload: dict[str, Any] | None = None


class UpdateLoginFlowWithLookupSecretMethod(OryBody):
    """One of the backup codes."""

    method: str
    lookup_secret: str
    csrf_token: str | None = None


class UpdateLoginFlowWithOidcMethod(OryBody):
    """A provider's id from Kratos' configuration, or an ``id_token`` that a native app has got from it."""

    method: str
    provider: str
    id_token: str | None = None
    id_token_nonce: str | None = None
    traits: dict[str, Any] | None = None
    upstream_parameters: dict[str, Any] | None = None
    csrf_token: str | None = None
    transient_payload: dict[str, Any] | None = None


class UpdateLoginFlowWithPasskeyMethod(OryBody):
    """``passkey_login``: the browser's answer, as JSON text."""

    method: str
    passkey_login: str | None = None
    csrf_token: str | None = None


class UpdateLoginFlowWithPasswordMethod(OryBody):
    """Identifier and password."""

    method: str
    identifier: str
    password: str
    password_identifier: str | None = None
    csrf_token: str | None = None
    transient_payload: dict[str, Any] | None = None


class UpdateLoginFlowWithSamlMethod(OryBody):
    """A SAML provider's id."""

    method: str
    provider: str
    csrf_token: str | None = None
    transient_payload: dict[str, Any] | None = None


class UpdateLoginFlowWithTotpMethod(OryBody):
    """The six digits of an authenticator app."""

    method: str
    totp_code: str
    csrf_token: str | None = None
    transient_payload: dict[str, Any] | None = None


class UpdateLoginFlowWithWebAuthnMethod(OryBody):
    """``webauthn_login``: the browser's answer, as JSON text."""

    method: str
    identifier: str
    webauthn_login: str | None = None
    csrf_token: str | None = None
    transient_payload: dict[str, Any] | None = None


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


class UpdateRegistrationFlowWithCodeMethod(OryBody):
    """Traits, then the code that was sent."""

    method: str
    traits: dict[str, Any]
    code: str | None = None
    resend: str | None = None
    csrf_token: str | None = None
    transient_payload: dict[str, Any] | None = None


class UpdateRegistrationFlowWithOidcMethod(OryBody):
    """A provider's id from Kratos' configuration, or an ``id_token`` that a native app has got from it."""

    method: str
    provider: str
    id_token: str | None = None
    id_token_nonce: str | None = None
    traits: dict[str, Any] | None = None
    upstream_parameters: dict[str, Any] | None = None
    csrf_token: str | None = None
    transient_payload: dict[str, Any] | None = None


class UpdateRegistrationFlowWithPasskeyMethod(OryBody):
    """Traits, then ``passkey_register``: the browser's answer, as JSON text."""

    method: str
    traits: dict[str, Any]
    passkey_register: str | None = None
    csrf_token: str | None = None
    transient_payload: dict[str, Any] | None = None


class UpdateRegistrationFlowWithPasswordMethod(OryBody):
    """Traits and a password."""

    method: str
    password: str
    traits: dict[str, Any]
    csrf_token: str | None = None
    transient_payload: dict[str, Any] | None = None


class UpdateRegistrationFlowWithProfileMethod(OryBody):
    """The first step of a registration in two: traits alone. ``screen`` goes back."""

    method: str
    traits: dict[str, Any]
    screen: str | None = None
    csrf_token: str | None = None
    transient_payload: dict[str, Any] | None = None


class UpdateRegistrationFlowWithSamlMethod(OryBody):
    """A SAML provider's id."""

    method: str
    provider: str
    traits: dict[str, Any] | None = None
    csrf_token: str | None = None
    transient_payload: dict[str, Any] | None = None


class UpdateRegistrationFlowWithWebAuthnMethod(OryBody):
    """Traits, then ``webauthn_register``: the browser's answer, as JSON text."""

    method: str
    traits: dict[str, Any]
    webauthn_register: str | None = None
    webauthn_register_displayname: str | None = None
    csrf_token: str | None = None
    transient_payload: dict[str, Any] | None = None


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
    """The token that the browser's FedCM call gave."""

    token: str
    csrf_token: str
    nonce: str | None = None
    transient_payload: dict[str, Any] | None = None


class PerformNativeLogoutBody(OryBody):
    """The session token to end."""

    session_token: str
