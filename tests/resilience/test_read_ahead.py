"""``read_ahead``: one item ahead, in a thread that always ends."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from django_ory.resilience.read_ahead import read_ahead

if TYPE_CHECKING:
    from collections.abc import Iterator


def has_thread() -> bool:
    return any(thread.name.startswith("django-ory-read-ahead") for thread in threading.enumerate())


def test_items_are_read_in_order_by_another_thread() -> None:
    threads = set()

    def items() -> Iterator[int]:
        for number in range(5):
            threads.add(threading.get_ident())
            yield number

    with read_ahead(items(), cancel=lambda: None) as ahead:
        assert list(ahead) == [0, 1, 2, 3, 4]
    assert len(threads - {threading.get_ident()}) == 1
    assert not has_thread()


def test_one_item_is_read_ahead_and_no_more() -> None:
    read: list[int] = []
    is_second_read = threading.Event()

    def items() -> Iterator[int]:
        for number in range(9):
            read.append(number)
            if number == 1:
                is_second_read.set()
            yield number

    with read_ahead(items(), cancel=lambda: None) as ahead:
        assert next(ahead) == 0
        assert is_second_read.wait(10)
        assert read == [0, 1]


def test_exception_is_raised_at_its_place() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise KeyError("broken")

    with read_ahead(items(), cancel=lambda: None) as ahead:
        assert next(ahead) == 1
        with pytest.raises(KeyError, match="broken"):
            next(ahead)
    assert not has_thread()


def test_exception_of_the_reader_cancels_a_wait_and_ends_the_thread() -> None:
    canceled = threading.Event()

    def items() -> Iterator[int]:
        yield 1
        canceled.wait(60)  # as a wait for a rate limit
        yield 2

    def read_and_fail() -> float:
        with read_ahead(items(), cancel=canceled.set) as ahead:
            return next(ahead) / 0

    with pytest.raises(ZeroDivisionError):
        read_and_fail()
    assert canceled.is_set()
    assert not has_thread()


def test_empty_iterator_ends_at_once() -> None:
    with read_ahead(iter(()), cancel=lambda: None) as ahead:
        assert list(ahead) == []
