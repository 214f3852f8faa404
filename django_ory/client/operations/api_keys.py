"""API keys that a project of Ory Network issues to its own customers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django_ory.client.services import NETWORK_ADMIN, NETWORK_PUBLIC

from .operation import Operations, Paging, endpoint

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django_ory.client import models


class ApiKeyOperations(Operations):
    """API keys, for administrators and for services that check them."""

    @endpoint("GET /v2alpha1/admin/issuedApiKeys", NETWORK_ADMIN, paging=Paging.BODY)
    def admin_list_issued_api_keys(
        self, *, page_size: int | None = None, page_token: str | None = None, filter: str | None = None
    ) -> models.ListIssuedApiKeysResponse:
        """List the keys that were issued; the response is one page.

        ``filter`` is an expression such as ``actor_id="x"``.
        """

    @endpoint("POST /v2alpha1/admin/issuedApiKeys", NETWORK_ADMIN)
    def admin_issue_api_key(
        self, *, body: models.IssueApiKeyRequest | Mapping[str, Any]
    ) -> models.IssueApiKeyResponse:
        """Issue a key. Only this response contains the ``secret``."""

    @endpoint("GET /v2alpha1/admin/issuedApiKeys/{key_id}", NETWORK_ADMIN)
    def admin_get_issued_api_key(self, key_id: str) -> models.IssuedApiKey:
        """Read a key that was issued.

        Raises OryNotFound.
        """

    @endpoint("PATCH /v2alpha1/admin/issuedApiKeys/{key_id}", NETWORK_ADMIN)
    def admin_update_issued_api_key(
        self,
        key_id: str,
        *,
        body: models.AdminUpdateIssuedApiKeyRequest | Mapping[str, Any],
        update_mask: str | None = None,
    ) -> models.IssuedApiKey:
        """Change a key that was issued.

        ``update_mask`` names the fields to change, separated by commas. Raises OryNotFound.
        """

    @endpoint("POST /v2alpha1/admin/issuedApiKeys/{key_id}:rotate", NETWORK_ADMIN)
    def admin_rotate_issued_api_key(
        self, key_id: str, *, body: models.AdminRotateIssuedApiKeyBody | Mapping[str, Any]
    ) -> models.RotateIssuedApiKeyResponse:
        """Replace a key by a new one. Only this response contains the ``secret``.

        Raises OryNotFound.
        """

    @endpoint("POST /v2alpha1/admin/issuedApiKeys/{key_id}:revoke", NETWORK_ADMIN)
    def admin_revoke_issued_api_key(
        self, key_id: str, *, body: models.AdminRevokeIssuedApiKeyBody | Mapping[str, Any]
    ) -> None:
        """Revoke a key that was issued.

        Raises OryNotFound.
        """

    @endpoint("GET /v2alpha1/admin/importedApiKeys", NETWORK_ADMIN, paging=Paging.BODY)
    def admin_list_imported_api_keys(
        self, *, page_size: int | None = None, page_token: str | None = None, filter: str | None = None
    ) -> models.ListImportedApiKeysResponse:
        """List the keys that were imported; the response is one page."""

    @endpoint("POST /v2alpha1/admin/importedApiKeys", NETWORK_ADMIN)
    def admin_import_api_key(
        self, *, body: models.ImportApiKeyRequest | Mapping[str, Any]
    ) -> models.ImportedApiKey:
        """Import a key that was created elsewhere."""

    @endpoint("POST /v2alpha1/admin/importedApiKeys:batchCreate", NETWORK_ADMIN)
    def admin_batch_create_imported_api_keys(
        self, *, body: models.BatchCreateImportedApiKeysRequest | Mapping[str, Any]
    ) -> models.BatchCreateImportedApiKeysResponse:
        """Import several keys. The response contains a result for each."""

    @endpoint("GET /v2alpha1/admin/importedApiKeys/{key_id}", NETWORK_ADMIN)
    def admin_get_imported_api_key(self, key_id: str) -> models.ImportedApiKey:
        """Read a key that was imported.

        Raises OryNotFound.
        """

    @endpoint("PATCH /v2alpha1/admin/importedApiKeys/{key_id}", NETWORK_ADMIN)
    def admin_update_imported_api_key(
        self,
        key_id: str,
        *,
        body: models.AdminUpdateImportedApiKeyRequest | Mapping[str, Any],
        update_mask: str | None = None,
    ) -> models.ImportedApiKey:
        """Change a key that was imported.

        ``update_mask`` names the fields to change, separated by commas. Raises OryNotFound.
        """

    @endpoint("POST /v2alpha1/admin/importedApiKeys/{key_id}:revoke", NETWORK_ADMIN)
    def admin_revoke_imported_api_key(
        self, key_id: str, *, body: models.AdminRevokeImportedApiKeyBody | Mapping[str, Any]
    ) -> None:
        """Revoke a key that was imported.

        Raises OryNotFound.
        """

    @endpoint("DELETE /v2alpha1/admin/importedApiKeys/{key_id}", NETWORK_ADMIN)
    def admin_delete_imported_api_key(self, key_id: str) -> None:
        """Delete a key that was imported.

        Raises OryNotFound.
        """

    @endpoint("POST /v2alpha1/admin/apiKeys:verify", NETWORK_ADMIN)
    def admin_verify_api_key(
        self,
        *,
        body: models.VerifyApiKeyRequest | Mapping[str, Any],
        cache_control: str | None = None,
        pragma: str | None = None,
    ) -> models.VerifyApiKeyResponse:
        """Check a key and return its permissions.

        ``cache_control="no-cache"`` bypasses the cache.
        """

    @endpoint("POST /v2alpha1/admin/apiKeys:batchVerify", NETWORK_ADMIN)
    def admin_batch_verify_api_keys(
        self,
        *,
        body: models.BatchVerifyApiKeysRequest | Mapping[str, Any],
        cache_control: str | None = None,
        pragma: str | None = None,
    ) -> models.BatchVerifyApiKeysResponse:
        """Check several keys. The results are in the order of the request."""

    @endpoint("POST /v2alpha1/admin/apiKeys:derive", NETWORK_ADMIN)
    def admin_derive_token(
        self, *, body: models.DeriveTokenRequest | Mapping[str, Any]
    ) -> models.DeriveTokenResponse:
        """Derive a short-lived token from a key."""

    @endpoint("POST /v2alpha1/apiKeys:selfRevoke", NETWORK_PUBLIC)
    def revoke_api_key(self, *, body: models.SelfRevokeApiKeyRequest | Mapping[str, Any]) -> dict[str, Any]:
        """Revoke the caller's own key."""

    @endpoint("GET /v2alpha1/derivedKeys/jwks.json", NETWORK_PUBLIC)
    def get_jwks(self) -> models.GetJWKSResponse:
        """Read the public keys that verify derived tokens."""
