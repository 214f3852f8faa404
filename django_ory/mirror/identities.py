"""Identities: sync, create, change, activate, deactivate and delete. Changes are sent to Kratos first.

Kratos only hides the sessions of an inactive identity, and shows them again after an activation. Therefore
a deactivation also ends the sessions in Kratos and in Hydra.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from django_ory.authentication.logout import Failures, end_sessions
from django_ory.client import OryDecodeError, OryError, OryNotFound
from django_ory.client import models as ory
from django_ory.clients import get_client
from django_ory.exceptions import ChangeUnconfirmed, EditConflict
from django_ory.models import Identity

from .erasure import erase_identity
from .errors import OtherResourceReturned, error_text
from .identifiers import find_identifier_owners
from .identity_rows import IDENTITY_MIRROR, require_identity
from .json_patch import build_json_patch, is_same_json
from .lost_responses import is_response_lost
from .progress import record_sync
from .report import SyncReport
from .sessions import describe_failures, drop_cached_sessions
from .sync import OnPage, sync_rows

__all__ = [
    "IdentityChange",
    "create_identity",
    "delete_identity",
    "fetch_identity",
    "get_content",
    "read_identity",
    "refresh_identity",
    "set_identity_state",
    "sync_identities",
    "update_identity",
]

#: The members of an identity that ``update_identity`` changes.
CONTENT_MEMBERS = ("schema_id", "state", "traits", "metadata_public", "metadata_admin", "external_id")


@dataclass(frozen=True, kw_only=True)
class IdentityChange:
    """The result of a change.

    ``problems``: a sentence for each step after the change that failed. ``has_ended_sessions``: whether all
    sessions and consents in Ory that the change ends have ended.
    """

    row: Identity | None
    problems: tuple[str, ...] = ()
    has_ended_sessions: bool = True


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
    started_at = timezone.now()
    report = sync_rows(
        IDENTITY_MIRROR,
        alias,
        page_size=page_size,
        dry_run=dry_run,
        stop_after=stop_after,
        on_page=on_page,
    )
    if report.complete and not dry_run:
        record_sync(alias, report.continued_from or started_at)
    return report


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


def read_identity(alias: str, identity_id: UUID | str) -> tuple[Identity, ory.Identity]:
    """Read an identity, and write its row. Returns the row, and the identity with its ``metadata_admin``.

    Raises OryNotFound if Kratos does not have the identity. Its row is then marked as missing.
    """
    return IDENTITY_MIRROR.read(alias, UUID(str(identity_id)))


def get_content(identity: ory.Identity) -> dict[str, Any]:
    """Return the members of an identity that can be changed. Without traits in Kratos, they are ``{}``.

    ``external_id`` is a member only if Kratos returned one.
    """
    content = {name: getattr(identity, name) for name in CONTENT_MEMBERS if name != "external_id"}
    content["traits"] = {} if identity.traits is None else identity.traits
    content["state"] = identity.state or str(Identity.State.ACTIVE)
    if identity.external_id is not None:
        content["external_id"] = identity.external_id
    return content


def create_identity(alias: str, body: Mapping[str, Any]) -> IdentityChange:
    """Create an identity in Kratos and its row.

    If the response is lost, the identity is searched by its identifiers. If it is found, with the same
    traits, it is returned, and ``problems`` says so.

    Args:
        alias: The key in ``settings.ORY``.
        body: As for ``POST /admin/identities``: ``schema_id``, ``traits``, ``state``, ``metadata_public``,
            ``metadata_admin``, and ``external_id`` for servers that have it.

    Raises:
        OryConflict: An identifier belongs to another identity. ``find_identifier_owners`` tells which one.
        OryTimeout, OryConnectionError, OryDecodeError, OryServerError: It is unknown whether Kratos created
            the identity.
        OryError: Kratos rejected the identity.
    """
    requested_at = timezone.now()
    unconfirmed: tuple[str, ...] = ()
    try:
        identity = get_client(alias).admin_create_identity(body=dict(body))
    except OryError as error:
        found = _find_created(alias, body) if is_response_lost(error) else None
        if found is None:
            raise
        identity = found
        unconfirmed = (_("Ory did not answer in time, but the identity exists."),)
    row = IDENTITY_MIRROR.write_row(alias, identity, requested_at=requested_at)
    return IdentityChange(row=row, problems=unconfirmed + _check_stored(identity, body))


def update_identity(
    alias: str,
    identity_id: UUID | str,
    changes: Mapping[str, Any],
    *,
    seen: Mapping[str, Any] | None = None,
) -> IdentityChange:
    """Change an identity in Kratos, then write its row. Only the differences are sent, as JSON Patch.

    Values of traits and metadata that ``changes`` has unchanged are not sent, so that a change by another
    person at the same time is kept. Changing the state to inactive ends the sessions, as
    ``set_identity_state`` does.

    Args:
        alias: The key in ``settings.ORY``.
        identity_id: The id of the identity.
        changes: The new value of each member: ``schema_id``, ``state``, ``traits``, ``metadata_public``,
            ``metadata_admin``, ``external_id``. Each one with all of its content.
        seen: The members that the change is based on, as ``get_content`` returns them.

    Raises:
        EditConflict: A member differs from ``seen``. The row was written, and nothing was changed.
        ChangeUnconfirmed: The response was lost, and the identity, read again, is not changed.
        OtherResourceReturned: The response is about another identity. Nothing was written here.
        OryTimeout, OryConnectionError, OryDecodeError, OryServerError: The response was lost, and the
            identity could not be read again.
        OryError: Kratos rejected the change.
    """
    key = UUID(str(identity_id))
    row, current = read_identity(alias, key)
    before = get_content(current)
    if seen is not None and not all(is_same_json(before.get(name), value) for name, value in seen.items()):
        raise EditConflict
    patch = build_json_patch(before, changes)
    if not patch:
        return IdentityChange(row=row)
    try:
        change, identity = _patch(alias, key, patch)
    except OryError as error:
        if isinstance(error, OtherResourceReturned) or not is_response_lost(error):
            raise
        row, identity = _confirm(alias, key, {**before, **changes}, error)
        change = IdentityChange(row=row)
    if changes.get("state") == Identity.State.INACTIVE != before["state"]:
        change = _end_sessions(alias, key, change)
    problems = _check_stored(identity, changes) if identity else ()
    return replace(change, problems=(*change.problems, *problems))


def set_identity_state(alias: str, identity_id: UUID | str, state: Identity.State) -> IdentityChange:
    """Activate or deactivate an identity in Kratos, then write its row.

    Deactivating also ends its sessions in Kratos and in Hydra. Repeat the call to retry the steps
    in ``problems``. Raises OryError if Kratos rejects the change. Nothing was changed then.
    """
    key = UUID(str(identity_id))
    try:
        change, _identity = _patch(alias, key, [{"op": "replace", "path": "/state", "value": str(state)}])
    except OtherResourceReturned as error:  # perhaps the change was made, so continue
        change = IdentityChange(row=None, problems=(error_text(error),))
    return _end_sessions(alias, key, change) if state == Identity.State.INACTIVE else change


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


def _patch(alias: str, key: UUID, patch: list[dict[str, Any]]) -> tuple[IdentityChange, ory.Identity | None]:
    """Send a JSON Patch and write the row. No identity is returned if the response is unreadable."""
    requested_at, identity = timezone.now(), None
    unreadable: tuple[str, ...] = ()
    try:
        identity = require_identity(get_client(alias).admin_patch_identity(str(key), body=patch), key)
    except OryNotFound:
        IDENTITY_MIRROR.mark_missing(alias, key, requested_at=requested_at)
        raise
    except OtherResourceReturned:
        raise
    except OryDecodeError as error:
        if not 200 <= error.status < 300:
            raise
        unreadable = (error_text(error),)  # the change was made, so continue
    # Both before the next calls: those may take a while, and the identity may change meanwhile.
    failures = drop_cached_sessions(alias, key)
    row = IDENTITY_MIRROR.write_row(alias, identity, requested_at=requested_at) if identity else None
    return build_change(row, failures, unreadable), identity


def _end_sessions(alias: str, key: UUID, change: IdentityChange) -> IdentityChange:
    """End the sessions after a deactivation, and add the failures."""
    ended = build_change(change.row, end_sessions(key, alias=alias))
    return replace(ended, problems=(*change.problems, *ended.problems))


def _confirm(
    alias: str, key: UUID, wanted: Mapping[str, Any], unknown: OryError
) -> tuple[Identity, ory.Identity]:
    """Read an identity after a change without a response. Raises ``unknown`` if that is not possible."""
    try:
        row, identity = read_identity(alias, key)
    except OryError:
        raise unknown from None
    content = get_content(identity)
    if not all(is_same_json(value, wanted[name]) for name, value in content.items()):
        raise ChangeUnconfirmed from unknown
    return row, identity


def _find_created(alias: str, body: Mapping[str, Any]) -> ory.Identity | None:
    """The identity that a creation without a response has made, if an identifier finds it."""
    try:
        owners = find_identifier_owners(alias, str(body.get("schema_id", "")), body.get("traits"))
    except OryError:
        return None
    return next((each for each in owners.values() if is_same_json(each.traits, body.get("traits"))), None)


def _check_stored(identity: ory.Identity, body: Mapping[str, Any]) -> tuple[str, ...]:
    """Return a problem if the server ignores external ids, as Kratos before v25.4 does in a JSON Patch."""
    if body.get("external_id") and identity.external_id != body["external_id"]:
        return (_("This version of Kratos does not store external ids."),)
    return ()


def build_change(
    row: Identity | None, failures: Failures, unreadable: tuple[str, ...] = ()
) -> IdentityChange:
    """Build the result of a change from the failures of ``end_sessions`` and other sentences."""
    return IdentityChange(
        row=row,
        problems=describe_failures(failures) + unreadable,
        has_ended_sessions=not failures.keys() - {"cache"},
    )
