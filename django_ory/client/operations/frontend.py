"""Kratos' public API for the holder of a session: whoami, own sessions, FedCM, and scripts of pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django_ory.client import models
from django_ory.client.services import KRATOS_PUBLIC

from .operation import MAX_USER_DATA_BYTES, FlowOperations, Paging, listing, operation

if TYPE_CHECKING:
    from collections.abc import Mapping


class FrontendOperations(FlowOperations):
    """Operations of a session's owner. ``cookie``: the browser's Cookie header, or Ory's part of it."""

    @operation
    def to_session(
        self, *, x_session_token: str | None = None, cookie: str | None = None, tokenize_as: str | None = None
    ) -> models.Session:
        """Get the session of a cookie or of a session token.

        ``tokenize_as`` names a template of Kratos' configuration. The response then has a JWT in
        ``tokenized`` (v1.1).
        Raises OryUnauthorized without a valid session, AAL2Required.
        Source: Kratos, GET /sessions/whoami; first in v0.10.1.
        """
        return self._send(
            "GET /sessions/whoami",
            KRATOS_PUBLIC,
            models.Session,
            query={"tokenize_as": tokenize_as},
            headers={"X-Session-Token": x_session_token, "Cookie": cookie},
            max_bytes=MAX_USER_DATA_BYTES,
        )

    @listing(Paging.PAGES)
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
        Source: Kratos, GET /sessions; first in v0.10.1.
        """
        return self._send(
            "GET /sessions",
            KRATOS_PUBLIC,
            list[models.Session],
            query={"per_page": per_page, "page": page, "page_size": page_size, "page_token": page_token},
            headers={"X-Session-Token": x_session_token, "Cookie": cookie},
        )

    list_my_sessions = list_sessions

    @operation
    def revoke_sessions(
        self, *, x_session_token: str | None = None, cookie: str | None = None
    ) -> models.DeleteMySessionsCount:
        """Revoke the user's other sessions.

        Raises OryUnauthorized; OryBadRequest and OryNotFound are documented.
        Source: Kratos, DELETE /sessions; first in v0.10.1.
        """
        return self._send_flow(
            "DELETE /sessions", models.DeleteMySessionsCount, x_session_token=x_session_token, cookie=cookie
        )

    disable_my_other_sessions = revoke_sessions

    @operation
    def revoke_session(
        self, id: str, *, x_session_token: str | None = None, cookie: str | None = None
    ) -> None:
        """Revoke one of the user's other sessions. An unknown id is also a success.

        Raises OryBadRequest for the current session, OryUnauthorized.
        Source: Kratos, DELETE /sessions/{id}; first in v0.10.1.
        """
        return self._send(
            "DELETE /sessions/{id}",
            KRATOS_PUBLIC,
            None,
            path={"id": id},
            headers={"X-Session-Token": x_session_token, "Cookie": cookie},
        )

    disable_my_session = revoke_session

    @operation
    def exchange_session_token(self, *, init_code: str, return_to_code: str) -> models.SuccessfulNativeLogin:
        """Get the session of a native login through a browser.

        ``init_code`` is the flow's ``session_token_exchange_code``, ``return_to_code`` is from the URL.
        Raises OryForbidden, OryNotFound, FlowGone; BrowserLocationChangeRequired is documented.
        Source: Kratos, GET /sessions/token-exchange; first in v1.0.0.
        """
        return self._send(
            "GET /sessions/token-exchange",
            KRATOS_PUBLIC,
            models.SuccessfulNativeLogin,
            query={"init_code": init_code, "return_to_code": return_to_code},
            once=True,
            max_bytes=MAX_USER_DATA_BYTES,
        )

    @operation
    def get_web_authn_java_script(self) -> str:
        """Get the script for WebAuthn and passkey forms, as text.

        Source: Kratos, GET /.well-known/ory/webauthn.js; first in v0.10.1.
        """
        return self._send(
            "GET /.well-known/ory/webauthn.js", KRATOS_PUBLIC, str, headers={"Accept": "text/javascript"}
        )

    @operation
    def get_well_known_change_password(self) -> str:
        """Get the URL for changing the password, for password managers.

        Source: Ory Network, GET /.well-known/change-password.
        """
        return self._send("GET /.well-known/change-password", KRATOS_PUBLIC, str, redirect=True)

    @operation
    def create_fedcm_flow(self, *, cookie: str | None = None) -> models.CreateFedcmFlowResponse:
        """Get the parameters for the browser's FedCM call.

        Raises OryBadRequest.
        Source: Kratos, GET /self-service/fed-cm/parameters; first in v25.4.0.
        """
        return self._send_flow(
            "GET /self-service/fed-cm/parameters", models.CreateFedcmFlowResponse, cookie=cookie
        )

    @operation
    def update_fedcm_flow(
        self, *, body: models.UpdateFedcmFlowBody | Mapping[str, Any], cookie: str | None = None
    ) -> models.SuccessfulNativeLogin | None:
        """Log in with the token of the browser's FedCM call. Returns None for a redirect.

        Raises OryBadRequest, FlowGone, BrowserLocationChangeRequired.
        Source: Kratos, POST /self-service/fed-cm/token; first in v25.4.0.
        """
        return self._send(
            "POST /self-service/fed-cm/token",
            KRATOS_PUBLIC,
            models.SuccessfulNativeLogin,
            body=body,
            headers={"Cookie": cookie},
            redirect=True,
            or_empty=True,
            max_bytes=MAX_USER_DATA_BYTES,
        )
