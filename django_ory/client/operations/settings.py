"""Kratos' settings flow: changes of the user's own account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django_ory.client.services import KRATOS_PUBLIC

from .endpoint import endpoint
from .operation import MAX_USER_DATA_BYTES, Operations

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django_ory.client import models


class SettingsOperations(Operations):
    """Changes of the user's own account."""

    @endpoint("GET /self-service/settings/browser", KRATOS_PUBLIC, max_bytes=MAX_USER_DATA_BYTES)
    def initialize_self_service_settings_flow_for_browsers(
        self, *, return_to: str | None = None, organization: str | None = None, cookie: str | None = None
    ) -> models.SettingsFlow:
        """Create a settings flow for a browser.

        ``organization`` is Ory Network's.
        Raises OryBadRequest for a ``return_to`` that is not allowed, OryUnauthorized, AAL2Required.
        Source: Kratos, GET /self-service/settings/browser; first in v0.10.1.
        """

    create_browser_settings_flow = initialize_self_service_settings_flow_for_browsers

    @endpoint("GET /self-service/settings/api", KRATOS_PUBLIC, max_bytes=MAX_USER_DATA_BYTES)
    def initialize_self_service_settings_flow_without_browser(
        self, *, organization: str | None = None, x_session_token: str | None = None
    ) -> models.SettingsFlow:
        """Create a settings flow for a native app.

        ``organization`` is Ory Network's. Raises OryBadRequest, OryUnauthorized, AAL2Required.
        Source: Kratos, GET /self-service/settings/api; first in v0.10.1.
        """

    create_native_settings_flow = initialize_self_service_settings_flow_without_browser

    @endpoint("GET /self-service/settings/flows", KRATOS_PUBLIC, max_bytes=MAX_USER_DATA_BYTES)
    def get_self_service_settings_flow(
        self, *, id: str, x_session_token: str | None = None, cookie: str | None = None
    ) -> models.SettingsFlow:
        """Fetch a settings flow.

        Raises OryUnauthorized, AAL2Required, OryForbidden (security_identity_mismatch), OryNotFound,
        FlowGone.
        Source: Kratos, GET /self-service/settings/flows; first in v0.10.1.
        """

    get_settings_flow = get_self_service_settings_flow

    @endpoint("POST /self-service/settings", KRATOS_PUBLIC, max_bytes=MAX_USER_DATA_BYTES)
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
        Source: Kratos, POST /self-service/settings; first in v0.10.1.
        """

    update_settings_flow = submit_self_service_settings_flow
