"""Kratos' login flow, and test logins of Ory Network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django_ory.client import models
from django_ory.client.services import KRATOS_ADMIN, KRATOS_PUBLIC

from .operation import FlowOperations, operation

if TYPE_CHECKING:
    from collections.abc import Mapping


class LoginOperations(FlowOperations):
    """Login. ``cookie`` is the browser's Cookie header; the flow is bound to the CSRF cookie in it."""

    @operation
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
        Source: Kratos, GET /self-service/login/browser; first in v0.10.1.
        """
        return self._send_flow(
            "GET /self-service/login/browser",
            models.LoginFlow,
            refresh=refresh,
            aal=aal,
            return_to=return_to,
            login_challenge=login_challenge,
            organization=organization,
            via=via,
            identity_schema=identity_schema,
            cookie=cookie,
        )

    create_browser_login_flow = initialize_self_service_login_flow_for_browsers

    @operation
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
        Source: Kratos, GET /self-service/login/api; first in v0.10.1.
        """
        return self._send_flow(
            "GET /self-service/login/api",
            models.LoginFlow,
            refresh=refresh,
            aal=aal,
            return_session_token_exchange_code=return_session_token_exchange_code,
            return_to=return_to,
            organization=organization,
            via=via,
            identity_schema=identity_schema,
            x_session_token=x_session_token,
        )

    create_native_login_flow = initialize_self_service_login_flow_without_browser

    @operation
    def get_self_service_login_flow(self, *, id: str, cookie: str | None = None) -> models.LoginFlow:
        """Fetch a login flow.

        Raises OryNotFound, FlowGone, CSRFViolation.
        Source: Kratos, GET /self-service/login/flows; first in v0.10.1.
        """
        return self._send_flow("GET /self-service/login/flows", models.LoginFlow, id=id, cookie=cookie)

    get_login_flow = get_self_service_login_flow

    @operation
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
        Source: Kratos, POST /self-service/login; first in v0.10.1.
        """
        return self._send_flow(
            "POST /self-service/login",
            models.SuccessfulNativeLogin,
            flow=flow,
            body=body,
            x_session_token=x_session_token,
            cookie=cookie,
        )

    update_login_flow = submit_self_service_login_flow

    @operation
    def create_test_login_flow(
        self, *, body: models.CreateTestLoginFlowBody | Mapping[str, Any]
    ) -> models.LoginFlow:
        """Create a test login flow for one OpenID provider.

        Raises OryBadRequest, OryNotFound.
        Source: Ory Network, POST /admin/test-login-flows.
        """
        return self._send("POST /admin/test-login-flows", KRATOS_ADMIN, models.LoginFlow, body=body)

    @operation
    def delete_test_login_flow(self, *, id: str, cookie: str | None = None) -> None:
        """Delete a test login flow.

        Raises OryBadRequest, OryForbidden, OryNotFound.
        Source: Ory Network, DELETE /self-service/login/test.
        """
        return self._send(
            "DELETE /self-service/login/test",
            KRATOS_PUBLIC,
            None,
            query={"id": id},
            headers={"Cookie": cookie},
        )
