"""``iterate``: every item of a listing, page after page. It ends, whatever the server's Link header says.

A Link's URL is never requested: it may name a host that only the server knows, or another endpoint. Its page
token (or page number) is taken out and given to the same operation again.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol, TypeVar, cast
from urllib.parse import parse_qs, urlsplit

from .errors import OryUsageError
from .http_info import HTTPInfo
from .operations.operation import Paging

__all__ = ["Page", "iterate"]

T = TypeVar("T")

Fetch = Callable[[dict[str, Any]], HTTPInfo[Any]]

_NEXT = re.compile(r"<([^>]*)>\s*;[^<]*?\brel\s*=\s*\"?[^\"<,;]*\bnext\b", re.IGNORECASE)
DEFAULT_ROWS = 250  # of Kratos and of Hydra alike
MOST_ROWS = 500  # that no version caps


class Page(Protocol[T]):
    """A model that is one page of a listing (``Paging.BODY``)."""

    def page_items(self) -> list[T]: ...
    def next_page(self) -> dict[str, Any]: ...


def iterate(info: object, operation: Callable[..., Any], *args: Any, **arguments: Any) -> Iterator[Any]:
    """Yield what ``operation``, a bound listing of a client, lists; ``info`` is its ``with_http_info``.

    Raises OryUsageError for an operation that does not list; otherwise what the operation raises.
    """
    function = getattr(operation, "__func__", operation)
    paging = getattr(function, "paging", None)
    if paging is None:
        raise OryUsageError(f"{getattr(operation, '__name__', operation)} is not an operation that lists.")

    def fetch(changed: dict[str, Any]) -> HTTPInfo[Any]:
        return cast("HTTPInfo[Any]", function(info, *args, **{**arguments, **changed}))

    return _STRATEGIES[paging](fetch, arguments)


def _single(fetch: Fetch, arguments: Mapping[str, Any]) -> Iterator[Any]:
    yield from fetch({}).data


def _link(fetch: Fetch, arguments: Mapping[str, Any]) -> Iterator[Any]:
    asked: set[str] = set()
    following: dict[str, Any] | None = {}
    mark: Any = None
    repeated = False
    while following is not None and str(following) not in asked:
        asked.add(str(following))
        rows, headers = _fetched(fetch, following)
        if not rows:
            return
        if _mark(rows) != mark:
            mark = _mark(rows)
            yield from rows
        elif repeated:
            return
        else:
            repeated = True  # a server that counts from 1 answers page 1 as it did page 0
        following = next_page(headers)
        rows = None  # before the next page is made: two at once are slow


def _pages(fetch: Fetch, arguments: Mapping[str, Any]) -> Iterator[Any]:
    if arguments.get("page_token"):
        yield from _link(fetch, arguments)
        return
    number = max(int(arguments.get("page") or 1), 1)
    # Servers cap what is asked for: with more than the default only an empty page is surely the end.
    size = min(int(arguments.get("per_page") or arguments.get("page_size") or DEFAULT_ROWS), DEFAULT_ROWS)
    mark: Any = None
    while True:
        rows, _ = _fetched(fetch, {"page": number})
        if not rows or _mark(rows) == mark:
            return
        mark = _mark(rows)
        yield from rows
        if len(rows) < size:
            return
        rows = None
        number += 1


def _fetched(fetch: Fetch, changed: dict[str, Any]) -> tuple[Any, Mapping[str, str]]:
    answer = fetch(changed)
    return answer.data, answer.headers


def _mark(rows: list[Any]) -> tuple[int, Any]:
    """What tells a page from another one without keeping it."""
    return len(rows), rows[0]


def _offsets(fetch: Fetch, arguments: Mapping[str, Any]) -> Iterator[Any]:
    rows = min(int(arguments.get("page_size") or DEFAULT_ROWS), MOST_ROWS)
    token: str | None = arguments.get("page_token")
    asked: set[str] = set()
    while True:
        answer = fetch({"page_size": rows, "page_token": token})
        yield from answer.data
        following = next_page(answer.headers) or {}
        offered = str(following.get("page_token") or "")
        here = row_of(token) if token else 0
        if not answer.data:
            return
        if here is not None and (row_of(offered) is not None or not offered):
            if len(answer.data) < rows:
                return
            token = row_token(here + rows)
        elif offered:
            token = offered
        else:
            return
        if token in asked:
            return
        asked.add(token)


def _body(fetch: Fetch, arguments: Mapping[str, Any]) -> Iterator[Any]:
    asked: set[str] = set()
    answer = fetch({})
    while True:
        yield from answer.data.page_items()
        following = answer.data.next_page()
        if not following or str(following) in asked:
            return
        asked.add(str(following))
        answer = fetch(following)


_STRATEGIES: dict[Paging, Callable[[Fetch, Mapping[str, Any]], Iterator[Any]]] = {
    Paging.SINGLE: _single,
    Paging.LINK: _link,
    Paging.PAGES: _pages,
    Paging.OFFSETS: _offsets,
    Paging.BODY: _body,
}


def next_page(headers: Mapping[str, str]) -> dict[str, Any] | None:
    """The arguments for the page that the Link header calls next: ``page_token``, else ``page``."""
    match = _NEXT.search(headers.get("Link", ""))
    if match is None:
        return None
    try:
        query = parse_qs(urlsplit(match[1]).query)
    except ValueError:
        return None
    if "page_token" in query:
        return {"page_token": query["page_token"][0]}
    page = query.get("page", [""])[0]
    return {"page": int(page)} if page.isascii() and page.isdigit() else None


def row_token(row: int) -> str:
    """Hydra's page token up to 2.3: the number of the first row, in unpadded base64url."""
    return base64.urlsafe_b64encode(b'{"offset":"%d","v":2}' % row).decode().rstrip("=")


def row_of(token: str) -> int | None:
    """The row in such a token, None for a token of another kind."""
    try:
        value = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        return int(value["offset"])
    except (ValueError, TypeError, KeyError, binascii.Error):
        return None
