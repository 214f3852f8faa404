"""API keys that a project issues to its own customers."""

from __future__ import annotations

from typing import Any

from .model import AwareDatetime, NullableList, OryBody, OryModel, TokenPage


class IPRestriction(OryModel):
    """Networks a key may be used from."""

    allowed_cidrs: NullableList[str] = []


class RateLimitPolicy(OryModel):
    """How often a key may be used."""

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
    """A key that Ory issued. Its secret is only in the answer that made it."""

    key_id: str | None = None


class ImportedApiKey(_ApiKeyFields):
    """A key that was made elsewhere."""

    key_id: str | None = None


class AdminUpdateIssuedApiKeyRequest(_ApiKeyFields, OryBody):
    """Changes; ``update_mask`` says which fields count."""


class AdminUpdateImportedApiKeyRequest(_ApiKeyFields, OryBody):
    """Changes; ``update_mask`` says which fields count."""


class _ApiKeyTerms(OryBody):
    ip_restriction: IPRestriction | None = None
    metadata: dict[str, Any] | None = None
    name: str | None = None
    rate_limit_policy: RateLimitPolicy | None = None
    scopes: NullableList[str] = []
    visibility: str | None = None


class AdminRotateIssuedApiKeyBody(_ApiKeyTerms):
    """What the new key is to have that the old one had not."""


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
    """A new key; ``secret`` is shown once."""

    issued_api_key: IssuedApiKey | None = None
    secret: str | None = None


class RotateIssuedApiKeyResponse(OryModel):
    """The key that takes the place of ``old_issued_api_key``; ``secret`` is shown once."""

    issued_api_key: IssuedApiKey | None = None
    old_issued_api_key: IssuedApiKey | None = None
    secret: str | None = None


class ListIssuedApiKeysResponse(TokenPage):
    """One page of issued keys."""

    issued_api_keys: NullableList[IssuedApiKey] = []

    def page_items(self) -> list[IssuedApiKey]:
        """What the page lists."""
        return self.issued_api_keys


class ListImportedApiKeysResponse(TokenPage):
    """One page of imported keys."""

    imported_api_keys: NullableList[ImportedApiKey] = []

    def page_items(self) -> list[ImportedApiKey]:
        """What the page lists."""
        return self.imported_api_keys


class BatchCreateImportedApiKeysRequest(OryBody):
    """Keys to import."""

    requests: NullableList[ImportApiKeyRequest] = []


class BatchCreateImportedApiKeysResult(OryModel):
    """What became of one of them."""

    error_code: str | None = None
    error_message: str | None = None
    imported_api_key: ImportedApiKey | None = None
    index: int | None = None


class BatchCreateImportedApiKeysResponse(OryModel):
    """What became of them."""

    failure_count: int | None = None
    results: NullableList[BatchCreateImportedApiKeysResult] = []
    success_count: int | None = None


class _Revocation(OryBody):
    description: str | None = None
    reason: str | None = None


class AdminRevokeIssuedApiKeyBody(_Revocation):
    """Why the key ends."""


class AdminRevokeImportedApiKeyBody(_Revocation):
    """Why the key ends."""
