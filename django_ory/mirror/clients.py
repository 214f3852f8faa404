"""OAuth2 clients: syncing their rows, and creating, changing and deleting them in Hydra first.

A client's secret is in Hydra's answer once, when it is made or replaced. It is handed to the caller and kept
nowhere.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext as _

from django_ory.client import OryNotFound, RouteNotFound
from django_ory.client import models as ory
from django_ory.clients import get_client
from django_ory.models import OAuth2Client
from django_ory.users.rows import to_database_time

from .consents import revoke_client_consents
from .errors import ORY_ERRORS, UNADDRESSABLE, EditConflict, error_text
from .rows import Mirror, SyncReport, mark_missing, sync_rows, write_row
from .sanitize import without_secrets

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "ClientChange",
    "create_client",
    "delete_client",
    "refresh_client",
    "sync_clients",
    "update_client",
]


REVOCATION_SECONDS = 15.0  # less than the request timeout of web servers


@dataclass(frozen=True, kw_only=True)
class ClientChange:
    """The row, the secret if there is a new one, and follow-up steps that failed.

    Show the secret once, and store it nowhere. ``problems`` has a sentence for each failed step.
    """

    row: OAuth2Client
    secret: str = field(default="", repr=False)
    problems: tuple[str, ...] = ()


def sync_clients(
    alias: str,
    *,
    page_size: int = 250,
    dry_run: bool = False,
    stop_after: float | None = None,
) -> SyncReport:
    """Rewrite the rows of one alias from ``GET /admin/clients``; rows that Hydra lacks get ``missing_since``.

    Raises OryError if the walk breaks: what was read until then is written, and nothing is marked missing.
    """
    client = get_client(alias)

    def confirm(client_id: str) -> ory.OAuth2Client | None:
        try:
            return client.admin_get_o_auth2_client(client_id)
        except (OryNotFound, *UNADDRESSABLE):  # if Hydra cannot address the id, only the list can tell
            return None

    return sync_rows(
        MIRROR,
        alias,
        client.iterate(client.admin_list_o_auth2_clients, page_size=page_size),
        page_size=page_size,
        confirm=confirm,
        offsets=True,  # Hydra before 25.4
        dry_run=dry_run,
        stop_after=stop_after,
    )


def refresh_client(alias: str, client_id: str) -> OAuth2Client:
    """Rewrite one row from ``GET /admin/clients/{id}``.

    If Hydra has no such client, its row is returned with ``missing_since`` set; OryNotFound if there is none.
    Raises RouteNotFound, and changes nothing, if Hydra cannot address the id.
    """
    asked = timezone.now()
    try:
        answer = get_client(alias).admin_get_o_auth2_client(client_id)
    except RouteNotFound:
        raise
    except OryNotFound:
        row = mark_missing(MIRROR, alias, client_id, asked=asked)
        if row is None:
            raise
        return row
    return write_row(MIRROR, alias, answer, asked=asked)


def create_client(alias: str, body: Mapping[str, Any]) -> ClientChange:
    """Create in Hydra (``POST /admin/clients``), then write the row from the answer.

    Raises OryError if Hydra refuses; then nothing was made. If the database fails after Hydra said yes, the
    client exists and its secret is lost: the next sync brings its row, so that it can be deleted.
    """
    asked = timezone.now()
    answer = get_client(alias).admin_create_o_auth2_client(body=dict(body))
    row = write_row(MIRROR, alias, answer, asked=asked)
    return ClientChange(row=row, secret=answer.client_secret or "")


def update_client(
    alias: str, client_id: str, changes: Mapping[str, Any], *, seen: Mapping[str, Any] | None = None
) -> ClientChange:
    """Replace some members in Hydra (``PATCH /admin/clients/{id}``), then write the row from the answer.

    ``changes`` maps a member of the client to its new value, whole lists included; PUT would reset every
    member that is not sent. ``seen`` is the row's ``data`` that the changes were thought out on: Hydra is
    asked before, and if it has anything else, EditConflict is raised, the row written and nothing
    changed. If the client loses ``skip_consent``, all consents for it are revoked: most were granted without
    asking. Raises OryError if Hydra refuses. Hydra 25.4 and later drop the registration access token.
    """
    client, asked = get_client(alias), timezone.now()
    try:
        now = client.admin_get_o_auth2_client(client_id)
        if seen is not None and without_secrets(now) != seen:
            write_row(MIRROR, alias, now, asked=asked)
            raise EditConflict
        asked = timezone.now()
        answer = client.admin_patch_o_auth2_client(client_id, body=_patch(without_secrets(now), changes))
    except RouteNotFound:
        raise
    except OryNotFound:
        mark_missing(MIRROR, alias, client_id, asked=asked)
        raise
    row = write_row(MIRROR, alias, answer, asked=asked)
    problems = _revoke_consents(alias, client_id) if now.skip_consent and not answer.skip_consent else ()
    secret = changes.get("client_secret") or ""  # ours: Hydra may echo more
    return ClientChange(row=row, secret=secret, problems=problems)


def _revoke_consents(alias: str, client_id: str) -> tuple[str, ...]:
    try:
        if revoke_client_consents(alias, client_id, stop_after=REVOCATION_SECONDS).complete:
            return ()
        why = _("The time ran out.")
    except ORY_ERRORS as error:
        why = error_text(error)
    text = _(
        "Not all consents for this client were revoked. %(why)s Its tokens may stay valid. Run manage.py "
        "ory_revoke_consents %(client_id)s --alias %(alias)s for the rest."
    )
    return (text % {"why": why, "client_id": client_id, "alias": alias},)


def _patch(data: Mapping[str, Any], changes: Mapping[str, Any]) -> list[dict[str, Any]]:
    patch = [{"op": "replace", "path": f"/{name}", "value": value} for name, value in changes.items()]
    jwks = data.get("jwks")
    if (
        jwks is not None
        and not jwks.get("keys")
        and "jwks" not in changes
        and {**data, **changes}.get("jwks_uri")
    ):
        # To Hydra 2.3 the empty set that it answers is a second source of keys: it would refuse any change.
        patch.append({"op": "replace", "path": "/jwks", "value": None})
    return patch


def delete_client(alias: str, client_id: str) -> None:
    """Delete in Hydra, then the row. Its JWTs stay valid until they expire.

    A client that Hydra does not have is no error.
    Raises RouteNotFound, and keeps the row, if Hydra cannot address the id.
    """
    try:
        get_client(alias).admin_delete_o_auth2_client(client_id)
    except RouteNotFound:
        raise
    except OryNotFound:
        pass
    OAuth2Client.objects.filter(alias=alias, client_id=client_id).delete()


def _get_key(client: ory.OAuth2Client) -> str | None:
    return client.client_id or None


def _columns(alias: str, client: ory.OAuth2Client) -> dict[str, Any]:
    data = without_secrets(client)
    return {
        "name": (data.get("client_name") or "")[:255],
        "owner": (data.get("owner") or "")[:255],
        "data": data,
        "created_at": to_database_time(client.created_at),
        "updated_at": to_database_time(client.updated_at),
    }


def _written(row: OAuth2Client, created: bool) -> None:
    """Nobody listens for clients."""


def _forget(alias: str, client_id: str) -> None:
    """Nothing is remembered of clients."""


MIRROR = Mirror[OAuth2Client, ory.OAuth2Client](
    model=OAuth2Client,
    rows=OAuth2Client.objects,
    key="client_id",
    names=("name", "owner", "data", "created_at", "updated_at"),
    get_key=_get_key,
    columns=_columns,
    written=_written,
    forget=_forget,
)
