"""The addresses of identities: marked as verified or not verified by staff."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.utils import timezone

from django_ory.clients import get_client
from django_ory.exceptions import EditConflict

from .identities import IdentityChange, build_change, fetch_identity
from .identity_rows import IDENTITY_MIRROR, require_identity
from .sessions import drop_cached_sessions

if TYPE_CHECKING:
    from django_ory.client import models as ory

__all__ = ["set_address_verified"]

VERIFIED = {"verified": True, "status": "completed"}
#: Kratos sets ``verified_at`` itself.
NOT_VERIFIED = {"verified": False, "status": "pending", "verified_at": None}


def set_address_verified(
    alias: str, identity_id: UUID | str, address_id: str, *, is_verified: bool
) -> IdentityChange:
    """Mark an address of an identity as verified or as not verified, then write the row.

    All verifiable addresses are sent back together, because Kratos returns them in changing order.

    Args:
        alias: The key in ``settings.ORY``.
        identity_id: The id of the identity.
        address_id: The ``id`` in ``verifiable_addresses``.
        is_verified: The new state.

    Raises:
        OryNotFound: Kratos does not have the identity.
        EditConflict: The identity no longer has the address, or Kratos did not store the change. The row has
            the current addresses.
        OryError: Kratos rejected the change.
    """
    key, requested_at = UUID(str(identity_id)), timezone.now()
    current = fetch_identity(alias, key)
    addresses = current.model_dump(mode="json", exclude_unset=True)["verifiable_addresses"]
    address = next((each for each in addresses if each.get("id") == address_id), None)
    if address is None:
        IDENTITY_MIRROR.write_row(alias, current, requested_at=requested_at)
        raise EditConflict
    address |= VERIFIED if is_verified else NOT_VERIFIED
    patch = [{"op": "replace", "path": "/verifiable_addresses", "value": addresses}]
    requested_at = timezone.now()
    identity = require_identity(get_client(alias).admin_patch_identity(str(key), body=patch), key)
    failures = drop_cached_sessions(alias, key)
    row = IDENTITY_MIRROR.write_row(alias, identity, requested_at=requested_at)
    if not _is_stored(identity, address):
        raise EditConflict
    return build_change(row, failures)


def _is_stored(identity: ory.Identity, address: dict[str, Any]) -> bool:
    """Return whether a response has the address in its new state. Its ids may be zero in Kratos v1.3.1."""
    return any(
        (each.value, each.via, each.verified) == (address["value"], address["via"], address["verified"])
        for each in identity.verifiable_addresses
    )
