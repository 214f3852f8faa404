"""``read_page``: one page of a listing, for pages with a link to the next one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from .errors import OryUsageError
from .operations.operation import Paging
from .pagination import DEFAULT_ROWS, ListedPage, Listing, next_link, next_offset

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_PAGE_NUMBER = 1_000_000


def read_page(
    info: object,
    operation: Callable[..., Any],
    *args: Any,
    page_size: int,
    page_token: str = "",
    **arguments: Any,
) -> ListedPage[Any]:
    """Return one page of a listing. See ``OryClient.read_page``."""
    listing = Listing(operation, info, args, arguments)
    read = _READERS.get(listing.paging)
    if read is None:
        raise OryUsageError(f"{listing.name} has no page tokens.")
    page = read(listing, min(page_size, DEFAULT_ROWS), page_token)
    # Hydra up to 2.3 links to another page behind an empty one, without end.
    return page if page.items and page.next_token != page_token else replace(page, next_token="")


def _read_linked(listing: Listing, size: int, token: str) -> ListedPage[Any]:
    answer = listing.fetch(page_size=size, page_token=token or None)
    return ListedPage(answer.data, next_link(answer.headers).token, answer.headers)


def _read_numbered(listing: Listing, size: int, token: str) -> ListedPage[Any]:
    """Read a page by its number, which counts from 1 and is the token."""
    if token and not (token.isascii() and token.isdigit() and 0 < int(token[:10]) < MAX_PAGE_NUMBER):
        raise OryUsageError("The page token is invalid.")
    page = int(token or 1)
    answer = listing.fetch(per_page=size, page=page)
    following = str(page + 1) if len(answer.data) >= size else ""
    return ListedPage(answer.data, following, answer.headers)


def _read_offset(listing: Listing, size: int, token: str) -> ListedPage[Any]:
    answer = listing.fetch(page_size=size, page_token=token or None)
    return ListedPage(answer.data, next_offset(answer, size=size, token=token), answer.headers)


_READERS: dict[Paging | None, Callable[[Listing, int, str], ListedPage[Any]]] = {
    Paging.LINK: _read_linked,
    Paging.PAGES: _read_numbered,
    Paging.OFFSETS: _read_offset,
}
