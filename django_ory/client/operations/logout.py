"""Kratos' logout."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django_ory.client import models
from django_ory.client.services import KRATOS_PUBLIC

from .operation import FlowOperations, operation

if TYPE_CHECKING:
    from collections.abc import Mapping


class LogoutOperations(FlowOperations):
    """Logout of browsers and native apps. ``cookie`` is the Cookie header of the browser."""

    @operation
    def create_self_service_logout_flow_url_for_browsers(
        self, *, cookie: str | None = None, return_to: str | None = None
    ) -> models.LogoutFlow:
        """Create the URL that logs a browser out.

        ``return_to`` since v1.0. Raises OryUnauthorized without a session.
        Source: Kratos, GET /self-service/logout/browser; first in v0.10.1.
        """
        return self._send_flow(
            "GET /self-service/logout/browser", models.LogoutFlow, return_to=return_to, cookie=cookie
        )

    create_browser_logout_flow = create_self_service_logout_flow_url_for_browsers

    @operation
    def submit_self_service_logout_flow(
        self, *, token: str | None = None, return_to: str | None = None, cookie: str | None = None
    ) -> None:
        """Log a browser out from the server. Relay ``set_cookies`` of ``with_http_info``.

        ``token`` is the ``logout_token`` of the logout flow.
        Raises OryUnauthorized without a session, OryForbidden for a wrong token.
        Source: Kratos, GET /self-service/logout; first in v0.10.1.
        """
        return self._send(
            "GET /self-service/logout",
            KRATOS_PUBLIC,
            None,
            query={"token": token, "return_to": return_to},
            headers={"Cookie": cookie},
            redirect=True,
            once=True,
        )

    update_logout_flow = submit_self_service_logout_flow

    @operation
    def submit_self_service_logout_flow_without_browser(
        self, *, body: models.PerformNativeLogoutBody | Mapping[str, Any]
    ) -> None:
        """Log a native app out: revoke the session of its token.

        Raises OryForbidden for an unknown token, OryBadRequest.
        Source: Kratos, DELETE /self-service/logout/api; first in v0.10.1.
        """
        return self._send("DELETE /self-service/logout/api", KRATOS_PUBLIC, None, body=body)

    perform_native_logout = submit_self_service_logout_flow_without_browser
