"""OAuth2 clients: sync, create, update, delete, and revoke consents. Changes are sent to Hydra first.

Secrets are only in the response to a creation or a change. They are returned and never stored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from django_ory.client import ListedPage, OryClient, OryError, OryNotFound
from django_ory.client import models as ory
from django_ory.clients import get_client
from django_ory.exceptions import EditConflict
from django_ory.models import OAuth2Client
from django_ory.tokens.introspection_cache import invalidate_tokens
from django_ory.users.rows import to_database_time

from .client_consents import RevocationReport, revoke_client_consents, revoke_lost_consents
from .client_content import CLIENT_SECRETS, check_client_id, is_unchanged, without_secrets
from .errors import ORY_ERRORS, UNADDRESSABLE
from .lost_responses import is_response_lost, list_unapplied
from .report import SyncReport
from .rows import Mirror
from .sync import OnPage, sync_rows

__all__ = [
    "ClientChange",
    "RevocationReport",
    "create_client",
    "delete_client",
    "refresh_client",
    "revoke_client_consents",
    "sync_clients",
    "update_client",
]


@dataclass(frozen=True, kw_only=True)
class ClientChange:
    """The result of a change.

    ``secret``: the new secret, if any. To be shown once and never stored.
    ``problems``: a sentence for each step after the change that failed.
    """

    row: OAuth2Client
    secret: str = field(default="", repr=False)
    problems: tuple[str, ...] = ()


class ClientMirror(Mirror[OAuth2Client, ory.OAuth2Client]):
    """The rows of OAuth2 clients."""

    model = OAuth2Client
    columns = ("name", "owner", "data", "created_at", "updated_at")
    uses_offsets = True  # Hydra before 25.4

    def fetch(self, alias: str, key: str) -> ory.OAuth2Client:
        """Read ``GET /admin/clients/{id}``."""
        return check_client_id(get_client(alias).admin_get_o_auth2_client(key), key)

    def list_pages(
        self, alias: str, *, page_size: int, page_token: str = ""
    ) -> Iterator[ListedPage[ory.OAuth2Client]]:
        """Read ``GET /admin/clients``."""
        client = get_client(alias)
        return client.iterate_pages(
            client.admin_list_o_auth2_clients, page_size=page_size, page_token=page_token or None
        )

    def confirm(self, alias: str, key: str) -> ory.OAuth2Client | None:
        """Read a client again. Without a URL for the id, the list decides."""
        try:
            return super().confirm(alias, key)
        except UNADDRESSABLE:
            return None

    def get_key(self, resource: ory.OAuth2Client) -> str | None:
        """Return the client id."""
        return resource.client_id or None

    def build_columns(self, alias: str, resource: ory.OAuth2Client) -> dict[str, Any]:
        """Build the columns, without secrets."""
        data = without_secrets(resource)
        return {
            "name": (data.get("client_name") or "")[:255],
            "owner": (data.get("owner") or "")[:255],
            "data": data,
            "created_at": to_database_time(resource.created_at),
            "updated_at": to_database_time(resource.updated_at),
        }


CLIENT_MIRROR = ClientMirror()


def sync_clients(
    alias: str,
    *,
    page_size: int = 250,
    dry_run: bool = False,
    stop_after: float | None = None,
    on_page: OnPage | None = None,
) -> SyncReport:
    """Write the rows of all clients of Hydra, as ``sync_identities`` does for the identities of Kratos."""
    return sync_rows(
        CLIENT_MIRROR,
        alias,
        page_size=page_size,
        dry_run=dry_run,
        stop_after=stop_after,
        on_page=on_page,
    )


def refresh_client(alias: str, client_id: str) -> OAuth2Client:
    """Write the row of one client. If Hydra does not have the client, the row is marked as missing.

    Raises:
        OryNotFound: There is neither a client nor a row.
        RouteNotFound: Hydra cannot address the id. Nothing was changed.
    """
    return CLIENT_MIRROR.refresh(alias, client_id)


def create_client(alias: str, body: Mapping[str, Any]) -> ClientChange:
    """Create a client in Hydra and its row.

    With ``client_id`` and ``client_secret`` in ``body``, nothing is lost if the response of Hydra is: the
    client is read again. If the database fails afterwards, the client exists and its secret is lost. The next
    sync creates its row, so that the client can be deleted. Raises OryError if Hydra rejects the client.
    """
    requested_at, client_id = timezone.now(), str(body.get("client_id") or "")
    problems: tuple[str, ...] = ()
    try:
        client = get_client(alias).admin_create_o_auth2_client(body=dict(body))
    except OryError as error:
        if not is_response_lost(error):
            raise
        requested_at, client = timezone.now(), read_again(alias, client_id, error)
        problems = (describe_lost_response(),)
    if client_id:
        check_client_id(client, client_id)
    row = CLIENT_MIRROR.write_row(alias, client, requested_at=requested_at)
    secret = client.client_secret or str(body.get("client_secret") or "")
    return ClientChange(row=row, secret=secret, problems=problems)


def update_client(
    alias: str, client_id: str, changes: Mapping[str, Any], *, seen: Mapping[str, Any] | None = None
) -> ClientChange:
    """Replace members of a client in Hydra, then write its row. Hydra 25.4 drops the registration token.

    If the client loses ``skip_consent``, its consents are revoked: most were granted without asking.

    Args:
        alias: The key in ``settings.ORY``.
        client_id: The id of the client.
        changes: The new value of each member, with whole lists. PUT would reset all other members.
        seen: The ``data`` of the row that the change is based on.

    Raises:
        EditConflict: The client differs from ``seen``. Its row was written, and nothing was changed.
        OryError: Hydra rejected the change.
    """
    current = read_unchanged(alias, client_id, seen=seen)
    patch = _build_patch(without_secrets(current), changes)
    change = write_client(
        alias,
        client_id,
        lambda client: client.admin_patch_o_auth2_client(client_id, body=patch),
        changes={name: value for name, value in changes.items() if name not in CLIENT_SECRETS},
    )
    problems = change.problems
    if current.skip_consent and not change.row.data.get("skip_consent"):
        problems += revoke_lost_consents(alias, client_id)
    secret = changes.get("client_secret") or ""  # Hydra may return more
    return ClientChange(row=change.row, secret=secret, problems=problems)


def read_unchanged(alias: str, client_id: str, *, seen: Mapping[str, Any] | None = None) -> ory.OAuth2Client:
    """Read a client before a change.

    Raises:
        EditConflict: The client differs from ``seen``, the ``data`` of a row. Its row was written.
        OryNotFound: Hydra does not have the client. Its row was marked as missing.
    """
    requested_at = timezone.now()
    try:
        current = CLIENT_MIRROR.fetch(alias, client_id)
    except OryNotFound:
        CLIENT_MIRROR.mark_missing(alias, client_id, requested_at=requested_at)
        raise
    if seen is not None and not is_unchanged(without_secrets(current), seen):
        CLIENT_MIRROR.write_row(alias, current, requested_at=requested_at)
        raise EditConflict
    return current


def write_client(
    alias: str,
    client_id: str,
    write: Callable[[OryClient], ory.OAuth2Client],
    *,
    changes: Mapping[str, Any],
) -> ClientChange:
    """Change a client and write its row.

    If the response is lost, the client is read again. The change was made if the client has the new values.

    Args:
        alias: The key in ``settings.ORY``.
        client_id: The id of the client.
        write: The call to Hydra. Returns the changed client.
        changes: The new value of each changed member, without secrets. Empty if the response to a read does
            not show the change.

    Raises:
        OryTimeout, OryConnectionError, OryDecodeError, OryServerError: It is unknown whether the change was
            made. If Hydra could be read again, the row was written.
        OryNotFound: Hydra does not have the client. Its row was marked as missing.
    """
    requested_at = timezone.now()
    try:
        updated = check_client_id(write(get_client(alias)), client_id)
    except OryNotFound:
        CLIENT_MIRROR.mark_missing(alias, client_id, requested_at=requested_at)
        raise
    except OryError as error:
        if not is_response_lost(error):
            raise
        requested_at, updated = timezone.now(), read_again(alias, client_id, error)
        row = CLIENT_MIRROR.write_row(alias, updated, requested_at=requested_at)
        if not changes or list_unapplied(changes, row.data):
            raise
        return ClientChange(row=row, problems=(describe_lost_response(),))
    row = CLIENT_MIRROR.write_row(alias, updated, requested_at=requested_at)
    problems = describe_unapplied(list_unapplied(changes, row.data))
    return ClientChange(row=row, secret=updated.client_secret or "", problems=problems)


def read_again(alias: str, client_id: str, error: Exception) -> ory.OAuth2Client:
    """Read a client after the response to a change was lost. Raises ``error`` if there is none, either."""
    try:
        return CLIENT_MIRROR.fetch(alias, client_id)
    except ORY_ERRORS:
        raise error from None


def describe_unapplied(names: Sequence[str]) -> tuple[str, ...]:
    """Return a sentence if Hydra has accepted a change and stored other values."""
    text = _("Ory has accepted the change, but stored other values for: %(names)s.")
    return (text % {"names": ", ".join(names)},) if names else ()


def describe_lost_response() -> str:
    """Return the sentence for a change that was made although its response was lost."""
    return _("The response of Ory was lost. The client was read again: the change was made.")


def delete_client(alias: str, client_id: str) -> None:
    """Delete a client in Hydra and its row. A client that Hydra does not have is no error.

    JWT access tokens of the client stay valid until they expire. Raises RouteNotFound if Hydra cannot address
    the id. Nothing was changed then.
    """
    with suppress(OryNotFound):
        get_client(alias).admin_delete_o_auth2_client(client_id)
    invalidate_tokens(alias=alias, client_id=client_id)
    OAuth2Client.objects.filter(alias=alias, client_id=client_id).delete()


def _build_patch(data: Mapping[str, Any], changes: Mapping[str, Any]) -> list[dict[str, Any]]:
    patch = [{"op": "replace", "path": f"/{name}", "value": value} for name, value in changes.items()]
    jwks = data.get("jwks")
    is_empty = jwks is not None and not jwks.get("keys") and "jwks" not in changes
    if is_empty and {**data, **changes}.get("jwks_uri"):
        # Hydra 2.3 rejects any change to a client with a jwks_uri and an empty set, which its responses have.
        patch.append({"op": "replace", "path": "/jwks", "value": None})
    return patch
