"""``iterate`` and ``iterate_pages``: every item, or every page, of a listing.

Guaranteed to end even if the Link header is wrong.

The URL of a Link header is never requested: it may contain an internal host or another endpoint. Only its
page token or page number is passed to the same operation.
"""

from __future__ import annotations

import base64
import inspect
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, Protocol, TypeVar
from urllib.parse import parse_qs, urlsplit

from .errors import OryResponseTooLarge, OryUsageError
from .operations.operation import Paging

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from .responses import HTTPInfo

T = TypeVar("T")

_LINK_HEADER = re.compile(r"<([^<>]*)>([^<]*)")
_ROW_TOKEN = re.compile(rb'\{"offset":"([0-9]{1,18})","v":2\}')
DEFAULT_ROWS = 250  # of Kratos and Hydra
MAX_ROWS = 500  # accepted by every version

if TYPE_CHECKING:

    class Page(Protocol[T]):
        """A model that is one page of a listing (``Paging.BODY``)."""

        def page_items(self) -> list[T]: ...
        def next_page(self) -> dict[str, Any]: ...


@dataclass(frozen=True, slots=True, repr=False)
class ListedPage(Generic[T]):
    """A page of a listing.

    Attributes:
        items: The items of the page.
        next_token: The ``page_token`` with which another listing continues after this page; "" after the
            last page, and for listings without such tokens.
        headers: The headers of the response, in any case.

    """

    items: list[T]
    next_token: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"<ListedPage of {len(self.items)}>"  # the rest contains personal data


def iterate(info: object, operation: Callable[..., Any], *args: Any, **arguments: Any) -> Iterator[Any]:
    """Yield the items of ``operation``; see ``iterate_pages``."""
    return _flatten(iterate_pages(info, operation, *args, **arguments))


def iterate_pages(
    info: object, operation: Callable[..., Any], *args: Any, **arguments: Any
) -> Iterator[ListedPage[Any]]:
    """Yield the pages of ``operation``, a bound listing of a client; ``info`` is its ``with_http_info``.

    Raises OryUsageError for an operation that is not a listing and for an invalid number of rows, and the
    errors of the operation.
    """
    listing = Listing(operation, info, args, arguments)
    if listing.paging is None:
        raise OryUsageError(f"{listing.name} is not a listing.")
    return _STRATEGIES[listing.paging](listing)


def _flatten(pages: Iterator[ListedPage[Any]]) -> Iterator[Any]:
    page: ListedPage[Any] | None
    for page in pages:
        yield from page.items
        page = None  # frees the page before the next one is parsed


class Listing:
    """A listing operation with its arguments. ``paging`` is None for an operation that is not a listing."""

    def __init__(
        self, operation: Callable[..., Any], info: object, args: tuple[Any, ...], arguments: dict[str, Any]
    ) -> None:
        self._function = getattr(operation, "__func__", operation)
        self.paging: Paging | None = getattr(self._function, "paging", None)
        self.name = getattr(operation, "__name__", operation)
        self._info = info
        self._args = args
        self.arguments = arguments

    def fetch(self, **changed: Any) -> HTTPInfo[Any]:
        """Return one page: the call with some arguments changed. Arguments that are None are not sent."""
        answer: HTTPInfo[Any] = self._function(self._info, *self._args, **{**self.arguments, **changed})
        return answer

    def number(self, *names: str) -> int:
        """Return the first of these arguments that is set, or 0."""
        for name in names:
            value = self.arguments.get(name)
            if value is not None and (not isinstance(value, int) or value < 0):
                raise OryUsageError(f"{name} must be an integer of at least 0.")
            if value:
                return int(value)
        return 0

    @property
    def has_page_size(self) -> bool:
        """Whether the length of a page can be chosen."""
        parameters = inspect.signature(self._function).parameters
        return "page_size" in parameters and not self.arguments.get("per_page")

    @property
    def is_numbered(self) -> bool:
        """Whether the operation accepts a page number."""
        return "page" in inspect.signature(self._function).parameters


def _single(listing: Listing) -> Iterator[ListedPage[Any]]:
    answer = listing.fetch()
    yield ListedPage(answer.data, headers=answer.headers)


