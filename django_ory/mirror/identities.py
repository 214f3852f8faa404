"""Identities: sync, activate, deactivate and delete. Changes are sent to Kratos first.

Kratos only hides the sessions of an inactive identity, and shows them again after an activation. Therefore
a deactivation also ends the sessions in Kratos and in Hydra.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils import timezone

from django_ory.authentication.invalidation import invalidate_identity
from django_ory.authentication.logout import Failures, end_sessions
from django_ory.client import ListedPage, OryDecodeError, OryNotFound
from django_ory.client import models as ory
from django_ory.client.identifiers import parse_uuid
from django_ory.clients import get_client
from django_ory.models import Identity
from django_ory.signals import identity_synced
from django_ory.users.rows import identity_columns

from .erasure import erase_identity
from .errors import OtherResourceReturned, error_text
from .report import SyncReport
from .rows import Mirror
from .sessions import describe_failures
from .sync import OnPage, sync_rows

__all__ = [
    "IdentityChange",
    "delete_identity",
    "fetch_identity",
    "refresh_identity",
    "set_identity_state",
    "sync_identities",
]


@dataclass(frozen=True, kw_only=True)
class IdentityChange:
    """The result of a change.

    ``problems``: a sentence for each step after the change that failed. ``has_ended_sessions``: whether all
    sessions and consents in Ory that the change ends have ended.
    """

    row: Identity | None
    problems: tuple[str, ...] = ()
    has_ended_sessions: bool = True


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


def sync_identities(
    alias: str,
    *,
    page_size: int = 250,
    dry_run: bool = False,
    stop_after: float | None = None,
    on_page: OnPage | None = None,
) -> SyncReport:
    """Write the rows of all identities of an alias. Rows that Kratos does not have are marked as missing.

    A sync that was interrupted less than a day ago is continued after its last page. Several syncs may run at
    once. The calls slow down before the rate limit of Ory Network.

    Args:
        alias: The key in ``settings.ORY``.
        page_size: The number of identities per request. A continued sync keeps its own.
        dry_run: Only count.
        stop_after: Seconds after which the sync stops. Then no row is marked, and the next sync continues.
        on_page: Called after each page with the report so far and the number of rows at the start.

    Raises:
        OryError: Kratos failed. The identities that were read are written, and no row is marked. The next
            sync continues.
    """
    return sync_rows(
        IDENTITY_MIRROR,
        alias,
        page_size=page_size,
        dry_run=dry_run,
        stop_after=stop_after,
        on_page=on_page,
    )


def refresh_identity(alias: str, identity_id: UUID | str) -> Identity:
    """Write the row of one identity. If Kratos does not have the identity, the row is marked as missing.

    Raises OryNotFound if there is neither an identity nor a row.
    """
    return IDENTITY_MIRROR.refresh(alias, UUID(str(identity_id)))


def fetch_identity(alias: str, identity_id: UUID | str) -> ory.Identity:
    """Return an identity of Kratos, without the configuration of its credentials. No row is written.

    Raises:
        OryNotFound: Kratos does not have the identity.
        OtherResourceReturned: The response is about another identity.
    """
    return IDENTITY_MIRROR.fetch(alias, UUID(str(identity_id)))


def set_identity_state(alias: str, identity_id: UUID | str, state: Identity.State) -> IdentityChange:
    """Activate or deactivate an identity in Kratos, then write its row.

    Deactivating also ends its sessions in Kratos and in Hydra. Repeat the call to retry the steps
    in ``problems``. Raises OryError if Kratos rejects the change. Nothing was changed then.
    """
    client, key, requested_at = get_client(alias), UUID(str(identity_id)), timezone.now()
    patch = [{"op": "replace", "path": "/state", "value": str(state)}]
    identity: ory.Identity | None = None
    unreadable: tuple[str, ...] = ()
    try:
        identity = require_identity(client.admin_patch_identity(str(key), body=patch), key)
    except OryNotFound:
        IDENTITY_MIRROR.mark_missing(alias, key, requested_at=requested_at)
        raise
    except OryDecodeError as error:
        if not 200 <= error.status < 300:
            raise
        unreadable = (error_text(error),)  # the change was made, so continue
    # Both before the next calls: those may take a while, and the identity may change meanwhile.
    failures: Failures = {} if invalidate_identity(key, alias=alias) else {"cache": None}
    row = IDENTITY_MIRROR.write_row(alias, identity, requested_at=requested_at) if identity else None
    if state == Identity.State.INACTIVE:
        failures |= end_sessions(key, alias=alias)
    return build_change(row, failures, unreadable)


def delete_identity(alias: str, identity_id: UUID | str) -> IdentityChange:
    """Delete an identity in Kratos, end its sessions in Hydra, and erase it here; see ``erase_identity``.

    Kratos deletes its own sessions. An identity that Kratos does not have is no error.
    """
    key = UUID(str(identity_id))
    with suppress(OryNotFound):
        get_client(alias).admin_delete_identity(str(key))
    failures = end_sessions(key, alias=alias, kratos=False)
    erase_identity(alias, key)
    return build_change(None, failures)


def require_identity(identity: ory.Identity, key: UUID) -> ory.Identity:
    """Return a response. Raises OtherResourceReturned if the response is about another identity."""
    if IDENTITY_MIRROR.get_key(identity) != key:
        raise OtherResourceReturned
    return identity


def build_change(
    row: Identity | None, failures: Failures, unreadable: tuple[str, ...] = ()
) -> IdentityChange:
    """Build the result of a change from the failures of ``end_sessions`` and other sentences."""
    return IdentityChange(
        row=row,
        problems=describe_failures(failures) + unreadable,
        has_ended_sessions=not failures.keys() - {"cache"},
    )
