"""Kratos' recovery flow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django_ory.client import models

from .operation import FlowOperations, operation

if TYPE_CHECKING:
    from collections.abc import Mapping


class RecoveryOperations(FlowOperations):
    """Recovery. ``cookie`` is the browser's Cookie header; the flow is bound to the CSRF cookie in it."""

    @operation
    def initialize_self_service_recovery_flow_for_browsers(
        self, *, return_to: str | None = None, skip_settings: str | None = None, cookie: str | None = None
    ) -> models.RecoveryFlow:
        """Create a recovery flow for a browser. Relay ``set_cookies`` of ``with_http_info``.

        ``skip_settings`` is Ory Network's. Raises OryBadRequest (session_already_available, or recovery is
        disabled).
        Source: Kratos, GET /self-service/recovery/browser; first in v0.10.1.
        """
        return self._send_flow(
            "GET /self-service/recovery/browser",
            models.RecoveryFlow,
            return_to=return_to,
            skip_settings=skip_settings,
            cookie=cookie,
        )

    create_browser_recovery_flow = initialize_self_service_recovery_flow_for_browsers

    @operation
    def initialize_self_service_recovery_flow_without_browser(self) -> models.RecoveryFlow:
        """Create a recovery flow for a native app.

        Raises OryBadRequest.
        Source: Kratos, GET /self-service/recovery/api; first in v0.10.1.
        """
        return self._send_flow("GET /self-service/recovery/api", models.RecoveryFlow)

    create_native_recovery_flow = initialize_self_service_recovery_flow_without_browser

    @operation
    def get_self_service_recovery_flow(self, *, id: str, cookie: str | None = None) -> models.RecoveryFlow:
        """Fetch a recovery flow.

        Raises OryNotFound, FlowGone, CSRFViolation.
        Source: Kratos, GET /self-service/recovery/flows; first in v0.10.1.
        """
        return self._send_flow("GET /self-service/recovery/flows", models.RecoveryFlow, id=id, cookie=cookie)

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
        """Submit a recovery flow. Check ``state`` and messages: a wrong code is a 200.

        ``token`` is from the link. Raises OryBadRequest, BrowserLocationChangeRequired (recovered: redirect
        to settings), and for an expired flow FlowGone or OryUnexpectedRedirect with the new flow's id in the
        Location.
        Source: Kratos, POST /self-service/recovery; first in v0.10.1.
        """
        return self._send_flow(
            "POST /self-service/recovery",
            models.RecoveryFlow,
            flow=flow,
            token=token,
            body=body,
            cookie=cookie,
        )

    update_recovery_flow = submit_self_service_recovery_flow
