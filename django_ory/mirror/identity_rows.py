"""The rows of identities."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django_ory.authentication.invalidation import invalidate_identity
from django_ory.client import ListedPage
from django_ory.client import models as ory
from django_ory.client.identifiers import parse_uuid
from django_ory.clients import get_client
from django_ory.models import Identity
from django_ory.signals import identity_synced
from django_ory.users.rows import identity_columns

from .errors import OtherResourceReturned
from .rows import Mirror


class IdentityMirror(Mirror[Identity, ory.Identity]):
    """The rows of identities."""

    model = Identity
    has_sorted_keys = True  # UUIDs
    columns = ("label", "schema_id", "state", "data", "created_at", "updated_at")

    def fetch(self, alias: str, key: UUID) -> ory.Identity:
        """Read ``GET /admin/identities/{id}``. Raises OtherResourceReturned for another identity."""
        return require_identity(get_client(alias).admin_get_identity(str(key)), key)

    def list_pages(
        self, alias: str, *, page_size: int, page_token: str = ""
    ) -> Iterator[ListedPage[ory.Identity]]:
        """Read ``GET /admin/identities``."""
        client = get_client(alias)
        return client.iterate_pages(
            client.admin_list_identities, page_size=page_size, page_token=page_token or None
        )

    def get_key(self, resource: ory.Identity) -> UUID | None:
        """Return the identity's id; None for an invalid one."""
        return parse_uuid(resource.id)

    def build_columns(self, alias: str, resource: ory.Identity) -> dict[str, Any]:
        """Build the columns, without credentials."""
        return identity_columns(alias, resource)

    def needs_after_write(self) -> bool:
        """Return whether the site uses ``identity_synced``."""
        return identity_synced.has_listeners(Identity)

    def after_write(self, row: Identity, *, created: bool) -> None:
        """Send ``identity_synced``."""
        identity_synced.send_robust(Identity, identity=row, created=created)

    def invalidate(self, alias: str, key: UUID) -> None:
        """Drop the cached sessions of the identity."""
        invalidate_identity(key, alias=alias)


IDENTITY_MIRROR = IdentityMirror()


def require_identity(identity: ory.Identity, key: UUID) -> ory.Identity:
    """Return the identity. Raises OtherResourceReturned if the response is about another one."""
    if parse_uuid(identity.id) != key:
        raise OtherResourceReturned
    return identity
