"""The arguments of an operation as parts of a request: path, query, body, Authorization header."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Mapping, Set
from datetime import date, datetime
from typing import Any, Literal
from urllib.parse import quote, quote_plus, urlencode
from uuid import UUID

from django_ory.client.errors import InvalidPathParameter, OryUsageError

ContentKind = Literal["json", "form", "text"]

# Values that str() would write in Python's syntax, and iterables that are one value.
_NO_TEXT = (bytes, bytearray, memoryview, Mapping, list, tuple, Set)
_ONE = (str, bytes, bytearray, memoryview, Mapping)


def encode_segment(route: str, name: str, value: object) -> str:
    """Return a path parameter as a segment of a path. Raises InvalidPathParameter."""
    if value is None or isinstance(value, (bool, *_NO_TEXT)):
        raise InvalidPathParameter(f"{route}: {name} must be text.")
    text = str(value)
    if text in ("", ".", ".."):
        # A server would read these as another path: DELETE /admin/identities/ is not about one identity.
        raise InvalidPathParameter(f'{route}: {name} must not be empty, "." or "..".')
    try:
        return quote(text, safe="")
    except UnicodeEncodeError as error:
        raise InvalidPathParameter(f"{route}: {name} is not valid Unicode.") from error


def encode_form(route: str, values: Mapping[str, object]) -> str:
    """Return the values that are not None as a query or form. Several values of one name are a list."""
    pairs: list[tuple[str, str]] = []
    for name, value in values.items():
        if value is None:
            continue
        items = value if isinstance(value, Iterable) and not isinstance(value, _ONE) else (value,)
        for item in items:
            if item is None or isinstance(item, _NO_TEXT):
                raise OryUsageError(f"{route}: {name} must be text, a number, a time, or several of them.")
            pairs.append((name, _scalar(item)))
    try:
        return urlencode(pairs)
    except UnicodeEncodeError:
        raise OryUsageError(f"{route}: a parameter is not valid Unicode.") from None


def _scalar(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, (date, datetime)) else str(value)


def encode_text(route: str, body: object) -> bytes:
    """Return a body of plain text in UTF-8."""
    if not isinstance(body, str):
        raise OryUsageError(f"{route}: the body must be text.")
    try:
        return body.encode()
    except UnicodeEncodeError as error:
        raise OryUsageError(f"{route}: the body is not valid Unicode.") from error


def encode_json(route: str, body: object) -> bytes:
    """Write a body as JSON. Only fields of a model that are set are written."""
    try:
        if hasattr(body, "model_dump_json"):
            _mark_mutated_lists_as_set(body)
            text: str = body.model_dump_json(exclude_unset=True, by_alias=True)
        else:
            text = json.dumps(body, default=_jsonable, allow_nan=False, separators=(",", ":"))
        return text.encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise OryUsageError(f"{route}: the body cannot be written as JSON.") from error


def _mark_mutated_lists_as_set(model: Any) -> None:
    if hasattr(model, "mark_mutated_lists_as_set"):  # models of users may have another base
        model.mark_mutated_lists_as_set()


def _jsonable(value: Any) -> Any:
    if hasattr(value, "model_dump"):
        _mark_mutated_lists_as_set(value)
        return value.model_dump(mode="json", exclude_unset=True, by_alias=True)
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} is not JSON serializable")


def _form(route: str, body: Any) -> bytes:
    return encode_form(route, body).encode()


#: How each kind of body is written, and its Content-Type.
CONTENT: dict[ContentKind, tuple[Callable[[str, Any], bytes], str]] = {
    "json": (encode_json, "application/json"),
    "form": (_form, "application/x-www-form-urlencoded"),
    "text": (encode_text, "text/plain"),
}


def build_bearer(token: str | None) -> str | None:
    """Return the Authorization header for a token."""
    return f"Bearer {token}" if token else None


def build_basic(credentials: tuple[str, str] | None) -> str | None:
    """Return the Authorization header for ``(client id, secret)``.

    RFC 6749 section 2.3.1: both are form-encoded first. Raises OryUsageError.
    """
    if credentials is None:
        return None
    if not _is_pair(credentials):
        raise OryUsageError("basic_auth must be (client id, secret).")
    try:
        pair = ":".join(map(quote_plus, credentials))
    except UnicodeEncodeError:
        raise OryUsageError("basic_auth is not valid Unicode.") from None
    return "Basic " + base64.b64encode(pair.encode()).decode()


def _is_pair(value: object) -> bool:
    return (
        isinstance(value, (tuple, list)) and len(value) == 2 and all(isinstance(part, str) for part in value)
    )


#: Parameters that become the Authorization header, and the function that builds it.
AUTHORIZATION: dict[str, Callable[[Any], str | None]] = {
    "access_token": build_bearer,
    "basic_auth": build_basic,
    "registration_access_token": build_bearer,
}
