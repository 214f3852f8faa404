"""The endpoints of OAuth2 itself at Hydra's public URL: authorize, token, revoke, logout, devices.

Two of them are for browsers. Called here they answer with the address the browser would go to, and the
cookies are in ``client.with_http_info``: that is how a test, or a site without a browser, walks through a
flow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django_ory.client.services import HYDRA_PUBLIC

from .operation import Operations, endpoint

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django_ory.client import models

Credentials = tuple[str, str]


class OAuth2FlowOperations(Operations):
    """The endpoints of OAuth2 for clients and browsers."""

    @endpoint(
        "GET /oauth2/auth",
        HYDRA_PUBLIC,
        redirect=True,
        once=("login_verifier", "consent_verifier"),
        since="v2.0.3",
    )
    def perform_o_auth2_authorization_flow(
        self,
        *,
        client_id: str | None = None,
        response_type: str | None = None,
        redirect_uri: str | None = None,
        scope: str | None = None,
        state: str | None = None,
        nonce: str | None = None,
        audience: str | None = None,
        code_challenge: str | None = None,
        code_challenge_method: str | None = None,
        prompt: str | None = None,
        max_age: int | None = None,
        login_hint: str | None = None,
        acr_values: str | None = None,
        ui_locales: str | None = None,
        id_token_hint: str | None = None,
        response_mode: str | None = None,
        display: str | None = None,
        resource: Sequence[str] | None = None,
        login_verifier: str | None = None,
        consent_verifier: str | None = None,
        cookie: str | None = None,
    ) -> str:
        """Start or continue an authorization as a browser does. Returns the URL of Hydra's redirect.

        The parameters are those of RFC 6749 section 4.1.1, RFC 7636 and OpenID Connect Core section 3.1.2.1;
        ``audience`` is space separated. ``cookie`` has the cookies of the step before. An invalid request
        raises nothing: the URL then has ``error`` in its query. With ``response_mode="form_post"`` the last
        step returns a page that posts the result.
        """

    o_auth2_authorize = perform_o_auth2_authorization_flow

    @endpoint("POST /oauth2/token", HYDRA_PUBLIC, content="form", since="v2.0.3")
    def perform_o_auth2_token_flow(
        self,
        *,
        grant_type: str,
        client_id: str | None = None,
        client_secret: str | None = None,
        code: str | None = None,
        redirect_uri: str | None = None,
        code_verifier: str | None = None,
        refresh_token: str | None = None,
        scope: str | None = None,
        audience: str | None = None,
        resource: Sequence[str] | None = None,
        device_code: str | None = None,
        assertion: str | None = None,
        client_assertion: str | None = None,
        client_assertion_type: str | None = None,
        basic_auth: Credentials | None = None,
    ) -> models.OAuth2TokenExchange:
        """Exchange a grant for tokens.

        ``basic_auth=(client id, secret)`` authenticates by HTTP basic, Hydra's default for a client;
        ``client_id`` and ``client_secret`` are form fields for clients with ``client_secret_post`` or,
        without a secret, public clients. Hydra only accepts the method that the client is registered for.
        Raises OryBadRequest (``id`` is invalid_grant and the like), OryUnauthorized (invalid_client),
        OryForbidden.
        """

    oauth2_token_exchange = perform_o_auth2_token_flow

    @endpoint("POST /oauth2/revoke", HYDRA_PUBLIC, content="form", since="v2.0.3")
    def revoke_o_auth2_token(
        self,
        *,
        token: str,
        client_id: str | None = None,
        client_secret: str | None = None,
        basic_auth: Credentials | None = None,
    ) -> None:
        """Revoke an access or refresh token and all tokens of the same grant (RFC 7009).

        Authenticates like ``perform_o_auth2_token_flow``. Also succeeds for a token that is unknown or of
        another client: introspect the token to be sure. Raises OryUnauthorized for wrong credentials.
        """

    @endpoint(
        "GET /oauth2/sessions/logout", HYDRA_PUBLIC, redirect=True, once=("logout_verifier",), since="v2.0.3"
    )
    def perform_oidc_front_or_back_channel_logout(
        self,
        *,
        id_token_hint: str | None = None,
        post_logout_redirect_uri: str | None = None,
        state: str | None = None,
        logout_verifier: str | None = None,
        cookie: str | None = None,
    ) -> str:
        """Start or end a logout as a browser does. Returns the URL of Hydra's redirect.

        With front-channel logout the response is a page that notifies the clients, with status 200 instead of
        302 (``with_http_info``). The parameters are those of OpenID Connect RP-Initiated Logout.
        """

    revoke_oidc_session = perform_oidc_front_or_back_channel_logout

    @endpoint("POST /oauth2/device/auth", HYDRA_PUBLIC, content="form", since="v25.4.0")
    def o_auth2_device_flow(
        self,
        *,
        client_id: str | None = None,
        scope: str | None = None,
        audience: str | None = None,
        basic_auth: Credentials | None = None,
    ) -> models.DeviceAuthorization:
        """Start the authorization of a device (RFC 8628). Returns the code to show on the device.

        Authenticates like ``perform_o_auth2_token_flow``. Raises OryUnauthorized; OryNotFound up to v2.3.
        """

    @endpoint(
        "GET /oauth2/device/verify", HYDRA_PUBLIC, redirect=True, once=("device_verifier",), since="v25.4.0"
    )
    def perform_o_auth2_device_verification_flow(
        self, *, user_code: str | None = None, device_verifier: str | None = None, cookie: str | None = None
    ) -> str:
        """Open the page for a device's code as a browser does. Returns the URL of Hydra's redirect."""
