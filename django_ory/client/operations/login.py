"""Kratos' login flow, and test logins of Ory Network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django_ory.client.services import KRATOS_ADMIN, KRATOS_PUBLIC

from .operation import Operations, endpoint

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django_ory.client import models


class LoginOperations(Operations):
    """Login. ``cookie`` is the browser's Cookie header; the flow is bound to the CSRF cookie in it."""

    @endpoint("GET /self-service/login/browser", KRATOS_PUBLIC, has_user_data=True, since="v0.10.1")
    def initialize_self_service_login_flow_for_browsers(
        self,
        *,
        refresh: bool | None = None,
        aal: str | None = None,
        return_to: str | None = None,
        login_challenge: str | None = None,
        organization: str | None = None,
        via: str | None = None,
        identity_schema: str | None = None,
        cookie: str | None = None,
    ) -> models.LoginFlow:
        """Create a login flow for a browser. Relay ``set_cookies`` of ``with_http_info``.

        ``refresh`` requires a new login, ``aal="aal2"`` a second factor; ``login_challenge`` is Hydra's
        (v0.11.1). ``organization`` and ``via`` since v1.1, ``identity_schema`` since v25.4.
        Raises OryBadRequest (session_already_available, self_service_flow_return_to_forbidden),
        OryUnauthorized.
        """

    create_browser_login_flow = initialize_self_service_login_flow_for_browsers

    @endpoint("GET /self-service/login/api", KRATOS_PUBLIC, has_user_data=True, since="v0.10.1")
    def initialize_self_service_login_flow_without_browser(
        self,
        *,
        refresh: bool | None = None,
        aal: str | None = None,
        return_session_token_exchange_code: bool | None = None,
        return_to: str | None = None,
        organization: str | None = None,
        via: str | None = None,
        identity_schema: str | None = None,
        x_session_token: str | None = None,
    ) -> models.LoginFlow:
        """Create a login flow for a native app.

        ``return_session_token_exchange_code`` and ``return_to`` since v1.0, ``via`` since v1.1, the rest
        since v25.4.
        Raises OryBadRequest, OryUnauthorized for a second factor without a session.
        """

    create_native_login_flow = initialize_self_service_login_flow_without_browser

    @endpoint("GET /self-service/login/flows", KRATOS_PUBLIC, has_user_data=True, since="v0.10.1")
    def get_self_service_login_flow(self, *, id: str, cookie: str | None = None) -> models.LoginFlow:
        """Fetch a login flow.

        Raises OryNotFound, FlowGone, CSRFViolation.
        """

    get_login_flow = get_self_service_login_flow

    @endpoint("POST /self-service/login", KRATOS_PUBLIC, has_user_data=True, since="v0.10.1")
    def submit_self_service_login_flow(
        self,
        *,
        flow: str,
        body: models.UpdateLoginFlowBody | Mapping[str, Any],
        x_session_token: str | None = None,
        cookie: str | None = None,
    ) -> models.SuccessfulNativeLogin:
        """Submit a login flow.

        Raises OryBadRequest (``flow`` is the form with its messages, or the next step),
        FlowGone, CSRFViolation, BrowserLocationChangeRequired.
        """

    update_login_flow = submit_self_service_login_flow

    @endpoint("POST /admin/test-login-flows", KRATOS_ADMIN)
    def create_test_login_flow(
        self, *, body: models.CreateTestLoginFlowBody | Mapping[str, Any]
    ) -> models.LoginFlow:
        """Create a test login flow for one OpenID provider.

        Raises OryBadRequest, OryNotFound.
        """

    @endpoint("DELETE /self-service/login/test", KRATOS_PUBLIC)
    def delete_test_login_flow(self, *, id: str, cookie: str | None = None) -> None:
        """Delete a test login flow.

        Raises OryBadRequest, OryForbidden, OryNotFound.
        """
