"""Hydra's OAuth2 clients: create, read, change, delete, list; their lifespans and secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django_ory.client.services import HYDRA_ADMIN

from .operation import Operations, Paging, endpoint

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django_ory.client import models


class OAuth2ClientOperations(Operations):
    """OAuth2 clients, seen by the administrator."""

    @endpoint("GET /admin/clients", HYDRA_ADMIN, paging=Paging.LINK, since="v2.0.3")
    def admin_list_o_auth2_clients(
        self,
        *,
        page_size: int | None = None,
        page_token: str | None = None,
        client_name: str | None = None,
        owner: str | None = None,
    ) -> list[models.OAuth2Client]:
        """List OAuth2 clients. Never with their secrets.

        ``client_name`` and ``owner`` match exactly. Hydra up to 2.3 counts pages without them, so a page may
        be short or empty and more may follow. Raises OryBadRequest for a page token that has expired (v25.4).
        """

    list_o_auth2_clients = admin_list_o_auth2_clients

    @endpoint("POST /admin/clients", HYDRA_ADMIN, since="v2.0.3")
    def admin_create_o_auth2_client(
        self, *, body: models.OAuth2Client | Mapping[str, Any]
    ) -> models.OAuth2Client:
        """Create an OAuth2 client.

        The answer is the only one that has ``client_secret`` and ``registration_access_token``. Raises
        OryBadRequest for a client Hydra refuses (and, in v2.0, for any ``client_id``), OryConflict for an id
        in use.
        """

    create_o_auth2_client = admin_create_o_auth2_client

    @endpoint("GET /admin/clients/{id}", HYDRA_ADMIN, since="v2.0.3")
    def admin_get_o_auth2_client(self, id: str) -> models.OAuth2Client:
        """Read an OAuth2 client. Raises OryNotFound."""

    get_o_auth2_client = admin_get_o_auth2_client

    @endpoint("PUT /admin/clients/{id}", HYDRA_ADMIN, since="v2.0.3")
    def admin_update_o_auth2_client(
        self, id: str, *, body: models.OAuth2Client | Mapping[str, Any]
    ) -> models.OAuth2Client:
        """Replace an OAuth2 client. Fields that ``body`` lacks are reset; the secret is kept.

        Its registration access token ends. Raises OryBadRequest, OryNotFound.
        """

    set_o_auth2_client = admin_update_o_auth2_client

    @endpoint("PATCH /admin/clients/{id}", HYDRA_ADMIN, since="v2.0.3")
    def admin_patch_o_auth2_client(
        self, id: str, *, body: Sequence[models.JsonPatch | Mapping[str, Any]]
    ) -> models.OAuth2Client:
        """Change an OAuth2 client by a JSON Patch (RFC 6902).

        ``[{"op": "replace", "path": "/owner", "value": "me"}]``. Only add, remove and replace. From v25.4 on
        it ends the registration access token; up to v2.3 it cannot clear a lifespan. Raises OryNotFound,
        OryBadRequest, and OryServerError for an operation Hydra does not take.
        """

    patch_o_auth2_client = admin_patch_o_auth2_client

    @endpoint("DELETE /admin/clients/{id}", HYDRA_ADMIN, since="v2.0.3")
    def admin_delete_o_auth2_client(self, id: str) -> None:
        """Delete an OAuth2 client, its opaque tokens and consents.

        JWTs that it was given stay valid until they expire. Raises OryNotFound.
        """

    delete_o_auth2_client = admin_delete_o_auth2_client

    @endpoint("PUT /admin/clients/{id}/lifespans", HYDRA_ADMIN, since="v2.0.3")
    def set_o_auth2_client_lifespans(
        self, id: str, *, body: models.OAuth2ClientTokenLifespans | Mapping[str, Any]
    ) -> models.OAuth2Client:
        """Replace the lifespans of a client's tokens (``"90m"``) and nothing else.

        Values that ``body`` lacks are reset to the server's default. Raises OryBadRequest, OryNotFound.
        """

    @endpoint("POST /admin/clients/{id}/secrets/rotate", HYDRA_ADMIN)
    def rotate_o_auth2_client_secret(
        self, id: str, *, body: models.RotateOAuth2ClientSecretBody | Mapping[str, Any] | None = None
    ) -> models.OAuth2Client:
        """Give a client a new secret.

        The old one stays valid until ``delete_rotated_o_auth2_client_secrets``. Raises OryBadRequest for a
        client without a secret, OryNotFound also where the server is too old for it.
        """

    @endpoint("DELETE /admin/clients/{id}/secrets/rotate", HYDRA_ADMIN)
    def delete_rotated_o_auth2_client_secrets(self, id: str) -> models.OAuth2Client:
        """End the validity of a client's former secrets. Raises OryNotFound."""
