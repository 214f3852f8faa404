"""The client as the pages show it: its name, its links and hosts, and whether staff know it.

Clients choose their names and links, so everything here is cleaned before a page shows it.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from django_ory.adapter import OryAdapter
from django_ory.client import models as ory
from django_ory.client_metadata import ClientOrigin, get_client_origin
from django_ory.http.redirects import MAX_CLIENT_NAME_LENGTH, format_host, is_loopback_url, web_url

#: The general categories of characters that are not part of a name: control characters, among them NUL and
#: those that change the direction of the text around them, surrogates, private and unassigned characters.
_INVISIBLE_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


@dataclass(frozen=True, kw_only=True)
class ClientProfile:
    """A client for the template ``ory/elements/client.html``. Texts and URLs are "" if unknown."""

    client_id: str
    name: str  #: the client id without a name
    origin: ClientOrigin = "staff"
    is_verified: bool = False  #: staff know the client, so its name and logo can be trusted
    logo_url: str = ""  #: only of verified clients: anybody can use the logo of another app
    policy_url: str = ""
    terms_url: str = ""
    site_url: str = ""  #: of other clients only on the host of their description
    site_host: str = ""  #: of ``site_url``
    document_host: str = ""  #: of the client id, if it is the URL of the client's own description
    redirect_host: str = ""  #: of the redirect URI of this request
    is_local: bool = False  #: the app runs on the computer of the user

    @classmethod
    def from_client(
        cls, client: ory.OAuth2Client, *, adapter: OryAdapter, redirect_uri: str = ""
    ) -> ClientProfile:
        """Describe a client.

        Args:
            client: The client as Hydra has it now.
            adapter: The adapter of the Ory project.
            redirect_uri: The registered redirect URI of the present request. Without one, a client is local
                if all its redirect URIs are.
        """
        client_id = client.client_id or ""
        origin, is_verified = get_client_origin(client), adapter.is_client_verified(client)
        targets = [redirect_uri] if redirect_uri else client.redirect_uris
        site_url = web_url(client.client_uri)
        document_host = format_host(client_id) if origin == "document" else ""
        if not is_verified and format_host(site_url) != document_host:  # the site of another app
            site_url = ""
        return cls(
            client_id=client_id,
            name=clean_name(client.client_name or "") or clean_name(client_id) or "?",
            origin=origin,
            is_verified=is_verified,
            logo_url=web_url(client.logo_uri) if is_verified else "",
            policy_url=web_url(client.policy_uri),
            terms_url=web_url(client.tos_uri),
            site_url=site_url,
            site_host=format_host(site_url),
            document_host=document_host,
            redirect_host=format_host(redirect_uri),
            is_local=bool(targets) and all(map(is_loopback_url, targets)),
        )


def clean_name(name: str, *, limit: int = MAX_CLIENT_NAME_LENGTH) -> str:
    """Return a name of one line without invisible characters, at most ``limit`` characters long."""
    visible = "".join(
        " " if char.isspace() else "" if unicodedata.category(char) in _INVISIBLE_CATEGORIES else char
        for char in name[: limit * 10]
    )
    text = " ".join(visible.split())
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
