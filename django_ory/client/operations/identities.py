"""Kratos' identities. Admin API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django_ory.client import models
from django_ory.client.services import KRATOS_ADMIN, KRATOS_PUBLIC

from .operation import Operations, Paging, listing, operation

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class IdentityOperations(Operations):
    """Identities, their credentials, schemas, and recovery by staff."""

    @listing(Paging.LINK)
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
        Source: Kratos, GET /admin/identities; first in v0.10.1.
        """
        return self._send(
            "GET /admin/identities",
            KRATOS_ADMIN,
            list[models.Identity],
            query={
                "per_page": per_page,
                "page": page,
                "page_size": page_size,
                "page_token": page_token,
                "consistency": consistency,
                "ids": ids,
                "credentials_identifier": credentials_identifier,
                "preview_credentials_identifier_similar": preview_credentials_identifier_similar,
                "include_credential": include_credential,
                "organization_id": organization_id,
            },
        )

    list_identities = admin_list_identities

    @operation
    def admin_create_identity(
        self, *, body: models.CreateIdentityBody | Mapping[str, Any]
    ) -> models.Identity:
        """Create an identity, optionally with credentials to import.

        Kratos silently drops addresses that are not in the traits or lack ``via`` and ``status``: check the
        response.
        Raises OryBadRequest for traits that violate the schema, OryConflict for an identifier in use.
        Source: Kratos, POST /admin/identities; first in v0.10.1.
        """
        return self._send("POST /admin/identities", KRATOS_ADMIN, models.Identity, body=body)

    create_identity = admin_create_identity

    @operation
    def batch_patch_identities(
        self, *, body: models.PatchIdentitiesBody | Mapping[str, Any]
    ) -> models.BatchPatchIdentitiesResponse:
        """Create many identities at once. Check each result: a success may contain errors.

        Raises OryConflict (v1.3: when all of them exist), OryBadRequest (one bad password hash fails all).
        Source: Kratos, PATCH /admin/identities; first in v1.0.0.
        """
        return self._send(
            "PATCH /admin/identities", KRATOS_ADMIN, models.BatchPatchIdentitiesResponse, body=body
        )

    @operation
    def admin_get_identity(
        self, id: str, *, include_credential: Sequence[str] | None = None
    ) -> models.Identity:
        """Get an identity.

        ``include_credential`` names the types of credentials to return with their configuration (v0.10: only
        oidc).
        Raises OryNotFound.
        Source: Kratos, GET /admin/identities/{id}; first in v0.10.1.
        """
        return self._send(
            "GET /admin/identities/{id}",
            KRATOS_ADMIN,
            models.Identity,
            path={"id": id},
            query={"include_credential": include_credential},
        )

    get_identity = admin_get_identity

    @operation
    def get_identity_by_external_id(
        self, external_id: str, *, include_credential: Sequence[str] | None = None
    ) -> models.Identity:
        """Get an identity by its id in another system.

        Raises OryNotFound.
        Source: Kratos, GET /admin/identities/by/external/{externalID}; first in v25.4.0.
        """
        return self._send(
            "GET /admin/identities/by/external/{externalID}",
            KRATOS_ADMIN,
            models.Identity,
            path={"externalID": external_id},
            query={"include_credential": include_credential},
        )

    @operation
    def admin_update_identity(
        self, id: str, *, body: models.UpdateIdentityBody | Mapping[str, Any]
    ) -> models.Identity:
        """Replace an identity. Metadata that is not sent is cleared, credentials are kept.

        Raises OryBadRequest, OryNotFound, OryConflict.
        Source: Kratos, PUT /admin/identities/{id}; first in v0.10.1.
        """
        return self._send(
            "PUT /admin/identities/{id}", KRATOS_ADMIN, models.Identity, path={"id": id}, body=body
        )

    update_identity = admin_update_identity

    @operation
    def admin_patch_identity(
        self, id: str, *, body: Sequence[models.JsonPatch | Mapping[str, Any]]
    ) -> models.Identity:
        """Change an identity by JSON Patch (add, remove, replace). The last write wins.

        Do not use paths below /credentials: Kratos accepts some of them and then loses the credential.
        Raises OryBadRequest, OryNotFound, OryConflict.
        Source: Kratos, PATCH /admin/identities/{id}; first in v0.11.1.
        """
        return self._send(
            "PATCH /admin/identities/{id}", KRATOS_ADMIN, models.Identity, path={"id": id}, body=body
        )

    patch_identity = admin_patch_identity

    @operation
    def admin_delete_identity(self, id: str) -> None:
        """Delete an identity and all its data. This cannot be undone.

        Raises OryNotFound.
        Source: Kratos, DELETE /admin/identities/{id}; first in v0.10.1.
        """
        return self._send("DELETE /admin/identities/{id}", KRATOS_ADMIN, None, path={"id": id})

    delete_identity = admin_delete_identity

    @operation
    def delete_identity_credentials(self, id: str, type: str, *, identifier: str | None = None) -> None:
        """Delete a credential of an identity.

        ``identifier`` is required for oidc and saml: ``"provider:subject"``.
        Raises OryBadRequest for the last first factor, OryNotFound.
        Source: Kratos, DELETE /admin/identities/{id}/credentials/{type}; first in v1.0.0.
        """
        return self._send(
            "DELETE /admin/identities/{id}/credentials/{type}",
            KRATOS_ADMIN,
            None,
            path={"id": id, "type": type},
            query={"identifier": identifier},
        )

    @operation
    def admin_create_self_service_recovery_code(
        self, *, body: models.CreateRecoveryCodeForIdentityBody | Mapping[str, Any]
    ) -> models.RecoveryCodeForIdentity:
        """Create a recovery code for a user.

        Raises OryBadRequest (recovery is disabled), OryNotFound.
        Source: Kratos, POST /admin/recovery/code; first in v0.11.1.
        """
        return self._send(
            "POST /admin/recovery/code", KRATOS_ADMIN, models.RecoveryCodeForIdentity, body=body
        )

    create_recovery_code_for_identity = admin_create_self_service_recovery_code

    @operation
    def admin_create_self_service_recovery_link(
        self,
        *,
        body: models.CreateRecoveryLinkForIdentityBody | Mapping[str, Any],
        return_to: str | None = None,
    ) -> models.RecoveryLinkForIdentity:
        """Create a recovery link for a user.

        ``return_to`` since v1.1. Raises OryBadRequest, also for an identity that does not exist, for which
        OryNotFound is documented.
        Source: Kratos, POST /admin/recovery/link; first in v0.10.1.
        """
        return self._send(
            "POST /admin/recovery/link",
            KRATOS_ADMIN,
            models.RecoveryLinkForIdentity,
            query={"return_to": return_to},
            body=body,
        )

    create_recovery_link_for_identity = admin_create_self_service_recovery_link

    @operation
    def get_identity_schema(self, id: str) -> dict[str, Any]:
        """Get a JSON Schema of traits.

        Raises OryNotFound.
        Source: Kratos, GET /schemas/{id}; first in v0.10.1.
        """
        return self._send("GET /schemas/{id}", KRATOS_PUBLIC, dict[str, Any], path={"id": id})

    @listing(Paging.LINK)
    def list_identity_schemas(
        self,
        *,
        per_page: int | None = None,
        page: int | None = None,
        page_size: int | None = None,
        page_token: str | None = None,
    ) -> list[models.IdentitySchemaContainer]:
        """List the JSON Schemas of traits. ``page`` counts from 0.

        Source: Kratos, GET /schemas; first in v0.10.1.
        """
        return self._send(
            "GET /schemas",
            KRATOS_PUBLIC,
            list[models.IdentitySchemaContainer],
            query={"per_page": per_page, "page": page, "page_size": page_size, "page_token": page_token},
        )
