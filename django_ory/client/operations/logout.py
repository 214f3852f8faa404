"""Kratos' logout."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django_ory.client.services import KRATOS_PUBLIC

from .operation import Operations, endpoint

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django_ory.client import models


class LogoutOperations(Operations):
    """Logout of browsers and native apps. ``cookie`` is the Cookie header of the browser."""

    @endpoint("GET /self-service/logout/browser", KRATOS_PUBLIC, has_user_data=True, since="v0.10.1")
    def create_self_service_logout_flow_url_for_browsers(
        self, *, cookie: str | None = None, return_to: str | None = None
    ) -> models.LogoutFlow:
        """Create the URL that logs a browser out.

        ``return_to`` since v1.0. Raises OryUnauthorized without a session.
        """

    create_browser_logout_flow = create_self_service_logout_flow_url_for_browsers

    @endpoint("GET /self-service/logout", KRATOS_PUBLIC, redirect=True, once=("token",), since="v0.10.1")
    def submit_self_service_logout_flow(
        self, *, token: str | None = None, return_to: str | None = None, cookie: str | None = None
    ) -> None:
        """Log a browser out from the server. Relay ``set_cookies`` of ``with_http_info``.

        ``token`` is the ``logout_token`` of the logout flow.
        Raises OryUnauthorized without a session, OryForbidden for a wrong token.
        """

    update_logout_flow = submit_self_service_logout_flow

    @endpoint("DELETE /self-service/logout/api", KRATOS_PUBLIC, since="v0.10.1")
    def submit_self_service_logout_flow_without_browser(
        self, *, body: models.PerformNativeLogoutBody | Mapping[str, Any]
    ) -> None:
        """Log a native app out: revoke the session of its token.

        Raises OryForbidden for an unknown token, OryBadRequest.
        """

    perform_native_logout = submit_self_service_logout_flow_without_browser
