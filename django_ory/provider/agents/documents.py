"""Clients with the URL of their own description as id: client id metadata documents.

The description is fetched before the authorization request reaches Hydra, and the client is created or
updated there. How long the description counts is in the metadata of the client at Hydra.
"""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from django.http.request import validate_host

from django_ory.client import OryConflict, OryNotFound, RouteNotFound
from django_ory.client import models as ory
from django_ory.client_metadata import METADATA_KEY, SELF_DESCRIBED, read_client_metadata
from django_ory.clients import get_client
from django_ory.conf import get_settings
from django_ory.http.foreign_documents import (
    DocumentUnavailable,
    ForeignDocument,
    ForeignDocumentError,
    fetch_json_document,
)
from django_ory.mirror.clients import create_client, update_client

from .client_description import ClientDescription, InvalidDescription, parse_description
from .lifetime import build_expiry, replace_values
from .loopback_ports import keep_ports
from .policy import ClientPolicy

#: Hydra stores no longer ids.
MAX_DOCUMENT_URL_LENGTH = 255
#: The limits for the age of a description, whatever its ``Cache-Control``.
MIN_DOCUMENT_AGE_SECONDS = 300
MAX_DOCUMENT_AGE_SECONDS = 24 * 60 * 60
#: The Unix time until which the description counts.
UNTIL_KEY = "until"
DOT_SEGMENTS = frozenset({".", "..", "%2e", "%2e%2e", ".%2e", "%2e."})
#: Members that only a client with a shared secret has.
SECRET_MEMBERS = ("client_secret", "client_secret_expires_at")

DocumentProblem = Literal["unavailable", "invalid", "throttled"]


class ClientDocumentError(Exception):
    """The client cannot be used. ``problem``: the code for the page and the audit log."""

    def __init__(self, problem: DocumentProblem, text: str = "") -> None:
        super().__init__(text)
        self.problem: DocumentProblem = problem


def is_document_url(client_id: str, *, alias: str) -> bool:
    """Return whether a client id is the URL of a description, on one of the allowed hosts.

    It has a path, and no fragment, user or dot segments.
    """
    if not client_id.startswith("https://") or len(client_id) > MAX_DOCUMENT_URL_LENGTH:
        return False
    try:
        parts = urlsplit(client_id)
        host = parts.hostname or ""
    except ValueError:
        return False
    if parts.path in ("", "/") or "#" in client_id or "@" in parts.netloc:
        return False
    if DOT_SEGMENTS & set(parts.path.lower().split("/")):
        return False
    return validate_host(host, list(get_settings(alias).oauth2_client_document_hosts))


@dataclass(frozen=True, kw_only=True)
class DocumentClient:
    """A client with a URL as id.

    ``current``: the client as Hydra has it now, if any. ``is_due``: its description must be fetched.
    """

    current: ory.OAuth2Client | None
    is_due: bool


def read_document_client(client_id: str, *, alias: str) -> DocumentClient:
    """Read the client of a description from Hydra. Raises OryError.

    The description is due if it is not known or too old. A client that staff created under this id, and a
    Hydra that cannot read such ids (before 25.4), are left alone.

    ``client_id``: a URL for which ``is_document_url`` is True.
    """
    try:
        current = get_client(alias).admin_get_o_auth2_client(client_id)
    except RouteNotFound:
        return DocumentClient(current=None, is_due=False)
    except OryNotFound:
        return DocumentClient(current=None, is_due=True)
    own, now = read_client_metadata(current), time.time()
    until = own.get(UNTIL_KEY)
    is_recent = isinstance(until, int) and now < until <= now + MAX_DOCUMENT_AGE_SECONDS
    is_described = own.get("origin") == SELF_DESCRIBED[METADATA_KEY]["origin"]
    return DocumentClient(current=current, is_due=is_described and not is_recent)


def write_document_client(
    client_id: str, *, current: ory.OAuth2Client | None, alias: str, policy: ClientPolicy
) -> ClientDescription:
    """Fetch a description, and create or update its client at Hydra.

    While the description cannot be fetched again, the client is rejected.

    Args:
        client_id: a URL for which ``is_document_url`` is True.
        current: the client as Hydra has it now; None to create the client.

    Returns the description. Raises ClientDocumentError, OryError.
    """
    description, until = _fetch_description(client_id, policy=policy)
    body = description.build_body()
    if current is None:
        own = SELF_DESCRIBED[METADATA_KEY] | build_expiry(alias) | {UNTIL_KEY: until}
        with suppress(OryConflict):  # another request has just created the client
            create_client(alias, {"client_id": client_id, **body, "metadata": {METADATA_KEY: own}})
        return description
    body["redirect_uris"], ports = keep_ports(current, description.redirect_uris)
    changes = {**body, "metadata": replace_values(current, {UNTIL_KEY: until, **ports})}
    update_client(alias, client_id, changes)
    return description


def _fetch_description(client_id: str, *, policy: ClientPolicy) -> tuple[ClientDescription, int]:
    """Fetch and check a description. Returns it with the time until which it counts."""
    try:
        document = fetch_json_document(client_id)
    except DocumentUnavailable as error:
        raise ClientDocumentError("unavailable", str(error)) from error
    except ForeignDocumentError as error:
        raise ClientDocumentError("invalid", str(error)) from error
    try:
        description = check_document(document.content, client_id=client_id, policy=policy)
    except InvalidDescription as error:
        raise ClientDocumentError("invalid", str(error)) from error
    return description, int(time.time()) + _limit_age(document)


def check_document(content: dict[str, Any], *, client_id: str, policy: ClientPolicy) -> ClientDescription:
    """Return the description in a document. Raises InvalidDescription.

    The client is public: a document that anyone can read has no secret. Redirect URIs with https have the
    origin of the document, so that a document on one host cannot send codes to another.
    """
    if content.get("client_id") != client_id:
        text = "client_id must be the URL of the document, character by character."
        raise InvalidDescription("invalid_client_metadata", text)
    if any(content.get(name) for name in SECRET_MEMBERS):
        raise InvalidDescription("invalid_client_metadata", "A document must not have a secret.")
    if content.get("token_endpoint_auth_method", "none") != "none":
        text = "token_endpoint_auth_method must be none."
        raise InvalidDescription("invalid_client_metadata", text)
    if not content.get("client_name"):
        raise InvalidDescription("invalid_client_metadata", "client_name is missing.")
    public = ClientPolicy(
        scopes=policy.scopes, audience=policy.audience, redirect_schemes=policy.redirect_schemes
    )
    return parse_description(content, policy=public, origin=f"https://{urlsplit(client_id).netloc}")


def _limit_age(document: ForeignDocument) -> int:
    wanted = MAX_DOCUMENT_AGE_SECONDS if document.max_age is None else document.max_age
    return max(MIN_DOCUMENT_AGE_SECONDS, min(wanted, MAX_DOCUMENT_AGE_SECONDS))
