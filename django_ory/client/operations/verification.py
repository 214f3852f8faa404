"""Kratos' verification flow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django_ory.client.services import KRATOS_PUBLIC

from .operation import Operations, endpoint

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django_ory.client import models


class VerificationOperations(Operations):
    """Verification of an address."""

    @endpoint("GET /self-service/verification/browser", KRATOS_PUBLIC, has_user_data=True, since="v0.10.1")
    def initialize_self_service_verification_flow_for_browsers(
        self, *, return_to: str | None = None, cookie: str | None = None
    ) -> models.VerificationFlow:
        """Create a verification flow for a browser. Relay ``set_cookies`` of ``with_http_info``.

        Raises OryBadRequest (verification is disabled).
        """

    create_browser_verification_flow = initialize_self_service_verification_flow_for_browsers

    @endpoint("GET /self-service/verification/api", KRATOS_PUBLIC, has_user_data=True, since="v0.10.1")
    def initialize_self_service_verification_flow_without_browser(
        self, *, return_to: str | None = None
    ) -> models.VerificationFlow:
        """Create a verification flow for a native app.

        ``return_to`` since v25.4. Raises OryBadRequest.
        """

    create_native_verification_flow = initialize_self_service_verification_flow_without_browser

    @endpoint("GET /self-service/verification/flows", KRATOS_PUBLIC, has_user_data=True, since="v0.10.1")
    def get_self_service_verification_flow(
        self, *, id: str, cookie: str | None = None
    ) -> models.VerificationFlow:
        """Fetch a verification flow.

        Raises OryNotFound, FlowGone, CSRFViolation.
        """

    get_verification_flow = get_self_service_verification_flow

    @endpoint("POST /self-service/verification", KRATOS_PUBLIC, has_user_data=True, since="v0.10.1")
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
        """

    update_verification_flow = submit_self_service_verification_flow
