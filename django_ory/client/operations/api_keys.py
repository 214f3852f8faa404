"""API keys that a project of Ory Network issues to its own customers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django_ory.client import models
from django_ory.client.services import NETWORK_ADMIN, NETWORK_PUBLIC

from .operation import Operations, Paging, listing, operation

if TYPE_CHECKING:
    from collections.abc import Mapping


class ApiKeyOperations(Operations):
    """API keys, for administrators and for services that check them."""

    @listing(Paging.BODY)
    def admin_list_issued_api_keys(
        self, *, page_size: int | None = None, page_token: str | None = None, filter: str | None = None
    ) -> models.ListIssuedApiKeysResponse:
        """List the keys that were issued; the response is one page.

        ``filter`` is an expression such as ``actor_id="x"``.
        Source: Ory Network, GET /v2alpha1/admin/issuedApiKeys.
        """
        return self._send(
            "GET /v2alpha1/admin/issuedApiKeys",
            NETWORK_ADMIN,
            models.ListIssuedApiKeysResponse,
            query={"page_size": page_size, "page_token": page_token, "filter": filter},
        )

    @operation
    def admin_issue_api_key(
        self, *, body: models.IssueApiKeyRequest | Mapping[str, Any]
    ) -> models.IssueApiKeyResponse:
        """Issue a key. Only this response contains the ``secret``.

        Source: Ory Network, POST /v2alpha1/admin/issuedApiKeys.
        """
        return self._send(
            "POST /v2alpha1/admin/issuedApiKeys", NETWORK_ADMIN, models.IssueApiKeyResponse, body=body
        )

    @operation
    def admin_get_issued_api_key(self, key_id: str) -> models.IssuedApiKey:
        """Read a key that was issued.

        Raises OryNotFound.
        Source: Ory Network, GET /v2alpha1/admin/issuedApiKeys/{key_id}.
        """
        return self._send(
            "GET /v2alpha1/admin/issuedApiKeys/{key_id}",
            NETWORK_ADMIN,
            models.IssuedApiKey,
            path={"key_id": key_id},
        )

    @operation
    def admin_update_issued_api_key(
        self,
        key_id: str,
        *,
        body: models.AdminUpdateIssuedApiKeyRequest | Mapping[str, Any],
        update_mask: str | None = None,
    ) -> models.IssuedApiKey:
        """Change a key that was issued.

        ``update_mask`` names the fields to change, separated by commas. Raises OryNotFound.
        Source: Ory Network, PATCH /v2alpha1/admin/issuedApiKeys/{key_id}.
        """
        return self._send(
            "PATCH /v2alpha1/admin/issuedApiKeys/{key_id}",
            NETWORK_ADMIN,
            models.IssuedApiKey,
            path={"key_id": key_id},
            query={"update_mask": update_mask},
            body=body,
        )

    @operation
    def admin_rotate_issued_api_key(
        self, key_id: str, *, body: models.AdminRotateIssuedApiKeyBody | Mapping[str, Any]
    ) -> models.RotateIssuedApiKeyResponse:
        """Replace a key by a new one. Only this response contains the ``secret``.

        Raises OryNotFound.
        Source: Ory Network, POST /v2alpha1/admin/issuedApiKeys/{key_id}:rotate.
        """
        return self._send(
            "POST /v2alpha1/admin/issuedApiKeys/{key_id}:rotate",
            NETWORK_ADMIN,
            models.RotateIssuedApiKeyResponse,
            path={"key_id": key_id},
            body=body,
        )

    @operation
    def admin_revoke_issued_api_key(
        self, key_id: str, *, body: models.AdminRevokeIssuedApiKeyBody | Mapping[str, Any]
    ) -> None:
        """Revoke a key that was issued.

        Raises OryNotFound.
        Source: Ory Network, POST /v2alpha1/admin/issuedApiKeys/{key_id}:revoke.
        """
        return self._send(
            "POST /v2alpha1/admin/issuedApiKeys/{key_id}:revoke",
            NETWORK_ADMIN,
            None,
            path={"key_id": key_id},
            body=body,
        )

    @listing(Paging.BODY)
    def admin_list_imported_api_keys(
        self, *, page_size: int | None = None, page_token: str | None = None, filter: str | None = None
    ) -> models.ListImportedApiKeysResponse:
        """List the keys that were imported; the response is one page.

        Source: Ory Network, GET /v2alpha1/admin/importedApiKeys.
        """
        return self._send(
            "GET /v2alpha1/admin/importedApiKeys",
            NETWORK_ADMIN,
            models.ListImportedApiKeysResponse,
            query={"page_size": page_size, "page_token": page_token, "filter": filter},
        )

    @operation
    def admin_import_api_key(
        self, *, body: models.ImportApiKeyRequest | Mapping[str, Any]
    ) -> models.ImportedApiKey:
        """Import a key that was created elsewhere.

        Source: Ory Network, POST /v2alpha1/admin/importedApiKeys.
        """
        return self._send(
            "POST /v2alpha1/admin/importedApiKeys", NETWORK_ADMIN, models.ImportedApiKey, body=body
        )

    @operation
    def admin_batch_create_imported_api_keys(
        self, *, body: models.BatchCreateImportedApiKeysRequest | Mapping[str, Any]
    ) -> models.BatchCreateImportedApiKeysResponse:
        """Import several keys. The response contains a result for each.

        Source: Ory Network, POST /v2alpha1/admin/importedApiKeys:batchCreate.
        """
        return self._send(
            "POST /v2alpha1/admin/importedApiKeys:batchCreate",
            NETWORK_ADMIN,
            models.BatchCreateImportedApiKeysResponse,
            body=body,
        )

    @operation
    def admin_get_imported_api_key(self, key_id: str) -> models.ImportedApiKey:
        """Read a key that was imported.

        Raises OryNotFound.
        Source: Ory Network, GET /v2alpha1/admin/importedApiKeys/{key_id}.
        """
        return self._send(
            "GET /v2alpha1/admin/importedApiKeys/{key_id}",
            NETWORK_ADMIN,
            models.ImportedApiKey,
            path={"key_id": key_id},
        )

    @operation
    def admin_update_imported_api_key(
        self,
        key_id: str,
        *,
        body: models.AdminUpdateImportedApiKeyRequest | Mapping[str, Any],
        update_mask: str | None = None,
    ) -> models.ImportedApiKey:
        """Change a key that was imported.

        ``update_mask`` names the fields to change, separated by commas. Raises OryNotFound.
        Source: Ory Network, PATCH /v2alpha1/admin/importedApiKeys/{key_id}.
        """
        return self._send(
            "PATCH /v2alpha1/admin/importedApiKeys/{key_id}",
            NETWORK_ADMIN,
            models.ImportedApiKey,
            path={"key_id": key_id},
            query={"update_mask": update_mask},
            body=body,
        )

    @operation
    def admin_revoke_imported_api_key(
        self, key_id: str, *, body: models.AdminRevokeImportedApiKeyBody | Mapping[str, Any]
    ) -> None:
        """Revoke a key that was imported.

        Raises OryNotFound.
        Source: Ory Network, POST /v2alpha1/admin/importedApiKeys/{key_id}:revoke.
        """
        return self._send(
            "POST /v2alpha1/admin/importedApiKeys/{key_id}:revoke",
            NETWORK_ADMIN,
            None,
            path={"key_id": key_id},
            body=body,
        )

    @operation
    def admin_delete_imported_api_key(self, key_id: str) -> None:
        """Delete a key that was imported.

        Raises OryNotFound.
        Source: Ory Network, DELETE /v2alpha1/admin/importedApiKeys/{key_id}.
        """
        return self._send(
            "DELETE /v2alpha1/admin/importedApiKeys/{key_id}", NETWORK_ADMIN, None, path={"key_id": key_id}
        )

    @operation
    def admin_verify_api_key(
        self,
        *,
        body: models.VerifyApiKeyRequest | Mapping[str, Any],
        cache_control: str | None = None,
        pragma: str | None = None,
    ) -> models.VerifyApiKeyResponse:
        """Check a key and return its permissions.

        ``cache_control="no-cache"`` bypasses the cache.
        Source: Ory Network, POST /v2alpha1/admin/apiKeys:verify.
        """
        return self._send(
            "POST /v2alpha1/admin/apiKeys:verify",
            NETWORK_ADMIN,
            models.VerifyApiKeyResponse,
            headers={"Cache-Control": cache_control, "Pragma": pragma},
            body=body,
        )

    @operation
    def admin_batch_verify_api_keys(
        self,
        *,
        body: models.BatchVerifyApiKeysRequest | Mapping[str, Any],
        cache_control: str | None = None,
        pragma: str | None = None,
    ) -> models.BatchVerifyApiKeysResponse:
        """Check several keys. The results are in the order of the request.

        Source: Ory Network, POST /v2alpha1/admin/apiKeys:batchVerify.
        """
        return self._send(
            "POST /v2alpha1/admin/apiKeys:batchVerify",
            NETWORK_ADMIN,
            models.BatchVerifyApiKeysResponse,
            headers={"Cache-Control": cache_control, "Pragma": pragma},
            body=body,
        )

    @operation
    def admin_derive_token(
        self, *, body: models.DeriveTokenRequest | Mapping[str, Any]
    ) -> models.DeriveTokenResponse:
        """Derive a short-lived token from a key.

        Source: Ory Network, POST /v2alpha1/admin/apiKeys:derive.
        """
        return self._send(
            "POST /v2alpha1/admin/apiKeys:derive", NETWORK_ADMIN, models.DeriveTokenResponse, body=body
        )

    @operation
    def revoke_api_key(self, *, body: models.SelfRevokeApiKeyRequest | Mapping[str, Any]) -> dict[str, Any]:
        """Revoke the caller's own key.

        Source: Ory Network, POST /v2alpha1/apiKeys:selfRevoke.
        """
        return self._send("POST /v2alpha1/apiKeys:selfRevoke", NETWORK_PUBLIC, dict[str, Any], body=body)

    @operation
    def get_jwks(self) -> models.GetJWKSResponse:
        """Read the public keys that verify derived tokens.

        Source: Ory Network, GET /v2alpha1/derivedKeys/jwks.json.
        """
        return self._send("GET /v2alpha1/derivedKeys/jwks.json", NETWORK_PUBLIC, models.GetJWKSResponse)
