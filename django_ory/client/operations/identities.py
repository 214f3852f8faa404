"""Kratos' identities. Admin API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django_ory.client.services import KRATOS_ADMIN, KRATOS_PUBLIC

from .operation import Operations, Paging, endpoint

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django_ory.client import models


class IdentityOperations(Operations):
    """Identities, their credentials, schemas, and recovery by staff."""

    @endpoint("GET /admin/identities", KRATOS_ADMIN, paging=Paging.LINK, since="v0.10.1")
    def admin_list_identities(
        self,
        *,
        per_page: int | None = None,
        page: int | None = None,
        page_size: int | None = None,
        page_token: str | None = None,
        consistency: str | None = None,
        ids: Sequence[str] | None = None,
        credentials_identifier: str | None = None,
        preview_credentials_identifier_similar: str | None = None,
        include_credential: Sequence[str] | None = None,
        organization_id: str | None = None,
    ) -> list[models.Identity]:
        """List identities.

        Pagination: ``page_size`` (at most 500) and ``page_token`` since v1.1; ``page`` and ``per_page``
        before, up to 1000 identities. The filters ``ids`` (at most 500), ``credentials_identifier`` (exact,
        v1.0) and the similar one exclude each other. Kratos before v25.4 ignores ``organization_id`` and
        returns all identities.
        Raises OryBadRequest for an invalid page token or filters that exclude each other.
        """

    list_identities = admin_list_identities

    @endpoint("POST /admin/identities", KRATOS_ADMIN, since="v0.10.1")
    def admin_create_identity(
        self, *, body: models.CreateIdentityBody | Mapping[str, Any]
    ) -> models.Identity:
        """Create an identity, optionally with credentials to import.

        Kratos silently drops addresses that are not in the traits or lack ``via`` and ``status``: check the
        response.
        Raises OryBadRequest for traits that violate the schema, OryConflict for an identifier in use.
        """

    create_identity = admin_create_identity

    @endpoint("PATCH /admin/identities", KRATOS_ADMIN, since="v1.0.0")
    def batch_patch_identities(
        self, *, body: models.PatchIdentitiesBody | Mapping[str, Any]
    ) -> models.BatchPatchIdentitiesResponse:
        """Create many identities at once. Check each result: a success may contain errors.

        Raises OryConflict (v1.3: when all of them exist), OryBadRequest (one bad password hash fails all).
        """

    @endpoint("GET /admin/identities/{id}", KRATOS_ADMIN, since="v0.10.1")
    def admin_get_identity(
        self, id: str, *, include_credential: Sequence[str] | None = None
    ) -> models.Identity:
        """Get an identity.

        ``include_credential`` names the types of credentials to return with their configuration (v0.10: only
        oidc).
        Raises OryNotFound.
        """

    get_identity = admin_get_identity

    @endpoint("GET /admin/identities/by/external/{externalID}", KRATOS_ADMIN, since="v25.4.0")
    def get_identity_by_external_id(
        self, external_id: str, *, include_credential: Sequence[str] | None = None
    ) -> models.Identity:
        """Get an identity by its id in another system.

        Raises OryNotFound.
        """

    @endpoint("PUT /admin/identities/{id}", KRATOS_ADMIN, since="v0.10.1")
    def admin_update_identity(
        self, id: str, *, body: models.UpdateIdentityBody | Mapping[str, Any]
    ) -> models.Identity:
        """Replace an identity. Metadata that is not sent is cleared, credentials are kept.

        Raises OryBadRequest, OryNotFound, OryConflict.
        """

    update_identity = admin_update_identity

    @endpoint("PATCH /admin/identities/{id}", KRATOS_ADMIN, since="v0.11.1")
    def admin_patch_identity(
        self, id: str, *, body: Sequence[models.JsonPatch | Mapping[str, Any]]
    ) -> models.Identity:
        """Change an identity by JSON Patch (add, remove, replace). The last write wins.

        Do not use paths below /credentials: Kratos accepts some of them and then loses the credential.
        Raises OryBadRequest, OryNotFound, OryConflict.
        """

    patch_identity = admin_patch_identity

    @endpoint("DELETE /admin/identities/{id}", KRATOS_ADMIN, since="v0.10.1")
    def admin_delete_identity(self, id: str) -> None:
        """Delete an identity and all its data. This cannot be undone.

        Raises OryNotFound.
        """

    delete_identity = admin_delete_identity

    @endpoint("DELETE /admin/identities/{id}/credentials/{type}", KRATOS_ADMIN, since="v1.0.0")
    def delete_identity_credentials(self, id: str, type: str, *, identifier: str | None = None) -> None:
        """Delete a credential of an identity.

        ``identifier`` is required for oidc and saml: ``"provider:subject"``.
        Raises OryBadRequest for the last first factor, OryNotFound.
        """

    @endpoint("POST /admin/recovery/code", KRATOS_ADMIN, since="v0.11.1")
    def admin_create_self_service_recovery_code(
        self, *, body: models.CreateRecoveryCodeForIdentityBody | Mapping[str, Any]
    ) -> models.RecoveryCodeForIdentity:
        """Create a recovery code for a user.

        Raises OryBadRequest (recovery is disabled), OryNotFound.
        """

    create_recovery_code_for_identity = admin_create_self_service_recovery_code

    @endpoint("POST /admin/recovery/link", KRATOS_ADMIN, since="v0.10.1")
    def admin_create_self_service_recovery_link(
        self,
        *,
        body: models.CreateRecoveryLinkForIdentityBody | Mapping[str, Any],
        return_to: str | None = None,
    ) -> models.RecoveryLinkForIdentity:
        """Create a recovery link for a user.

        ``return_to`` since v1.1. Raises OryBadRequest, also for an identity that does not exist, for which
        OryNotFound is documented.
        """

    create_recovery_link_for_identity = admin_create_self_service_recovery_link

    @endpoint("GET /schemas/{id}", KRATOS_PUBLIC, since="v0.10.1")
    def get_identity_schema(self, id: str) -> dict[str, Any]:
        """Get a JSON Schema of traits.

        Raises OryNotFound.
        """

    @endpoint("GET /schemas", KRATOS_PUBLIC, paging=Paging.LINK, since="v0.10.1")
    def list_identity_schemas(
        self,
        *,
        per_page: int | None = None,
        page: int | None = None,
        page_size: int | None = None,
        page_token: str | None = None,
    ) -> list[models.IdentitySchemaContainer]:
        """List the JSON Schemas of traits. ``page`` counts from 0."""
