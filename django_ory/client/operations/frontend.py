"""Kratos' public API for the holder of a session: whoami, own sessions, FedCM, and scripts of pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django_ory.client.services import KRATOS_PUBLIC

from .operation import Operations, Paging, endpoint

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django_ory.client import models


class FrontendOperations(Operations):
    """Operations of a session's owner. ``cookie``: the browser's Cookie header, or Ory's part of it."""

    @endpoint("GET /sessions/whoami", KRATOS_PUBLIC, has_user_data=True, since="v0.10.1")
    def to_session(
        self, *, x_session_token: str | None = None, cookie: str | None = None, tokenize_as: str | None = None
    ) -> models.Session:
        """Get the session of a cookie or of a session token.

        ``tokenize_as`` names a template of Kratos' configuration. The response then has a JWT in
        ``tokenized`` (v1.1).
        Raises OryUnauthorized without a valid session, AAL2Required.
        """

    @endpoint("GET /sessions", KRATOS_PUBLIC, paging=Paging.PAGES, since="v0.10.1")
    def list_sessions(
        self,
        *,
        x_session_token: str | None = None,
        cookie: str | None = None,
        per_page: int | None = None,
        page: int | None = None,
        page_size: int | None = None,
        page_token: str | None = None,
    ) -> list[models.Session]:
        """List the user's other active sessions, without the current one.

        ``page`` counts from 1; the Link header is wrong. ``page_size`` and ``page_token`` since v1.1.
        Raises OryUnauthorized, AAL2Required (v25.4); OryBadRequest and OryNotFound are documented.
        """

    list_my_sessions = list_sessions

    @endpoint("DELETE /sessions", KRATOS_PUBLIC, has_user_data=True, since="v0.10.1")
    def revoke_sessions(
        self, *, x_session_token: str | None = None, cookie: str | None = None
    ) -> models.DeleteMySessionsCount:
        """Revoke the user's other sessions.

        Raises OryUnauthorized; OryBadRequest and OryNotFound are documented.
        """

    disable_my_other_sessions = revoke_sessions

    @endpoint("DELETE /sessions/{id}", KRATOS_PUBLIC, since="v0.10.1")
    def revoke_session(
        self, id: str, *, x_session_token: str | None = None, cookie: str | None = None
    ) -> None:
        """Revoke one of the user's other sessions. An unknown id is also a success.

        Raises OryBadRequest for the current session, OryUnauthorized.
        """

    disable_my_session = revoke_session

    @endpoint(
        "GET /sessions/token-exchange", KRATOS_PUBLIC, once=("init_code",), has_user_data=True, since="v1.0.0"
    )
    def exchange_session_token(self, *, init_code: str, return_to_code: str) -> models.SuccessfulNativeLogin:
        """Get the session of a native login through a browser.

        ``init_code`` is the flow's ``session_token_exchange_code``, ``return_to_code`` is from the URL.
        Raises OryForbidden, OryNotFound, FlowGone; BrowserLocationChangeRequired is documented.
        """

    @endpoint("GET /.well-known/ory/webauthn.js", KRATOS_PUBLIC, accept="text/javascript", since="v0.10.1")
    def get_web_authn_java_script(self) -> str:
        """Get the script for WebAuthn and passkey forms, as text."""

    @endpoint("GET /.well-known/change-password", KRATOS_PUBLIC, redirect=True)
    def get_well_known_change_password(self) -> str:
        """Get the URL for changing the password, for password managers."""

    @endpoint("GET /self-service/fed-cm/parameters", KRATOS_PUBLIC, has_user_data=True, since="v25.4.0")
    def create_fedcm_flow(self, *, cookie: str | None = None) -> models.CreateFedcmFlowResponse:
        """Get the parameters for the browser's FedCM call.

        Raises OryBadRequest.
        """

    @endpoint(
        "POST /self-service/fed-cm/token", KRATOS_PUBLIC, redirect=True, has_user_data=True, since="v25.4.0"
    )
    def update_fedcm_flow(
        self, *, body: models.UpdateFedcmFlowBody | Mapping[str, Any], cookie: str | None = None
    ) -> models.SuccessfulNativeLogin | None:
        """Log in with the token of the browser's FedCM call. Returns None for a redirect.

        Raises OryBadRequest, FlowGone, BrowserLocationChangeRequired.
        """


class FlowErrorOperations(Operations):
    """Stored errors, for the error page."""

    @endpoint("GET /self-service/errors", KRATOS_PUBLIC, has_user_data=True, since="v0.10.1")
    def get_self_service_error(self, *, id: str) -> models.FlowError:
        """Get the error with the ``id`` from the URL of the error page.

        Raises OryNotFound, OryForbidden.
        """

    get_flow_error = get_self_service_error
