"""Clients that registered themselves are deleted after some days, unless a user has given them access.

The time of the deletion is in the metadata of the client at Hydra, and is removed with the first consent.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from django.db import DatabaseError

from django_ory.client import OryNotFound
from django_ory.client import models as ory
from django_ory.client_metadata import METADATA_KEY, get_client_origin, read_client_metadata
from django_ory.clients import get_client
from django_ory.conf import get_settings
from django_ory.mirror.clients import delete_client, update_client
from django_ory.mirror.errors import ORY_ERRORS

logger = logging.getLogger("django_ory.provider")

#: The Unix time after which an unused client is deleted.
EXPIRES_KEY = "expires"
DAY_SECONDS = 24 * 60 * 60


def build_expiry(alias: str) -> dict[str, int]:
    """Return the member of the metadata with the time of the deletion of a new client."""
    days = max(1, get_settings(alias).oauth2_client_unused_days)
    return {EXPIRES_KEY: int(time.time()) + days * DAY_SECONDS}


def keep_client(client: ory.OAuth2Client, *, alias: str) -> None:
    """Keep a client that a user has given access. ``client``: also a copy in a request of Hydra.

    A failure is logged: the next consent tries again.
    """
    client_id = client.client_id or ""
    if EXPIRES_KEY not in read_client_metadata(client):
        return
    try:
        current = get_client(alias).admin_get_o_auth2_client(client_id)
        if EXPIRES_KEY in read_client_metadata(current):
            update_client(alias, client_id, {"metadata": replace_values(current, {EXPIRES_KEY: None})})
    except (*ORY_ERRORS, DatabaseError) as error:
        logger.warning(
            "Client %s is in use and still expires (project %s): %s. The next consent tries again.",
            client_id,
            alias,
            error,
        )


def replace_values(client: ory.OAuth2Client, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the metadata of a client with other values under ``django_ory``. None removes a value."""
    merged = {**read_client_metadata(client), **values}
    kept = {name: value for name, value in merged.items() if value is not None}
    others = client.metadata if isinstance(client.metadata, Mapping) else {}
    return {**others, METADATA_KEY: kept}


def delete_unused_clients(alias: str, *, dry_run: bool = False) -> Iterator[str]:
    """Delete the clients whose time is over, and yield their ids. Raises OryError."""
    api, now = get_client(alias), time.time()
    # The whole list first: a deletion would move the pages of Hydra v2.3.
    for client in list(api.iterate(api.admin_list_o_auth2_clients)):
        client_id = client.client_id
        if not client_id or not is_unused(client, now=now):
            continue
        if not dry_run:
            with suppress(OryNotFound):  # a user may have given access since
                if not is_unused(api.admin_get_o_auth2_client(client_id), now=now):
                    continue
            delete_client(alias, client_id)
        yield client_id


def is_unused(client: ory.OAuth2Client, *, now: float) -> bool:
    """Return whether a client registered itself, and its time is over without a consent."""
    if get_client_origin(client) == "staff":
        return False
    expires = read_client_metadata(client).get(EXPIRES_KEY)
    return isinstance(expires, int) and not isinstance(expires, bool) and expires < now
