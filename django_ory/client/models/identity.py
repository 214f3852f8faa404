"""Identities, their addresses and credentials."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from .model import AwareDatetime, NullableList, OryModel


class VerifiableIdentityAddress(OryModel):
    """An address that can be verified."""

    id: str | None = None
    value: str = ""
    verified: bool = False
    via: str = ""
    status: str = ""
    verified_at: AwareDatetime | None = None
    created_at: AwareDatetime | None = None
    updated_at: AwareDatetime | None = None


class RecoveryIdentityAddress(OryModel):
    """An address for recovery messages."""

    id: str | None = None
    value: str = ""
    via: str = ""
    break_glass_for_organization: str | None = None
    created_at: AwareDatetime | None = None
    updated_at: AwareDatetime | None = None


class IdentityCredentials(OryModel):
    """A credential. ``config`` is only set if requested with ``include_credential``."""

    type: str | None = None
    identifiers: NullableList[str] = []
    config: dict[str, Any] | None = None
    version: int | None = None
    created_at: AwareDatetime | None = None
    updated_at: AwareDatetime | None = None


class Identity(OryModel):
    """An identity. The schema ``schema_id`` defines the form of ``traits``."""

    id: str
    schema_id: str = ""
    schema_url: str = ""
    state: str | None = None
    state_changed_at: AwareDatetime | None = None
    traits: Any = None
    verifiable_addresses: NullableList[VerifiableIdentityAddress] = []
    recovery_addresses: NullableList[RecoveryIdentityAddress] = []
    metadata_public: Any = None
    metadata_admin: Any = None
    credentials: dict[str, IdentityCredentials] | None = None
    organization_id: str | None = None
    external_id: str | None = None
    region: str | None = None
    created_at: AwareDatetime | None = None
    updated_at: AwareDatetime | None = None


class IdentityPatchResponse(OryModel):
    """The result for one identity of a batch. ``action`` is create or error, even if the status is 200."""

    shown_in_repr = ("action",)
    action: str | None = None
    identity: str | None = None
    patch_id: str | None = None
    error: Any = None


class BatchPatchIdentitiesResponse(OryModel):
    """The results of a batch, in the order of the request."""

    identities: NullableList[IdentityPatchResponse] = []


class IdentitySchemaContainer(OryModel):
    """A JSON Schema of traits, in ``schema_``, and its id."""

    id: str = ""
    schema_: dict[str, Any] | None = Field(default=None, alias="schema")


class RecoveryCodeForIdentity(OryModel):
    """A recovery code for a user, and the URL of the page for it. Both are secrets."""

    recovery_code: str
    recovery_link: str
    expires_at: AwareDatetime | None = None


class RecoveryLinkForIdentity(OryModel):
    """A recovery link for a user. A secret."""

    recovery_link: str
    expires_at: AwareDatetime | None = None
