"""API keys that a project issues to its own customers."""

from __future__ import annotations

from typing import Any

from .model import AwareDatetime, NullableList, OryBody, OryModel, TokenPage


class IPRestriction(OryModel):
    """Networks from which a key may be used."""

    allowed_cidrs: NullableList[str] = []


class RateLimitPolicy(OryModel):
    """The rate limit of a key."""

    quota: str | None = None
    unit: str | None = None
    window: str | None = None


class _ApiKeyFields(OryModel):
    actor_id: str | None = None
    create_time: AwareDatetime | None = None
    expire_time: AwareDatetime | None = None
    ip_restriction: IPRestriction | None = None
    last_used_time: AwareDatetime | None = None
    metadata: dict[str, Any] | None = None
    name: str | None = None
    rate_limit_policy: RateLimitPolicy | None = None
    revocation_description: str | None = None
    revocation_reason: str | None = None
    scopes: NullableList[str] = []
    status: str | None = None
    update_time: AwareDatetime | None = None
    visibility: str | None = None


class IssuedApiKey(_ApiKeyFields):
    """An issued key. Only the response that created the key contains the secret."""

    key_id: str | None = None


class ImportedApiKey(_ApiKeyFields):
    """A key that was created elsewhere."""

    key_id: str | None = None


class AdminUpdateIssuedApiKeyRequest(_ApiKeyFields, OryBody):
    """Changes; ``update_mask`` names the fields to change."""


class AdminUpdateImportedApiKeyRequest(_ApiKeyFields, OryBody):
    """Changes; ``update_mask`` names the fields to change."""


class _ApiKeyTerms(OryBody):
    ip_restriction: IPRestriction | None = None
    metadata: dict[str, Any] | None = None
    name: str | None = None
    rate_limit_policy: RateLimitPolicy | None = None
    scopes: NullableList[str] = []
    visibility: str | None = None


class AdminRotateIssuedApiKeyBody(_ApiKeyTerms):
    """Fields of the new key that differ from the old one."""


class _NewApiKey(_ApiKeyTerms):
    actor_id: str | None = None
    request_id: str | None = None
    ttl: str | None = None


class IssueApiKeyRequest(_NewApiKey):
    """A key to issue. ``ttl`` is a duration such as ``"3600s"``."""


class ImportApiKeyRequest(_NewApiKey):
    """A key to import."""

    raw_key: str | None = None


class IssueApiKeyResponse(OryModel):
    """A new key; ``secret`` is only in this response."""

    issued_api_key: IssuedApiKey | None = None
    secret: str | None = None


class RotateIssuedApiKeyResponse(OryModel):
    """The key that replaces ``old_issued_api_key``; ``secret`` is only in this response."""

    issued_api_key: IssuedApiKey | None = None
    old_issued_api_key: IssuedApiKey | None = None
    secret: str | None = None


class ListIssuedApiKeysResponse(TokenPage):
    """One page of issued keys."""

    issued_api_keys: NullableList[IssuedApiKey] = []

    def page_items(self) -> list[IssuedApiKey]:
        """Return the items of the page."""
        return self.issued_api_keys


class ListImportedApiKeysResponse(TokenPage):
    """One page of imported keys."""

    imported_api_keys: NullableList[ImportedApiKey] = []

    def page_items(self) -> list[ImportedApiKey]:
        """Return the items of the page."""
        return self.imported_api_keys


class BatchCreateImportedApiKeysRequest(OryBody):
    """Keys to import."""

    requests: NullableList[ImportApiKeyRequest] = []


class BatchCreateImportedApiKeysResult(OryModel):
    """The result for one key."""

    error_code: str | None = None
    error_message: str | None = None
    imported_api_key: ImportedApiKey | None = None
    index: int | None = None


class BatchCreateImportedApiKeysResponse(OryModel):
    """The results, one per key."""

    failure_count: int | None = None
    results: NullableList[BatchCreateImportedApiKeysResult] = []
    success_count: int | None = None


class _Revocation(OryBody):
    description: str | None = None
    reason: str | None = None


class AdminRevokeIssuedApiKeyBody(_Revocation):
    """The reason for the revocation."""


class AdminRevokeImportedApiKeyBody(_Revocation):
    """The reason for the revocation."""
