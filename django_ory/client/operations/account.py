"""Kratos' recovery, verification and settings flows: make one, fetch it, submit it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django_ory.client import models
from django_ory.client.services import KRATOS_PUBLIC

from .operation import MAX_USER_DATA_BYTES, Operations, operation

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["RecoveryOperations", "SettingsOperations", "VerificationOperations"]


class RecoveryOperations(Operations):
    """Recovery. ``cookie`` is the browser's Cookie header; the flow belongs to its CSRF cookie."""

    @operation
    def initialize_self_service_recovery_flow_for_browsers(
        self,
        *,
        return_to: str | None = None,
        skip_settings: str | None = None,
        cookie: str | None = None,
    ) -> models.RecoveryFlow:
        """Start a recovery for a browser. Relay ``set_cookies`` of ``with_http_info`` to it.

        ``skip_settings`` is Ory Network's. Raises OryBadRequest (session_already_available, or recovery is
        off).
        Source: Kratos, GET /self-service/recovery/browser; first in v0.10.1.
        """
        return self._send(
            "GET /self-service/recovery/browser",
            KRATOS_PUBLIC,
            models.RecoveryFlow,
            query={"return_to": return_to, "skip_settings": skip_settings},
            headers={"Cookie": cookie},
            max_bytes=MAX_USER_DATA_BYTES,
        )

    create_browser_recovery_flow = initialize_self_service_recovery_flow_for_browsers

    @operation
    def initialize_self_service_recovery_flow_without_browser(self) -> models.RecoveryFlow:
        """Start a recovery for a native app.

        Raises OryBadRequest.
        Source: Kratos, GET /self-service/recovery/api; first in v0.10.1.
        """
        return self._send(
            "GET /self-service/recovery/api",
            KRATOS_PUBLIC,
            models.RecoveryFlow,
            max_bytes=MAX_USER_DATA_BYTES,
        )

    create_native_recovery_flow = initialize_self_service_recovery_flow_without_browser

    @operation
    def get_self_service_recovery_flow(
        self,
        *,
        id: str,
        cookie: str | None = None,
    ) -> models.RecoveryFlow:
        """Fetch a recovery flow.

        Raises OryNotFound, FlowGone, CSRFViolation.
        Source: Kratos, GET /self-service/recovery/flows; first in v0.10.1.
        """
        return self._send(
            "GET /self-service/recovery/flows",
            KRATOS_PUBLIC,
            models.RecoveryFlow,
            query={"id": id},
            headers={"Cookie": cookie},
            max_bytes=MAX_USER_DATA_BYTES,
        )

    get_recovery_flow = get_self_service_recovery_flow

    @operation
    def submit_self_service_recovery_flow(
        self,
        *,
        flow: str,
        body: models.UpdateRecoveryFlowBody | Mapping[str, Any],
        token: str | None = None,
        cookie: str | None = None,
    ) -> models.RecoveryFlow:
        """Submit a recovery flow. Decide on ``state`` and messages of the answer: a wrong code is a 200.

        ``token`` is the link's. Raises OryBadRequest, BrowserLocationChangeRequired (recovered: on to
        settings), and for an expired flow OryUnexpectedRedirect, whose Location has the new flow's id, or
        FlowGone.
        Source: Kratos, POST /self-service/recovery; first in v0.10.1.
        """
        return self._send(
            "POST /self-service/recovery",
            KRATOS_PUBLIC,
            models.RecoveryFlow,
            query={"flow": flow, "token": token},
            body=body,
            headers={"Cookie": cookie},
            max_bytes=MAX_USER_DATA_BYTES,
        )

    update_recovery_flow = submit_self_service_recovery_flow


