"""API keys that a project issues to its own customers."""

from __future__ import annotations

from typing import Any

from .model import Many, OryModel, Time

__all__ = [
    "AdminRevokeImportedApiKeyBody",
    "AdminRevokeIssuedApiKeyBody",
    "AdminRotateIssuedApiKeyBody",
    "AdminUpdateImportedApiKeyRequest",
    "AdminUpdateIssuedApiKeyRequest",
    "BatchCreateImportedApiKeysRequest",
    "BatchCreateImportedApiKeysResponse",
    "BatchCreateImportedApiKeysResult",
    "IPRestriction",
    "ImportApiKeyRequest",
    "ImportedApiKey",
    "IssueApiKeyRequest",
    "IssueApiKeyResponse",
    "IssuedApiKey",
    "ListImportedApiKeysResponse",
    "ListIssuedApiKeysResponse",
    "RateLimitPolicy",
    "RotateIssuedApiKeyResponse",
]


class IPRestriction(OryModel):
    """Networks a key may be used from."""

    allowed_cidrs: Many[str] = []


class RateLimitPolicy(OryModel):
    """How often a key may be used."""

    quota: str | None = None
    unit: str | None = None
    window: str | None = None


class IssuedApiKey(OryModel):
    """A key that Ory issued. Its secret is only in the answer that made it."""

    actor_id: str | None = None
    create_time: Time | None = None
    expire_time: Time | None = None
    ip_restriction: IPRestriction | None = None
    key_id: str | None = None
    last_used_time: Time | None = None
    metadata: dict[str, Any] | None = None
    name: str | None = None
    rate_limit_policy: RateLimitPolicy | None = None
    revocation_description: str | None = None
    revocation_reason: str | None = None
    scopes: Many[str] = []
    status: str | None = None
    update_time: Time | None = None
    visibility: str | None = None


class ImportedApiKey(OryModel):
    """A key that was made elsewhere."""

    actor_id: str | None = None
    create_time: Time | None = None
    expire_time: Time | None = None
    ip_restriction: IPRestriction | None = None
    key_id: str | None = None
    last_used_time: Time | None = None
    metadata: dict[str, Any] | None = None
    name: str | None = None
    rate_limit_policy: RateLimitPolicy | None = None
    revocation_description: str | None = None
    revocation_reason: str | None = None
    scopes: Many[str] = []
    status: str | None = None
    update_time: Time | None = None
    visibility: str | None = None


class IssueApiKeyRequest(OryModel):
    """A key to issue. ``ttl`` is a duration such as ``"3600s"``."""

    actor_id: str | None = None
    ip_restriction: IPRestriction | None = None
    metadata: dict[str, Any] | None = None
    name: str | None = None
    rate_limit_policy: RateLimitPolicy | None = None
    request_id: str | None = None
    scopes: Many[str] = []
    ttl: str | None = None
    visibility: str | None = None


class IssueApiKeyResponse(OryModel):
    """A new key; ``secret`` is shown once."""

    issued_api_key: IssuedApiKey | None = None
    secret: str | None = None


class RotateIssuedApiKeyResponse(OryModel):
    """The key that takes the place of ``old_issued_api_key``; ``secret`` is shown once."""

    issued_api_key: IssuedApiKey | None = None
    old_issued_api_key: IssuedApiKey | None = None
    secret: str | None = None


class ListIssuedApiKeysResponse(OryModel):
    """One page of issued keys."""

    issued_api_keys: Many[IssuedApiKey] = []
    next_page_token: str | None = None

    def page_items(self) -> list[IssuedApiKey]:
        """What the page lists."""
        return self.issued_api_keys

    def next_page(self) -> dict[str, Any]:
        """The arguments for the page after this one, empty after the last."""
        return {"page_token": self.next_page_token} if self.next_page_token else {}


class ImportApiKeyRequest(OryModel):
    """A key to import."""

    actor_id: str | None = None
    ip_restriction: IPRestriction | None = None
    metadata: dict[str, Any] | None = None
    name: str | None = None
    rate_limit_policy: RateLimitPolicy | None = None
    raw_key: str | None = None
    request_id: str | None = None
    scopes: Many[str] = []
    ttl: str | None = None
    visibility: str | None = None


class ListImportedApiKeysResponse(OryModel):
    """One page of imported keys."""

    imported_api_keys: Many[ImportedApiKey] = []
    next_page_token: str | None = None

    def page_items(self) -> list[ImportedApiKey]:
        """What the page lists."""
        return self.imported_api_keys

    def next_page(self) -> dict[str, Any]:
        """The arguments for the page after this one, empty after the last."""
        return {"page_token": self.next_page_token} if self.next_page_token else {}


class BatchCreateImportedApiKeysRequest(OryModel):
    """Keys to import."""

    requests: Many[ImportApiKeyRequest] = []


class BatchCreateImportedApiKeysResult(OryModel):
    """What became of one of them."""

    error_code: str | None = None
    error_message: str | None = None
    imported_api_key: ImportedApiKey | None = None
    index: int | None = None


class BatchCreateImportedApiKeysResponse(OryModel):
    """What became of them."""

    failure_count: int | None = None
    results: Many[BatchCreateImportedApiKeysResult] = []
    success_count: int | None = None


class AdminUpdateIssuedApiKeyRequest(OryModel):
    """Changes; ``update_mask`` says which fields count."""

    actor_id: str | None = None
    create_time: Time | None = None
    expire_time: Time | None = None
    ip_restriction: IPRestriction | None = None
    last_used_time: Time | None = None
    metadata: dict[str, Any] | None = None
    name: str | None = None
    rate_limit_policy: RateLimitPolicy | None = None
    revocation_description: str | None = None
    revocation_reason: str | None = None
    scopes: Many[str] = []
    status: str | None = None
    update_time: Time | None = None
    visibility: str | None = None


class AdminUpdateImportedApiKeyRequest(OryModel):
    """Changes; ``update_mask`` says which fields count."""

    actor_id: str | None = None
    create_time: Time | None = None
    expire_time: Time | None = None
    ip_restriction: IPRestriction | None = None
    last_used_time: Time | None = None
    metadata: dict[str, Any] | None = None
    name: str | None = None
    rate_limit_policy: RateLimitPolicy | None = None
    revocation_description: str | None = None
    revocation_reason: str | None = None
    scopes: Many[str] = []
    status: str | None = None
    update_time: Time | None = None
    visibility: str | None = None


class AdminRevokeIssuedApiKeyBody(OryModel):
    """Why the key ends."""

    description: str | None = None
    reason: str | None = None


class AdminRevokeImportedApiKeyBody(OryModel):
    """Why the key ends."""

    description: str | None = None
    reason: str | None = None


class AdminRotateIssuedApiKeyBody(OryModel):
    """What the new key is to have that the old one had not."""

    ip_restriction: IPRestriction | None = None
    metadata: dict[str, Any] | None = None
    name: str | None = None
    rate_limit_policy: RateLimitPolicy | None = None
    scopes: Many[str] = []
    visibility: str | None = None
