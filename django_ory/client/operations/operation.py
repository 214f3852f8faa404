"""The base of all operations: builds a request from arguments, and a model from the response."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Set
from datetime import date, datetime
from enum import Enum
from typing import TYPE_CHECKING, Any, Concatenate, Generic, Literal, ParamSpec, TypeVar, overload
from urllib.parse import quote, urlencode
from uuid import UUID

from django_ory.client.decoding import decode
from django_ory.client.errors import InvalidPathParameter, OryUsageError

if TYPE_CHECKING:
    from django_ory.client.http_info import HTTPInfo
    from django_ory.client.services import Service
    from django_ory.client.transport import Reply, Transport

ContentKind = Literal["json", "form", "text"]

P = ParamSpec("P")
T = TypeVar("T")

#: The limit for sessions and self-service flows: anonymous users choose how large they are.
MAX_USER_DATA_BYTES = 1024 * 1024


class Paging(Enum):
    """The type of pagination of a listing (``OryClient.iterate``)."""

    LINK = "the page_token of the Link header's rel=next; where it has a page, on from there by numbers"
    PAGES = "page=1, 2, 3, ... until a page is not full; the Link header is wrong or missing"
    OFFSETS = "like LINK, but tokens of Hydra up to 2.3 are counted on by rows: those in its Link are wrong"
    BODY = "the next page's token is in the body: the model has page_items() and next_page()"
    SINGLE = "the answer is the whole list"


if TYPE_CHECKING:

    class Operation(Generic[P, T]):
        """A method that returns T on a client and HTTPInfo[T] on its ``with_http_info``."""

        @overload
        def __get__(self, instance: None, owner: Any) -> Callable[Concatenate[Any, P], T]: ...
        @overload
        def __get__(self, instance: InfoMarker, owner: Any) -> Callable[P, HTTPInfo[T]]: ...
        @overload
        def __get__(self, instance: Operations, owner: Any) -> Callable[P, T]: ...
        def __get__(self, instance: Any, owner: Any) -> Any: ...

    class InfoMarker:
        """Distinguishes ``with_http_info`` from the client, for the type checker."""

    def operation(method: Callable[Concatenate[Any, P], T]) -> Operation[P, T]: ...

else:

    class InfoMarker:
        pass

    def operation(method):
        """Mark a method with a body of its own as an operation of Ory's API. See ``endpoint``."""
        method.paging = None
        return method


class Operations:
    """Base of the mixins. Clients set ``_transport``; ``with_http_info`` overrides ``_answer``."""

    _transport: Transport

    def _answer(self, data: Any, reply: Reply) -> Any:
        return data

    def _send(
        self,
        route: str,
        service: Service,
        returns: type[T],
        *,
        path: Mapping[str, object] | None = None,
        query: Mapping[str, object] | None = None,
        headers: Mapping[str, str | None] | None = None,
        body: object = None,
        content: ContentKind = "json",
        redirect: bool = False,
        once: bool = False,
        max_bytes: int | None = None,
        or_empty: bool = False,
        or_jwt: bool = False,
    ) -> T:
        """Send one operation and return its result. Values that are None are not sent.

        Args:
            route: Method and path template of Ory's documentation: ``"GET /admin/identities/{id}"``.
            service: The service to call.
            returns: A model, a list of a model, ``dict[str, Any]``, ``str`` for text, or None.
            path, query, headers, body: The parts of the request.
            content, redirect, max_bytes: See ``endpoint``.
            once: Never repeat the call, because a parameter can be used only once.
            or_empty: The response may be empty. Then the result is None.
            or_jwt: The response may be an ``application/jwt``. Then the result is a ``str``.

        """
        method, _, target = route.partition(" ")
        if path:
            target = target.format_map({name: _segment(route, name, value) for name, value in path.items()})
        if query and (given := {name: value for name, value in query.items() if value is not None}):
            encoded = _urlencoded(route, given)
            if encoded:
                target = f"{target}?{encoded}"
        sent = {name: value for name, value in headers.items() if value} if headers else {}
        encoded_body = None
        if body is not None or content == "text":
            encode, sent["Content-Type"] = _CONTENT[content]
            encoded_body = encode(route, body)
        reply = self._transport.send(
            route,
            service,
            method,
            target,
            headers=sent,
            body=encoded_body,
            redirect=redirect,
            once=once,
            max_bytes=max_bytes,
        )
        data = decode(returns, reply, operation=route, or_empty=or_empty, or_jwt=or_jwt)
        result: T = self._answer(data, reply)
        return result


def _segment(route: str, name: str, value: object) -> str:
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


def _urlencoded(route: str, values: Mapping[str, object]) -> str:
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


# Values that str() would write in Python's syntax, and iterables that are one value.
_NO_TEXT = (bytes, bytearray, memoryview, Mapping, list, tuple, Set)
_ONE = (str, bytes, bytearray, memoryview, Mapping)


def _scalar(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, (date, datetime)) else str(value)


def _text(route: str, body: object) -> bytes:
    if not isinstance(body, str):
        raise OryUsageError(f"{route}: the body must be text.")
    try:
        return body.encode()
    except UnicodeEncodeError as error:
        raise OryUsageError(f"{route}: the body is not valid Unicode.") from error


def _json(route: str, body: object) -> bytes:
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
    return _urlencoded(route, body).encode()


_CONTENT: dict[ContentKind, tuple[Callable[[str, Any], bytes], str]] = {
    "json": (_json, "application/json"),
    "form": (_form, "application/x-www-form-urlencoded"),
    "text": (_text, "text/plain"),
}
