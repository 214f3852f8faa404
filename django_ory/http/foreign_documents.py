"""Fetches JSON documents from URLs that a foreign party chose, such as the client id of an OAuth2 client.

The only module that requests foreign URLs. Each of these is a limit against server-side request forgery:
https only, the default port, one lookup with public addresses alone, a connection to exactly such an
address, no redirects, no cookies, no credentials, no proxy, a size limit, and one deadline for all of it.
"""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, urlsplit

from django_ory.client.transport import USER_AGENT

from .public_addresses import ForbiddenAddress, IPAddress, LookupFailed, find_public_addresses

if TYPE_CHECKING:
    from django_ory.client.http1 import Deadline, DeadlinePool

__all__ = [
    "DocumentUnavailable",
    "ForbiddenURL",
    "ForeignDocument",
    "ForeignDocumentError",
    "InvalidDocument",
    "fetch_json_document",
]

#: The draft of client id metadata documents recommends 5 KB at most.
DEFAULT_MAX_DOCUMENT_BYTES = 64 * 1024
DEFAULT_DOCUMENT_SECONDS = 5.0
MAX_FOREIGN_URL_LENGTH = 2_000
#: Addresses of one host that are tried.
MAX_TRIED_ADDRESSES = 3
MAX_DOCUMENT_DEPTH = 20

#: ASCII only: a name in other letters is written as punycode. The last label is no number, so no other
#: notation of an IPv4 address (``127.1``, ``0x7f000001``) is a name.
_NAME = re.compile(
    r"(?=.{1,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?"
)
_JSON_TYPE = re.compile(r"application/(?:[a-z0-9.!#$&^_-]+\+)?json", re.IGNORECASE)
_MAX_AGE = re.compile(r"(?:^|[\s,])max-age=\"?([0-9]{1,9})(?:\"|[\s,]|$)", re.IGNORECASE)


class ForeignDocumentError(Exception):
    """A foreign document cannot be used. The text contains nothing of the response and no address."""


class ForbiddenURL(ForeignDocumentError):
    """The URL is not allowed, or its host has an address that is not on the public internet."""


class DocumentUnavailable(ForeignDocumentError):
    """The server did not return the document in time: no connection, no valid certificate, another status."""


class InvalidDocument(ForeignDocumentError):
    """The response is too large, compressed, or not a JSON object."""


@dataclass(frozen=True, kw_only=True)
class ForeignDocument:
    """A fetched JSON object. ``max_age``: the seconds of ``Cache-Control``, None without a limit."""

    content: dict[str, Any]
    max_age: int | None = None


def fetch_json_document(
    url: str,
    *,
    max_bytes: int = DEFAULT_MAX_DOCUMENT_BYTES,
    seconds: float = DEFAULT_DOCUMENT_SECONDS,
    allow_loopback: bool = False,
    ca_bundle: str = "",
) -> ForeignDocument:
    """Fetch a JSON object with GET.

    Args:
        url: an https URL with the default port.
        max_bytes: the size limit of the body.
        seconds: the time for everything, the lookup included.
        allow_loopback: for development and tests: hosts on this machine are allowed, with any port and http.
        ca_bundle: path of the certificates to trust. Default: those of certifi.

    Raises ForbiddenURL before anything is sent, DocumentUnavailable, InvalidDocument.
    """
    # Imported here, like in the client: every command of manage.py imports the URLs of the site, but few
    # processes send a request.
    from urllib3.exceptions import HTTPError

    from django_ory.client.http1 import Deadline

    deadline = time.monotonic() + seconds
    parts, host, port = _parse(url, allow_loopback=allow_loopback)
    try:
        addresses = find_public_addresses(host, port, seconds=seconds, allow_loopback=allow_loopback)
    except ForbiddenAddress:
        raise ForbiddenURL("The host of the URL is not on the public internet.") from None
    except LookupFailed as error:
        raise DocumentUnavailable(f"The host of the URL was not found: {error}.") from None
    if parts.scheme == "http" and not all(address.is_loopback for address in addresses):
        raise ForbiddenURL("The URL must begin with https://.")
    failure: Exception = TimeoutError("timed out")
    for index, address in enumerate(addresses[:MAX_TRIED_ADDRESSES]):
        left = deadline - time.monotonic()
        if left <= 0:
            break
        connect = left / (min(len(addresses), MAX_TRIED_ADDRESSES) - index)
        pool = _open_pool(parts.scheme, host, address, port, ca_bundle=ca_bundle)
        try:
            return _fetch(pool, parts, Deadline(connect=connect, until=deadline), max_bytes)
        except (HTTPError, OSError, ValueError) as error:  # ValueError: an invalid chunk
            failure = error
        finally:
            pool.close()
    raise DocumentUnavailable(
        f"The server of the URL did not return a document ({type(failure).__name__})."
    ) from failure