class VerificationOperations(Operations):
    """Verification of an address."""

    @operation
    def initialize_self_service_verification_flow_for_browsers(
        self,
        *,
        return_to: str | None = None,
        cookie: str | None = None,
    ) -> models.VerificationFlow:
        """Start a verification for a browser. Relay ``set_cookies`` of ``with_http_info`` to it.

        Raises OryBadRequest (verification is off).
        Source: Kratos, GET /self-service/verification/browser; first in v0.10.1.
        """
        return self._send(
            "GET /self-service/verification/browser",
            KRATOS_PUBLIC,
            models.VerificationFlow,
            query={"return_to": return_to},
            headers={"Cookie": cookie},
            max_bytes=MAX_USER_DATA_BYTES,
        )

    create_browser_verification_flow = initialize_self_service_verification_flow_for_browsers

    @operation
    def initialize_self_service_verification_flow_without_browser(
        self,
        *,
        return_to: str | None = None,
    ) -> models.VerificationFlow:
        """Start a verification for a native app.

        ``return_to`` since v25.4. Raises OryBadRequest.
        Source: Kratos, GET /self-service/verification/api; first in v0.10.1.
        """
        return self._send(
            "GET /self-service/verification/api",
            KRATOS_PUBLIC,
            models.VerificationFlow,
            query={"return_to": return_to},
            max_bytes=MAX_USER_DATA_BYTES,
        )

    create_native_verification_flow = initialize_self_service_verification_flow_without_browser

    @operation
    def get_self_service_verification_flow(
        self,
        *,
        id: str,
        cookie: str | None = None,
    ) -> models.VerificationFlow:
        """Fetch a verification flow.

        Raises OryNotFound, FlowGone, CSRFViolation.
        Source: Kratos, GET /self-service/verification/flows; first in v0.10.1.
        """
        return self._send(
            "GET /self-service/verification/flows",
            KRATOS_PUBLIC,
            models.VerificationFlow,
            query={"id": id},
            headers={"Cookie": cookie},
            max_bytes=MAX_USER_DATA_BYTES,
        )

    get_verification_flow = get_self_service_verification_flow

    @operation
    def submit_self_service_verification_flow(
        self,
        *,
        flow: str,
        body: models.UpdateVerificationFlowBody | Mapping[str, Any],
        token: str | None = None,
        cookie: str | None = None,
    ) -> models.VerificationFlow:
        """Submit a verification flow. Decide on ``state`` and messages of the answer: a wrong code is a 200.

        ``token`` is the link's. Raises OryBadRequest, FlowGone, and OryUnexpectedRedirect for an expired
        flow; its Location has the new flow's id.
        Source: Kratos, POST /self-service/verification; first in v0.10.1.
        """
        return self._send(
            "POST /self-service/verification",
            KRATOS_PUBLIC,
            models.VerificationFlow,
            query={"flow": flow, "token": token},
            body=body,
            headers={"Cookie": cookie},
            max_bytes=MAX_USER_DATA_BYTES,
        )

    update_verification_flow = submit_self_service_verification_flow


class SettingsOperations(Operations):
    """A change of one's own account."""

    @operation
    def initialize_self_service_settings_flow_for_browsers(
        self,
        *,
        return_to: str | None = None,
        organization: str | None = None,
        cookie: str | None = None,
    ) -> models.SettingsFlow:
        """Start a change of the account for a browser.

        ``organization`` is Ory Network's.
        Raises OryBadRequest for a ``return_to`` that is not allowed, OryUnauthorized, AAL2Required.
        Source: Kratos, GET /self-service/settings/browser; first in v0.10.1.
        """
        return self._send(
            "GET /self-service/settings/browser",
            KRATOS_PUBLIC,
            models.SettingsFlow,
            query={"return_to": return_to, "organization": organization},
            headers={"Cookie": cookie},
            max_bytes=MAX_USER_DATA_BYTES,
        )

    create_browser_settings_flow = initialize_self_service_settings_flow_for_browsers

    @operation
    def initialize_self_service_settings_flow_without_browser(
        self,
        *,
        organization: str | None = None,
        x_session_token: str | None = None,
    ) -> models.SettingsFlow:
        """Start a change of the account for a native app.

        ``organization`` is Ory Network's. Raises OryBadRequest, OryUnauthorized, AAL2Required.
        Source: Kratos, GET /self-service/settings/api; first in v0.10.1.
        """
        return self._send(
            "GET /self-service/settings/api",
            KRATOS_PUBLIC,
            models.SettingsFlow,
            query={"organization": organization},
            headers={"X-Session-Token": x_session_token},
            max_bytes=MAX_USER_DATA_BYTES,
        )

    create_native_settings_flow = initialize_self_service_settings_flow_without_browser

    @operation
    def get_self_service_settings_flow(
        self,
        *,
        id: str,
        x_session_token: str | None = None,
        cookie: str | None = None,
    ) -> models.SettingsFlow:
        """Fetch a settings flow.

        Raises OryUnauthorized, AAL2Required, OryForbidden (security_identity_mismatch), OryNotFound,
        FlowGone.
        Source: Kratos, GET /self-service/settings/flows; first in v0.10.1.
        """
        return self._send(
            "GET /self-service/settings/flows",
            KRATOS_PUBLIC,
            models.SettingsFlow,
            query={"id": id},
            headers={"X-Session-Token": x_session_token, "Cookie": cookie},
            max_bytes=MAX_USER_DATA_BYTES,
        )

    get_settings_flow = get_self_service_settings_flow

    @operation
    def submit_self_service_settings_flow(
        self,
        *,
        flow: str,
        body: models.UpdateSettingsFlowBody | Mapping[str, Any],
        x_session_token: str | None = None,
        cookie: str | None = None,
    ) -> models.SettingsFlow:
        """Submit a settings flow.

        Raises OryBadRequest (``flow`` is the form with its messages), OryUnauthorized, AAL2Required,
        SessionRefreshRequired (Kratos keeps the change and applies it after the fresh login: do not submit
        again), FlowGone, CSRFViolation, BrowserLocationChangeRequired (on to a provider).
        Source: Kratos, POST /self-service/settings; first in v0.10.1.
        """
        return self._send(
            "POST /self-service/settings",
            KRATOS_PUBLIC,
            models.SettingsFlow,
            query={"flow": flow},
            body=body,
            headers={"X-Session-Token": x_session_token, "Cookie": cookie},
            max_bytes=MAX_USER_DATA_BYTES,
        )

    update_settings_flow = submit_self_service_settings_flow
