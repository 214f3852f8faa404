"""Identities: who people are, their addresses and credentials, and the bodies that change them."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from .model import AwareDatetime, NullableList, OryModel


class VerifiableIdentityAddress(OryModel):
    """An address that the identity can prove to own."""

    id: str | None = None
    value: str = ""
    verified: bool = False
    via: str = ""
    status: str = ""
    verified_at: AwareDatetime | None = None
    created_at: AwareDatetime | None = None
    updated_at: AwareDatetime | None = None


class RecoveryIdentityAddress(OryModel):
    """An address to which recovery mail goes."""

    id: str | None = None
    value: str = ""
    via: str = ""
    break_glass_for_organization: str | None = None
    created_at: AwareDatetime | None = None
    updated_at: AwareDatetime | None = None


class IdentityCredentials(OryModel):
    """One way to sign in. ``config`` is there only if asked for (``include_credential``)."""

    type: str | None = None
    identifiers: NullableList[str] = []
    config: dict[str, Any] | None = None
    version: int | None = None
    created_at: AwareDatetime | None = None
    updated_at: AwareDatetime | None = None


class Identity(OryModel):
    """A person or a thing that signs in. ``traits`` is whatever the schema ``schema_id`` says."""

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
    """The outcome for an identity of a batch. ``action`` is create or error, also where the status is 200."""

    shown_in_repr = ("action",)
    action: str | None = None
    identity: str | None = None
    patch_id: str | None = None
    error: Any = None


class BatchPatchIdentitiesResponse(OryModel):
    """The outcomes of a batch, in its order."""

    identities: NullableList[IdentityPatchResponse] = []


class IdentitySchemaContainer(OryModel):
    """A JSON Schema of traits, in ``schema_``, and its id."""

    id: str = ""
    schema_: dict[str, Any] | None = Field(default=None, alias="schema")


class RecoveryCodeForIdentity(OryModel):
    """A code to hand to somebody who is locked out, and the page to type it in. Both are secrets."""

    recovery_code: str
    recovery_link: str
    expires_at: AwareDatetime | None = None


class RecoveryLinkForIdentity(OryModel):
    """A link to hand to somebody who is locked out. A secret."""

    recovery_link: str
    expires_at: AwareDatetime | None = None
