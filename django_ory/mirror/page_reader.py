"""Reads all pages of a listing at Ory's pace, for a sync. Runs in a thread and never uses the database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from django.utils import timezone

from django_ory.client import ListedPage, OryRateLimited

from .pacing import Pacer

T = TypeVar("T")


@dataclass(frozen=True, slots=True, repr=False)
class ReadPage(Generic[T]):
    """A page, the time before it was requested, and the token of the next page or ""."""

    requested_at: datetime
    resources: list[T]
    next_token: str


def read_pages(
    list_pages: Callable[[str], Iterator[ListedPage[T]]], pacer: Pacer, *, page_token: str = ""
) -> Iterator[ReadPage[T]]:
    """Yield the pages that ``list_pages(page_token)`` lists. After a 429, the listing continues.

    Raises:
        TimeLimitReached: The time of the pacer is over.
        OryError: Ory failed, or rejected too many calls in a row.
    """
    can_continue = True  # before the first page, and after a page with a token
    while True:
        pages = list_pages(page_token)
        try:
            while True:
                pacer.wait()
                requested_at = timezone.now()
                page = next(pages, None)
                if page is None:
                    return
                pacer.record(page.headers)
                page_token, can_continue = page.next_token, bool(page.next_token)
                yield ReadPage(requested_at, page.items, page_token)
                page = None  # freed before the next one is parsed
        except OryRateLimited as error:
            if not can_continue:
                raise
            pacer.back_off(error)
