"""Kratos' verification flow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django_ory.client import models

from .operation import FlowOperations, operation

if TYPE_CHECKING:
    from collections.abc import Mapping


class VerificationOperations(FlowOperations):
    """Verification of an address."""

    @operation
    def initialize_self_service_verification_flow_for_browsers(
        self, *, return_to: str | None = None, cookie: str | None = None
    ) -> models.VerificationFlow:
        """Create a verification flow for a browser. Relay ``set_cookies`` of ``with_http_info``.

        Raises OryBadRequest (verification is disabled).
        Source: Kratos, GET /self-service/verification/browser; first in v0.10.1.
        """
        return self._send_flow(
            "GET /self-service/verification/browser",
            models.VerificationFlow,
            return_to=return_to,
            cookie=cookie,
        )

    create_browser_verification_flow = initialize_self_service_verification_flow_for_browsers

    @operation
    def initialize_self_service_verification_flow_without_browser(
        self, *, return_to: str | None = None
    ) -> models.VerificationFlow:
        """Create a verification flow for a native app.

        ``return_to`` since v25.4. Raises OryBadRequest.
        Source: Kratos, GET /self-service/verification/api; first in v0.10.1.
        """
        return self._send_flow(
            "GET /self-service/verification/api", models.VerificationFlow, return_to=return_to
        )

    create_native_verification_flow = initialize_self_service_verification_flow_without_browser

    @operation
    def get_self_service_verification_flow(
        self, *, id: str, cookie: str | None = None
    ) -> models.VerificationFlow:
        """Fetch a verification flow.

        Raises OryNotFound, FlowGone, CSRFViolation.
        Source: Kratos, GET /self-service/verification/flows; first in v0.10.1.
        """
        return self._send_flow(
            "GET /self-service/verification/flows", models.VerificationFlow, id=id, cookie=cookie
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
        """Submit a verification flow. Check ``state`` and messages: a wrong code is a 200.

        ``token`` is from the link. Raises OryBadRequest, FlowGone, and OryUnexpectedRedirect for an expired
        flow, with the new flow's id in the Location.
        Source: Kratos, POST /self-service/verification; first in v0.10.1.
        """
        return self._send_flow(
            "POST /self-service/verification",
            models.VerificationFlow,
            flow=flow,
            token=token,
            body=body,
            cookie=cookie,
        )

    update_verification_flow = submit_self_service_verification_flow
