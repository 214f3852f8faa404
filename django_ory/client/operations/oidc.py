"""OpenID Connect at Hydra's public URL: discovery, userinfo, registration of clients, credentials."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django_ory.client.services import HYDRA_PUBLIC

from .operation import Operations, endpoint

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django_ory.client import models


class OidcOperations(Operations):
    """OpenID Connect for clients."""

    @endpoint("GET /.well-known/openid-configuration", HYDRA_PUBLIC, since="v2.0.3")
    def discover_oidc_configuration(self) -> models.OidcConfiguration:
        """Read the endpoints and features of the issuer."""

    @endpoint("GET /.well-known/jwks.json", HYDRA_PUBLIC, since="v2.0.3")
    def discover_json_web_keys(self) -> models.JsonWebKeySet:
        """Read the public keys that verify ID tokens and JWT access tokens."""

    @endpoint("GET /userinfo", HYDRA_PUBLIC, since="v2.0.3")
    def get_oidc_user_info(self, *, access_token: str | None = None) -> models.OidcUserInfo | str:
        """Read the claims about the owner of an access token.

        A JWT (``str``) for a client with ``userinfo_signed_response_alg``. Check that ``sub`` is set:
        tokens of a client itself have none. Raises OryUnauthorized.
        """

    @endpoint("POST /oauth2/register", HYDRA_PUBLIC, since="v2.0.3")
    def dynamic_client_registration_create_o_auth2_client(
        self, *, body: models.OAuth2Client | Mapping[str, Any]
    ) -> models.OAuth2Client:
        """Register a client (OpenID Connect Dynamic Client Registration).

        Store the ``registration_access_token``. Raises OryBadRequest, for example for a ``client_secret`` or
        ``metadata`` in the body; OryNotFound if registration is disabled, which is the
        default.
        """

    create_oidc_dynamic_client = dynamic_client_registration_create_o_auth2_client

    @endpoint("GET /oauth2/register/{id}", HYDRA_PUBLIC, since="v2.0.3")
    def dynamic_client_registration_get_o_auth2_client(
        self, id: str, *, registration_access_token: str | None = None
    ) -> models.OAuth2Client:
        """Read a registered client. Raises OryUnauthorized without its registration access token."""

    get_oidc_dynamic_client = dynamic_client_registration_get_o_auth2_client

    @endpoint("PUT /oauth2/register/{id}", HYDRA_PUBLIC, since="v2.0.3")
    def dynamic_client_registration_update_o_auth2_client(
        self,
        id: str,
        *,
        body: models.OAuth2Client | Mapping[str, Any],
        registration_access_token: str | None = None,
    ) -> models.OAuth2Client:
        """Replace a registered client as a whole.

        The response has a new registration access token; the old one is revoked. Raises OryUnauthorized,
        OryBadRequest, OryForbidden for a ``client_secret`` in the body.
        """

    set_oidc_dynamic_client = dynamic_client_registration_update_o_auth2_client

    @endpoint("DELETE /oauth2/register/{id}", HYDRA_PUBLIC, since="v2.0.3")
    def dynamic_client_registration_delete_o_auth2_client(
        self, id: str, *, registration_access_token: str | None = None
    ) -> None:
        """Delete a registered client. Raises OryUnauthorized without its registration access token."""

    delete_oidc_dynamic_client = dynamic_client_registration_delete_o_auth2_client

    @endpoint("POST /credentials", HYDRA_PUBLIC, since="v2.3.0")
    def create_verifiable_credential(
        self,
        *,
        body: models.CreateVerifiableCredentialRequestBody | Mapping[str, Any],
        access_token: str | None = None,
    ) -> models.VerifiableCredentialResponse:
        """Issue a verifiable credential (OpenID Connect Userinfo Verifiable Credentials, draft 00).

        The first call raises OryBadRequest; its ``body`` has the ``c_nonce`` for the proof.
        """
