"""Kratos' settings flow: changes of the user's own account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django_ory.client.services import KRATOS_PUBLIC

from .operation import Operations, endpoint

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django_ory.client import models


class SettingsOperations(Operations):
    """Changes of the user's own account."""

    @endpoint("GET /self-service/settings/browser", KRATOS_PUBLIC, has_user_data=True, since="v0.10.1")
    def initialize_self_service_settings_flow_for_browsers(
        self, *, return_to: str | None = None, organization: str | None = None, cookie: str | None = None
    ) -> models.SettingsFlow:
        """Create a settings flow for a browser.

        ``organization`` is Ory Network's.
        Raises OryBadRequest for a ``return_to`` that is not allowed, OryUnauthorized, AAL2Required.
        """

    create_browser_settings_flow = initialize_self_service_settings_flow_for_browsers

    @endpoint("GET /self-service/settings/api", KRATOS_PUBLIC, has_user_data=True, since="v0.10.1")
    def initialize_self_service_settings_flow_without_browser(
        self, *, organization: str | None = None, x_session_token: str | None = None
    ) -> models.SettingsFlow:
        """Create a settings flow for a native app.

        ``organization`` is Ory Network's. Raises OryBadRequest, OryUnauthorized, AAL2Required.
        """

    create_native_settings_flow = initialize_self_service_settings_flow_without_browser

    @endpoint("GET /self-service/settings/flows", KRATOS_PUBLIC, has_user_data=True, since="v0.10.1")
    def get_self_service_settings_flow(
        self, *, id: str, x_session_token: str | None = None, cookie: str | None = None
    ) -> models.SettingsFlow:
        """Fetch a settings flow.

        Raises OryUnauthorized, AAL2Required, OryForbidden (security_identity_mismatch), OryNotFound,
        FlowGone.
        """

    get_settings_flow = get_self_service_settings_flow

    @endpoint("POST /self-service/settings", KRATOS_PUBLIC, has_user_data=True, since="v0.10.1")
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
        SessionRefreshRequired (Kratos stores the change and applies it after the new login: do not submit
        again), FlowGone, CSRFViolation, BrowserLocationChangeRequired (redirect to a provider).
        """

    update_settings_flow = submit_self_service_settings_flow
