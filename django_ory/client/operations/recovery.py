"""Kratos' recovery flow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django_ory.client.services import KRATOS_PUBLIC

from .operation import Operations, endpoint

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django_ory.client import models


class RecoveryOperations(Operations):
    """Recovery. ``cookie`` is the browser's Cookie header; the flow is bound to the CSRF cookie in it."""

    @endpoint("GET /self-service/recovery/browser", KRATOS_PUBLIC, has_user_data=True, since="v0.10.1")
    def initialize_self_service_recovery_flow_for_browsers(
        self, *, return_to: str | None = None, skip_settings: str | None = None, cookie: str | None = None
    ) -> models.RecoveryFlow:
        """Create a recovery flow for a browser. Relay ``set_cookies`` of ``with_http_info``.

        ``skip_settings`` is Ory Network's. Raises OryBadRequest (session_already_available, or recovery is
        disabled).
        """

    create_browser_recovery_flow = initialize_self_service_recovery_flow_for_browsers

    @endpoint("GET /self-service/recovery/api", KRATOS_PUBLIC, has_user_data=True, since="v0.10.1")
    def initialize_self_service_recovery_flow_without_browser(self) -> models.RecoveryFlow:
        """Create a recovery flow for a native app.

        Raises OryBadRequest.
        """

    create_native_recovery_flow = initialize_self_service_recovery_flow_without_browser

    @endpoint("GET /self-service/recovery/flows", KRATOS_PUBLIC, has_user_data=True, since="v0.10.1")
    def get_self_service_recovery_flow(self, *, id: str, cookie: str | None = None) -> models.RecoveryFlow:
        """Fetch a recovery flow.

        Raises OryNotFound, FlowGone, CSRFViolation.
        """

    get_recovery_flow = get_self_service_recovery_flow

    @endpoint("POST /self-service/recovery", KRATOS_PUBLIC, has_user_data=True, since="v0.10.1")
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
        """

    update_recovery_flow = submit_self_service_recovery_flow
