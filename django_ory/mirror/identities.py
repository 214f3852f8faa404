"""Identities: syncing their rows, and changing them in Kratos first.

Disabling an identity in Kratos only hides its sessions: they come back when it is enabled again. So
deactivating also ends the sessions in Kratos, and what Hydra remembers of that person.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from django_ory.adapter import get_adapter
from django_ory.authentication.invalidation import invalidate_identity
from django_ory.client import OryDecodeError, OryNotFound, RouteNotFound
from django_ory.client import models as ory
from django_ory.clients import get_client
from django_ory.conf import get_settings
from django_ory.models import Identity
from django_ory.signals import identity_synced
from django_ory.users.rows import identity_columns

from .errors import ORY_ERRORS, error_text
from .rows import Mirror, SyncReport, mark_missing, sync_rows, write_row

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "IdentityChange",
    "delete_identity",
    "refresh_identity",
    "set_identity_state",
    "sync_identities",
]


@dataclass(frozen=True, kw_only=True)
class IdentityChange:
    """A change that Kratos made, and what else should have happened but did not (a sentence each)."""

    row: Identity | None
    problems: tuple[str, ...] = ()


def sync_identities(
    alias: str,
    *,
    page_size: int = 250,
    dry_run: bool = False,
    stop_after: float | None = None,
) -> SyncReport:
    """Rewrite an alias' rows from ``GET /admin/identities``; those that Kratos lacks get ``missing_since``.

    Raises OryError if the walk breaks: what was read until then is written, and nothing is marked missing.
    """
    client = get_client(alias)

    def confirm(identity_id: UUID) -> ory.Identity | None:
        try:
            return client.admin_get_identity(str(identity_id))
        except RouteNotFound:
            raise
        except OryNotFound:
            return None

    return sync_rows(
        MIRROR,
        alias,
        client.iterate(client.admin_list_identities, page_size=page_size),
        page_size=page_size,
        confirm=confirm,
        dry_run=dry_run,
        stop_after=stop_after,
    )


def refresh_identity(alias: str, identity_id: UUID | str) -> Identity:
    """Rewrite one row from ``GET /admin/identities/{id}``.

    If Kratos has no such identity, its row is returned with ``missing_since`` set; OryNotFound if there is
    no row.
    """
    asked = timezone.now()
    try:
        identity = get_client(alias).admin_get_identity(str(identity_id))
    except RouteNotFound:
        raise
    except OryNotFound:
        invalidate_identity(identity_id, alias=alias)
        row = mark_missing(MIRROR, alias, _uuid(identity_id), asked=asked)
        if row is None:
            raise
        return row
    invalidate_identity(identity_id, alias=alias)
    return write_row(MIRROR, alias, identity, asked=asked)


def set_identity_state(alias: str, identity_id: UUID | str, state: Identity.State) -> IdentityChange:
    """Activate or deactivate (``PATCH /admin/identities/{id}``), then write the row from Kratos' answer.

    Deactivating also ends the sessions in Kratos and in Hydra. Raises OryError if Kratos refuses the new
    state; then nothing changed, here or there. Run it again to retry what is listed under ``problems``.
    """
    client = get_client(alias)
    key = str(identity_id)
    patch = [{"op": "replace", "path": "/state", "value": str(state)}]
    asked = timezone.now()
    identity: ory.Identity | None
    unread: tuple[str, ...] = ()
    try:
        identity = client.admin_patch_identity(key, body=patch)
    except RouteNotFound:
        raise
    except OryNotFound:
        invalidate_identity(key, alias=alias)
        mark_missing(MIRROR, alias, _uuid(identity_id), asked=asked)
        raise
    except OryDecodeError as error:
        if not 200 <= error.status < 300:
            raise
        identity, unread = None, (error_text(error),)  # the change is made, so go on
    # Both at once: what follows may take a while, and others may change it meanwhile.
    problems = _forgotten(alias, key) + unread
    row = write_row(MIRROR, alias, identity, asked=asked) if identity else None
    if state == Identity.State.INACTIVE:
        problems += _tried({"Kratos' sessions": lambda: client.admin_delete_identity_sessions(key)})
        problems += _end_hydra_sessions(alias, key)
    return IdentityChange(row=row, problems=problems)


def delete_identity(alias: str, identity_id: UUID | str) -> IdentityChange:
    """Delete in Kratos, which ends its sessions, end those in Hydra, then drop the row.

    Already gone is no error.
    """
    key = str(identity_id)
    try:
        get_client(alias).admin_delete_identity(key)
    except RouteNotFound:
        raise
    except OryNotFound:
        pass
    problems = _forgotten(alias, key) + _end_hydra_sessions(alias, key)
    Identity.objects.filter(alias=alias, identity_id=_uuid(identity_id)).delete()
    return IdentityChange(row=None, problems=problems)


def _forgotten(alias: str, identity_id: str) -> tuple[str, ...]:
    if invalidate_identity(identity_id, alias=alias):
        return ()
    return (
        _(
            "The cache does not answer, so this site may go by what it was before for as long as "
            "SESSION_CACHE_SECONDS says."
        ),
    )


def _end_hydra_sessions(alias: str, identity_id: str) -> tuple[str, ...]:
    if not get_settings(alias).hydra_admin_url:
        return ()
    client, subject = get_client(alias), get_adapter(alias).get_subject(identity_id)
    return _tried(
        {
            "Hydra's login sessions": lambda: client.admin_revoke_o_auth2_login_sessions(subject=subject),
            "Hydra's consents": lambda: client.admin_revoke_o_auth2_consent_sessions(
                subject=subject, all=True
            ),
        }
    )


def _tried(calls: dict[str, Callable[[], object]]) -> tuple[str, ...]:
    """Make every call, whatever becomes of the others. Returns what failed, with the reason."""
    problems = []
    for what, call in calls.items():
        try:
            call()
        except OryNotFound:
            continue  # nothing to end
        except ORY_ERRORS as error:
            problems.append(_("%(what)s were not ended. %(why)s") % {"what": what, "why": error_text(error)})
    return tuple(problems)


def _uuid(identity_id: UUID | str) -> UUID:
    return identity_id if isinstance(identity_id, UUID) else UUID(identity_id)


def _get_key(identity: ory.Identity) -> UUID | None:
    try:
        return UUID(identity.id)
    except ValueError:
        return None


def _written(row: Identity, created: bool) -> None:
    identity_synced.send_robust(Identity, identity=row, created=created)


MIRROR = Mirror[Identity, ory.Identity](
    model=Identity,
    rows=Identity.objects,
    key="identity_id",
    names=("label", "schema_id", "state", "data", "created_at", "updated_at"),
    get_key=_get_key,
    columns=identity_columns,
    written=_written,
    forget=lambda alias, identity_id: invalidate_identity(identity_id, alias=alias),
)