def _link(listing: Listing) -> Iterator[ListedPage[Any]]:
    if listing.arguments.get("page") is not None and not listing.arguments.get("page_token"):
        yield from _numbered(listing, listing.number("page"), _rows(listing))
        return
    requested: set[str] = set()
    signature: Any = None
    repeated = False
    following: dict[str, Any] = {}
    too_large: OryResponseTooLarge | None = None
    left = 0  # remaining rows of a page that was too large and is read in smaller pages
    while True:
        try:
            answer = listing.fetch(**following)
        except OryResponseTooLarge as error:
            size = following.get("page_size") or listing.number("page_size") or DEFAULT_ROWS
            if size == 1 or not listing.has_page_size:
                raise
            too_large, left = error, left or size
            following = {**following, "page_size": size // 2}
            continue
        rows, link = answer.data, next_link(answer.headers)
        if not rows:
            return
        if _page_signature(rows) != signature:
            signature = _page_signature(rows)
            token = "" if link.token in requested else link.token
            yield ListedPage(rows, token, answer.headers)
        elif repeated:
            return
        else:
            repeated = True
        if link.page is not None and listing.is_numbered:
            if too_large is not None:
                raise too_large  # the page numbers count smaller pages
            # Kratos counts from 1 and its Link from 0, so the Link ends one page early.
            yield from _numbered(listing, link.page, link.rows or _rows(listing), signature)
            return
        if not link.token or link.token in requested:
            return
        requested.add(link.token)
        left = max(0, left - len(rows))
        smaller = {"page_size": min(left, following["page_size"])} if left else {}
        following = {"page_token": link.token, **smaller}
        answer = rows = None  # type: ignore[assignment]  # frees the page before the next one is parsed


def _pages(listing: Listing) -> Iterator[ListedPage[Any]]:
    if listing.arguments.get("page_token"):
        yield from _link(listing)
    else:
        yield from _numbered(listing, max(listing.number("page"), 1), _rows(listing))


def _numbered(listing: Listing, page: int, size: int, signature: Any = None) -> Iterator[ListedPage[Any]]:
    """Yield pages by number until one is empty, shorter than ``size``, or equal to the page before.

    ``signature`` is that of the page before the first. Page 1 may be equal to page 0, and more may follow.
    """
    # With page_size or page_token, Kratos ignores page.
    by_number: dict[str, Any] = {
        name: None for name in ("page_size", "page_token") if name in listing.arguments
    }
    if "page_size" in by_number:
        by_number["per_page"] = listing.number("page_size", "per_page") or None
    while True:
        answer = listing.fetch(**by_number, page=page)
        rows = answer.data
        if rows and _page_signature(rows) != signature:
            signature = _page_signature(rows)
            yield ListedPage(rows, headers=answer.headers)
        elif page != 1:
            return
        if len(rows) < size:
            return
        answer = rows = None  # type: ignore[assignment]
        page += 1


def _rows(listing: Listing) -> int:
    """Return the length of a full page. Servers cap larger values; then only an empty page is the end."""
    return min(listing.number("per_page", "page_size") or DEFAULT_ROWS, DEFAULT_ROWS)


def _page_signature(rows: list[Any]) -> tuple[int, Any]:
    """Return a value that differs for different pages, without keeping the page."""
    return len(rows), rows[0]


def _offsets(listing: Listing) -> Iterator[ListedPage[Any]]:
    size = min(listing.number("page_size") or DEFAULT_ROWS, MAX_ROWS)
    token: str = listing.arguments.get("page_token") or ""
    requested: set[str] = set()
    while True:
        answer = listing.fetch(page_size=size, page_token=token or None)
        yield ListedPage(answer.data, headers=answer.headers)
        token = next_offset(answer, size=size, token=token)
        if not token or token in requested:
            return
        requested.add(token)


def next_offset(answer: HTTPInfo[Any], *, size: int, token: str) -> str:
    """Return the token of the page after that of ``token``, for ``Paging.OFFSETS``; "" after the last one."""
    offered = next_link(answer.headers).token
    here = token_offset(token) if token else 0
    # A Hydra with row tokens returns the total count. Other versions reject tokens that they did not create.
    counts = token_offset(offered) is not None if offered else "X-Total-Count" in answer.headers
    if not answer.data or (counts and len(answer.data) < size):
        return ""
    return row_token(here + size) if counts and here is not None else offered


def _body(listing: Listing) -> Iterator[ListedPage[Any]]:
    requested: set[str] = set()
    following: dict[str, Any] = {}
    while True:
        answer = listing.fetch(**following)
        page = answer.data
        yield ListedPage(page.page_items(), headers=answer.headers)
        following = page.next_page()
        if not following or str(following) in requested:
            return
        requested.add(str(following))


_STRATEGIES: dict[Paging, Callable[[Listing], Iterator[ListedPage[Any]]]] = {
    Paging.SINGLE: _single,
    Paging.LINK: _link,
    Paging.PAGES: _pages,
    Paging.OFFSETS: _offsets,
    Paging.BODY: _body,
}


class NextLink(NamedTuple):
    """The next page in a Link header: its token, or its number and the rows of a page."""

    token: str = ""
    page: int | None = None
    rows: int | None = None


def next_link(headers: Mapping[str, str]) -> NextLink:
    """Return the next page according to the Link header (RFC 8288)."""
    for url, parameters in _LINK_HEADER.findall(headers.get("Link", "")):
        if any(_is_next(parameter) for parameter in parameters.split(";")):
            try:
                query = parse_qs(urlsplit(url).query)
            except ValueError:
                break
            rows = _int_param(query, "per_page") or _int_param(query, "page_size")
            return NextLink(query.get("page_token", [""])[0], _int_param(query, "page"), rows)
    return NextLink()


def _is_next(parameter: str) -> bool:
    name, _, value = parameter.partition("=")
    return name.strip().lower() == "rel" and "next" in value.strip(' \t",').lower().split()


def _int_param(query: Mapping[str, list[str]], name: str) -> int | None:
    text = query.get(name, [""])[0]
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def row_token(row: int) -> str:
    """Build a page token of Hydra up to 2.3: the number of the first row, in unpadded base64url."""
    return base64.urlsafe_b64encode(b'{"offset":"%d","v":2}' % row).decode().rstrip("=")


def token_offset(token: str) -> int | None:
    """Return the row in a token of ``row_token``; None for any other token."""
    try:
        match = _ROW_TOKEN.fullmatch(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    except ValueError:
        return None
    return int(match[1]) if match else None
