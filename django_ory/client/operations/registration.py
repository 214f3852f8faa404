"""Kratos' registration flow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django_ory.client.services import KRATOS_PUBLIC

from .operation import Operations, endpoint

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django_ory.client import models


class RegistrationOperations(Operations):
    """Registration. ``cookie`` is the browser's Cookie header; the flow is bound to the CSRF cookie in it."""

    @endpoint("GET /self-service/registration/browser", KRATOS_PUBLIC, has_user_data=True, since="v0.10.1")
    def initialize_self_service_registration_flow_for_browsers(
        self,
        *,
        return_to: str | None = None,
        login_challenge: str | None = None,
        after_verification_return_to: str | None = None,
        organization: str | None = None,
        identity_schema: str | None = None,
        cookie: str | None = None,
    ) -> models.RegistrationFlow:
        """Create a registration flow for a browser. Relay ``set_cookies`` of ``with_http_info``.

        ``login_challenge`` is Hydra's (v0.11.1); ``after_verification_return_to`` since v1.0,
        ``organization`` since v1.1, ``identity_schema`` since v25.4.
        Raises OryBadRequest (session_already_available, self_service_flow_disabled).
        """

    create_browser_registration_flow = initialize_self_service_registration_flow_for_browsers

    @endpoint("GET /self-service/registration/api", KRATOS_PUBLIC, has_user_data=True, since="v0.10.1")
    def initialize_self_service_registration_flow_without_browser(
        self,
        *,
        return_session_token_exchange_code: bool | None = None,
        return_to: str | None = None,
        organization: str | None = None,
        identity_schema: str | None = None,
    ) -> models.RegistrationFlow:
        """Create a registration flow for a native app.

        ``return_session_token_exchange_code`` and ``return_to`` since v1.0, the rest since v25.4.
        Raises OryBadRequest.
        """

    create_native_registration_flow = initialize_self_service_registration_flow_without_browser

    @endpoint("GET /self-service/registration/flows", KRATOS_PUBLIC, has_user_data=True, since="v0.10.1")
    def get_self_service_registration_flow(
        self, *, id: str, cookie: str | None = None
    ) -> models.RegistrationFlow:
        """Fetch a registration flow.

        Raises OryNotFound, FlowGone, CSRFViolation.
        """

    get_registration_flow = get_self_service_registration_flow

    @endpoint("POST /self-service/registration", KRATOS_PUBLIC, has_user_data=True, since="v0.10.1")
    def submit_self_service_registration_flow(
        self,
        *,
        flow: str,
        body: models.UpdateRegistrationFlowBody | Mapping[str, Any],
        cookie: str | None = None,
    ) -> models.SuccessfulNativeRegistration:
        """Submit a registration flow.

        Raises OryBadRequest (``flow`` is the form with its messages, or the next step),
        FlowGone, CSRFViolation, BrowserLocationChangeRequired.
        """

    update_registration_flow = submit_self_service_registration_flow
