"""Ports of ``http://localhost`` redirect URIs, which apps choose at run time (RFC 8252 section 7.3).

Hydra ignores the port for 127.0.0.1 and ::1, and requires the registered one for localhost. So the port of
an authorization request is added to the client, if the client registered itself with such a URI. The number
of added URIs is limited, and each is removed after some time. The times are in the client's metadata.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from django_ory.client import InvalidPathParameter, OryNotFound, RouteNotFound
from django_ory.client import models as ory
from django_ory.client_metadata import get_client_origin, read_client_metadata
from django_ory.clients import get_client
from django_ory.mirror.clients import update_client

from .lifetime import replace_values
from .redirect_uris import find_redirect_problem

#: Ports of one client at the same time. A client id that many users share has one for each sign-in. They are
#: a part of Hydra's challenges: these make a challenge 800 characters longer.
MAX_ADDED_PORTS = 50
#: Longer than a sign-in with consent may take, ``ttl.login_consent_request`` of Hydra.
PORT_SECONDS = 3_600
#: The added redirect URIs: ``{URI: Unix time of the last request}``.
PORTS_KEY = "ports"


def get_localhost_target(uri: str) -> tuple[str, str] | None:
    """Return path and query of a redirect URI with ``http://localhost`` and a port; None for any other."""
    if not uri.startswith("http://localhost:") or find_redirect_problem(uri, schemes=()):
        return None
    parts = urlsplit(uri)
    return (parts.path, parts.query) if parts.hostname == "localhost" and parts.port else None


def add_port(
    client_id: str,
    redirect_uri: str,
    *,
    alias: str,
    take_attempt: Callable[[], bool],
    client: ory.OAuth2Client | None = None,
) -> bool:
    """Add a redirect URI to a client, if it differs from a registered one in its port alone.

    Args:
        client_id: the client of an authorization request.
        redirect_uri: its redirect URI.
        take_attempt: called before a change. False: too many.
        client: the client, if Hydra has just returned it.

    Returns False if there were too many changes. Raises OryError.
    """
    target = get_localhost_target(redirect_uri)
    if target is None or not client_id:
        return True
    try:
        client = client or get_client(alias).admin_get_o_auth2_client(client_id)
    except (OryNotFound, RouteNotFound, InvalidPathParameter):  # Hydra shows its error
        return True
    if get_client_origin(client) == "staff" or client.token_endpoint_auth_method != "none":
        return True
    now = int(time.time())
    added = read_ports(client)
    registered = [uri for uri in client.redirect_uris if uri not in added]
    if redirect_uri in registered or not any(map(_matches(target), registered)):
        return True
    if redirect_uri in client.redirect_uris and added[redirect_uri] > now - PORT_SECONDS // 2:
        return True
    if not take_attempt():
        return False
    uris, ports = keep_ports(client, registered, added={redirect_uri: now})
    update_client(alias, client_id, {"redirect_uris": uris, "metadata": replace_values(client, ports)})
    return True


def keep_ports(
    client: ory.OAuth2Client, registered: Iterable[str], *, added: Mapping[str, int] | None = None
) -> tuple[list[str], dict[str, Any]]:
    """Return the redirect URIs of a client with the added ones that are not too old, and their times.

    Args:
        client: the client as Hydra has it now.
        registered: the URIs that the client registered.
        added: URIs to add, with the present time.
    """
    own = list(registered)
    recent = {uri: at for uri, at in read_ports(client).items() if at > time.time() - PORT_SECONDS}
    newest = sorted({**recent, **(added or {})}.items(), key=lambda item: item[1])[-MAX_ADDED_PORTS:]
    ports = {
        uri: at
        for uri, at in newest
        if (target := get_localhost_target(uri)) is not None and any(map(_matches(target), own))
    }
    return [*own, *(uri for uri in ports if uri not in own)], {PORTS_KEY: ports or None}


def read_ports(client: ory.OAuth2Client) -> dict[str, int]:
    """Return the added redirect URIs of a client, with the times of their last requests."""
    found = read_client_metadata(client).get(PORTS_KEY)
    if not isinstance(found, Mapping):
        return {}
    return {str(uri): at for uri, at in found.items() if isinstance(at, int)}


def _matches(target: tuple[str, str]) -> Callable[[str], bool]:
    """Return a function: whether a registered URI is on localhost with this path and query."""

    def matches(uri: str) -> bool:
        if not uri.startswith(("http://localhost/", "http://localhost:", "http://localhost?")):
            return uri == "http://localhost" and target == ("", "")
        parts = urlsplit(uri)
        return parts.hostname == "localhost" and (parts.path, parts.query) == target

    return matches