def _parse(url: str, *, allow_loopback: bool) -> tuple[SplitResult, str, int]:
    """Return the parts, the host and the port of an allowed URL. Raises ForbiddenURL."""
    if len(url) > MAX_FOREIGN_URL_LENGTH:
        raise ForbiddenURL(f"The URL is longer than {MAX_FOREIGN_URL_LENGTH} characters.")
    # Parsers differ on these: one may check another host than the next one connects to.
    if not url.isascii() or not url.isprintable() or any(sign in url for sign in ' \\"<>^`{|}'):
        raise ForbiddenURL("The URL contains a character that must be percent-encoded.")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ForbiddenURL("The URL is invalid.") from None
    if parts.scheme not in (("https", "http") if allow_loopback else ("https",)):
        raise ForbiddenURL("The URL must begin with https://.")
    if "@" in parts.netloc or parts.fragment or url.endswith("#"):
        raise ForbiddenURL("The URL must not contain a user, a password or a fragment.")
    default_port = 443 if parts.scheme == "https" else 80
    if (parts.netloc.endswith(":") or port not in (None, default_port)) and not allow_loopback:
        raise ForbiddenURL("The URL must not contain another port than 443.")
    host = parts.hostname or ""
    is_name = _NAME.fullmatch(host) is not None and ("." in host or allow_loopback)
    if not is_name and not (allow_loopback and host in {"127.0.0.1", "::1"}):
        raise ForbiddenURL("The host of the URL must be a name with a domain.")
    return parts, host, port if port is not None else default_port


def _open_pool(scheme: str, host: str, address: IPAddress, port: int, *, ca_bundle: str) -> DeadlinePool:
    """Return a pool that connects to the address, and accepts only a certificate for the host."""
    from requests.utils import DEFAULT_CA_BUNDLE_PATH

    from django_ory.client.http1 import DeadlinePool, SecureDeadlinePool

    if scheme == "http":
        return DeadlinePool(str(address), port, maxsize=1)
    return SecureDeadlinePool(
        str(address),
        port,
        maxsize=1,
        cert_reqs="CERT_REQUIRED",
        ca_certs=ca_bundle or DEFAULT_CA_BUNDLE_PATH,
        server_hostname=host,
        assert_hostname=host,
    )


def _fetch(pool: DeadlinePool, parts: SplitResult, timeout: Deadline, max_bytes: int) -> ForeignDocument:
    """Fetch the document. Raises ForeignDocumentError, or the errors of urllib3 and the system."""
    response = pool.urlopen(
        "GET",
        f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}",
        headers={
            "Host": parts.netloc,
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "User-Agent": USER_AGENT,
            "Connection": "close",
        },
        redirect=False,
        retries=False,
        assert_same_host=False,
        timeout=timeout,
        preload_content=False,
        decode_content=False,
    )
    try:
        return _read(response, max_bytes)
    finally:
        response.close()


def _read(response: Any, max_bytes: int) -> ForeignDocument:
    if response.status != 200:
        is_redirect = 300 <= response.status < 400
        reason = "a redirect, which is not followed" if is_redirect else f"status {response.status}"
        raise DocumentUnavailable(f"The server of the URL returned {reason}.")
    if not _JSON_TYPE.fullmatch(response.headers.get("Content-Type", "").partition(";")[0].strip()):
        raise InvalidDocument("The content type of the document is not application/json.")
    if response.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
        raise InvalidDocument("The document is compressed, although the request allows no compression.")
    too_large = InvalidDocument(f"The document is larger than {max_bytes} bytes.")
    if response.length_remaining is not None and response.length_remaining > max_bytes:
        raise too_large
    body = b""
    while len(body) <= max_bytes and (piece := response.read(max_bytes + 1 - len(body))):
        body += piece
    if len(body) > max_bytes:
        raise too_large
    found = _MAX_AGE.search(response.headers.get("Cache-Control", ""))
    return ForeignDocument(content=_parse_json(body), max_age=int(found[1]) if found else None)


def _parse_json(body: bytes) -> dict[str, Any]:
    """Return the JSON object of a body. Raises InvalidDocument."""
    try:
        document = json.loads(body.decode("utf-8"), parse_constant=_reject_constant)
        text = json.dumps(document, ensure_ascii=False, allow_nan=False)  # 1e999 is infinite
        text.encode()  # half a surrogate pair is no text
    except (ValueError, RecursionError):
        raise InvalidDocument("The document is not JSON.") from None
    if not isinstance(document, dict):
        raise InvalidDocument("The document is not a JSON object.")
    if _measure_depth(document) > MAX_DOCUMENT_DEPTH:
        raise InvalidDocument(f"The document is nested more than {MAX_DOCUMENT_DEPTH} levels deep.")
    return document


def _reject_constant(name: str) -> None:
    raise ValueError(name)  # NaN and Infinity are not JSON


def _measure_depth(value: Any) -> int:
    """Return the levels of lists and objects, at most one more than ``MAX_DOCUMENT_DEPTH``."""
    level, depth = [value], 0
    while level and depth <= MAX_DOCUMENT_DEPTH:
        depth += 1
        level = [
            inner
            for each in level
            if isinstance(each, (dict, list))
            for inner in (each.values() if isinstance(each, dict) else each)
            if isinstance(inner, (dict, list))
        ]
    return depth
