"""What is sent to recover, verify or change an account, a class per method. Browsers add ``csrf_token``."""

from __future__ import annotations

from typing import Any

from .model import OryBody

__all__ = [
    "UpdateRecoveryFlowBody",
    "UpdateRecoveryFlowWithCodeMethod",
    "UpdateRecoveryFlowWithLinkMethod",
    "UpdateSettingsFlowBody",
    "UpdateSettingsFlowWithDeviceAuthnMethod",
    "UpdateSettingsFlowWithLookupMethod",
    "UpdateSettingsFlowWithOidcMethod",
    "UpdateSettingsFlowWithPasskeyMethod",
    "UpdateSettingsFlowWithPasswordMethod",
    "UpdateSettingsFlowWithProfileMethod",
    "UpdateSettingsFlowWithSamlMethod",
    "UpdateSettingsFlowWithTotpMethod",
    "UpdateSettingsFlowWithWebAuthnMethod",
    "UpdateVerificationFlowBody",
    "UpdateVerificationFlowWithCodeMethod",
    "UpdateVerificationFlowWithLinkMethod",
]


class UpdateRecoveryFlowWithCodeMethod(OryBody):
    """First ``email`` (or ``recovery_address``), then the ``code`` that was sent there."""

    method: str
    code: str | None = None
    email: str | None = None
    recovery_address: str | None = None
    recovery_confirm_address: str | None = None
    recovery_select_address: str | None = None
    screen: str | None = None
    csrf_token: str | None = None
    transient_payload: dict[str, Any] | None = None


class UpdateRecoveryFlowWithLinkMethod(OryBody):
    """The address that gets a link."""

    method: str
    email: str
    csrf_token: str | None = None
    transient_payload: dict[str, Any] | None = None


UpdateRecoveryFlowBody = UpdateRecoveryFlowWithCodeMethod | UpdateRecoveryFlowWithLinkMethod


class UpdateVerificationFlowWithCodeMethod(OryBody):
    """First ``email``, then the ``code`` that was sent there."""

    method: str
    code: str | None = None
    email: str | None = None
    csrf_token: str | None = None
    transient_payload: dict[str, Any] | None = None


class UpdateVerificationFlowWithLinkMethod(OryBody):
    """The address that gets a link."""

    method: str
    email: str
    csrf_token: str | None = None
    transient_payload: dict[str, Any] | None = None


UpdateVerificationFlowBody = UpdateVerificationFlowWithCodeMethod | UpdateVerificationFlowWithLinkMethod


class UpdateSettingsFlowWithDeviceAuthnMethod(OryBody):
    """A key in a phone to add, to remove or to change."""

    method: str
    deviceauthn_register: dict[str, Any] | None = None
    deviceauthn_remove: str | None = None
    rotate_secret: dict[str, Any] | None = None
    csrf_token: str | None = None
    transient_payload: dict[str, Any] | None = None


class UpdateSettingsFlowWithLookupMethod(OryBody):
    """Make, show, confirm or drop backup codes."""

    method: str
    lookup_secret_confirm: bool | None = None
    lookup_secret_disable: bool | None = None
    lookup_secret_regenerate: bool | None = None
    lookup_secret_reveal: bool | None = None
    csrf_token: str | None = None
    transient_payload: dict[str, Any] | None = None


class UpdateSettingsFlowWithOidcMethod(OryBody):
    """The provider to ``link`` or to ``unlink``."""

    method: str
    flow: str | None = None
    link: str | None = None
    traits: dict[str, Any] | None = None
    unlink: str | None = None
    upstream_parameters: dict[str, Any] | None = None
    csrf_token: str | None = None
    transient_payload: dict[str, Any] | None = None


class UpdateSettingsFlowWithPasskeyMethod(OryBody):
    """``passkey_settings_register``: the browser's answer; ``passkey_remove``: the id of one."""

    method: str
    passkey_remove: str | None = None
    passkey_settings_register: str | None = None
    csrf_token: str | None = None


class UpdateSettingsFlowWithPasswordMethod(OryBody):
    """A new password."""

    method: str
    password: str
    csrf_token: str | None = None
    transient_payload: dict[str, Any] | None = None


class UpdateSettingsFlowWithProfileMethod(OryBody):
    """All traits anew."""

    method: str
    traits: dict[str, Any]
    csrf_token: str | None = None
    transient_payload: dict[str, Any] | None = None


class UpdateSettingsFlowWithSamlMethod(OryBody):
    """The SAML provider to ``link`` or to ``unlink``."""

    method: str
    flow: str | None = None
    link: str | None = None
    traits: dict[str, Any] | None = None
    unlink: str | None = None
    csrf_token: str | None = None
    transient_payload: dict[str, Any] | None = None


class UpdateSettingsFlowWithTotpMethod(OryBody):
    """A code of the new authenticator app, or ``totp_unlink``."""

    method: str
    totp_code: str | None = None
    totp_unlink: bool | None = None
    csrf_token: str | None = None
    transient_payload: dict[str, Any] | None = None


class UpdateSettingsFlowWithWebAuthnMethod(OryBody):
    """``webauthn_register``: the browser's answer; ``webauthn_remove``: the id of one."""

    method: str
    webauthn_register: str | None = None
    webauthn_register_displayname: str | None = None
    webauthn_remove: str | None = None
    csrf_token: str | None = None
    transient_payload: dict[str, Any] | None = None


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
