"""The pace of a sync by the rate limit headers of Ory Network, with a clock that no test waits for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from django_ory.client import ListedPage, OryRateLimited
from django_ory.mirror.pacing import MAX_REJECTIONS, Pacer, TimeLimitReached
from django_ory.mirror.page_reader import read_pages

if TYPE_CHECKING:
    from collections.abc import Iterator

DEVELOPER_PLAN = "10, 10;w=1, 300;w=60"


class Clock:
    """Seconds that pass only by sleeping."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> bool:
        self.slept.append(seconds)
        self.now += seconds
        return False


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def pacer(clock: Clock) -> Pacer:
    return Pacer("default", clock=clock, sleep=clock.sleep)


def build_headers(remaining: int, *, limit: str = DEVELOPER_PLAN, reset: int = 1) -> dict[str, str]:
    return {
        "x-ratelimit-limit": limit,
        "x-ratelimit-remaining": str(remaining),
        "x-ratelimit-reset": str(reset),
    }


def build_rejection(**headers: str) -> OryRateLimited:
    return OryRateLimited(status=429, headers={name.replace("_", "-"): headers[name] for name in headers})


def test_server_without_headers_is_called_without_waiting(pacer: Pacer, clock: Clock) -> None:
    for _ in range(3):
        pacer.wait()
        pacer.record({})
    assert clock.slept == []


def test_half_of_the_sustained_rate_is_left_to_the_site(pacer: Pacer, clock: Clock) -> None:
    for _ in range(10):
        pacer.wait()
        pacer.record(build_headers(9))
    assert clock.slept == pytest.approx([0.4] * 9)  # 300 a minute are 5 a second


def test_time_of_the_work_between_two_calls_counts(pacer: Pacer, clock: Clock) -> None:
    pacer.wait()
    pacer.record(build_headers(9))
    clock.now += 0.3
    pacer.wait()
    assert clock.slept == pytest.approx([0.1])


def test_half_used_window_is_waited_for(pacer: Pacer, clock: Clock) -> None:
    pacer.wait()
    pacer.record(build_headers(5, reset=40))
    pacer.wait()
    assert clock.slept == [40]
    assert pacer.waited_seconds == 40


def test_absurd_reset_is_limited(pacer: Pacer, clock: Clock) -> None:
    pacer.wait()
    pacer.record(build_headers(0, reset=999999999))
    pacer.wait()
    assert clock.slept == [120]


def test_rejected_call_waits_for_the_reset_or_longer_each_time(pacer: Pacer, clock: Clock) -> None:
    pacer.back_off(build_rejection(x_ratelimit_reset="7"))
    pacer.wait()
    for _ in range(3):
        pacer.back_off(build_rejection())
        pacer.wait()
    assert clock.slept == [7, 2, 4, 8]
    pacer.record({})
    pacer.back_off(build_rejection(retry_after="3"))
    pacer.wait()
    assert clock.slept[-1] == 3


def test_too_many_rejections_in_a_row_raise_the_last_one(pacer: Pacer) -> None:
    for _ in range(MAX_REJECTIONS):
        pacer.back_off(build_rejection())
    with pytest.raises(OryRateLimited):
        pacer.back_off(build_rejection())


def test_wait_of_an_hour_raises_the_rejection(pacer: Pacer) -> None:
    with pytest.raises(OryRateLimited):
        pacer.back_off(build_rejection(retry_after="3600"))


def test_wait_beyond_the_time_limit_is_not_begun(clock: Clock) -> None:
    pacer = Pacer("default", seconds=5, clock=clock, sleep=clock.sleep)
    pacer.wait()
    pacer.record(build_headers(0, reset=30))
    with pytest.raises(TimeLimitReached):
        pacer.wait()
    assert clock.slept == []
    assert not pacer.is_late()


def test_cancel_ends_a_wait_in_another_thread() -> None:
    pacer = Pacer("default")
    pacer.back_off(build_rejection(retry_after="60"))
    pacer.cancel()
    with pytest.raises(TimeLimitReached):
        pacer.wait()


def test_listing_continues_after_rejected_calls(pacer: Pacer, clock: Clock) -> None:
    rejections = [build_rejection(x_ratelimit_reset="2") for _ in range(3)]
    asked: list[str] = []

    def list_pages(token: str) -> Iterator[ListedPage[str]]:
        for number in range(int(token or "0"), 3):
            asked.append(token)
            if rejections and number != 1:
                raise rejections.pop()
            token = str(number + 1)
            yield ListedPage([f"item {number}"], token if number < 2 else "")

    pages = list(read_pages(list_pages, pacer))
    assert [page.resources for page in pages] == [["item 0"], ["item 1"], ["item 2"]]
    assert asked == ["", "", "", "", "1", "2"]
    assert clock.slept == [2, 2, 4]


def test_rejected_call_after_a_page_without_a_token_raises(pacer: Pacer) -> None:
    def list_pages(_: str) -> Iterator[ListedPage[str]]:
        yield ListedPage(["item"])
        raise build_rejection()

    pages = read_pages(list_pages, pacer)
    next(pages)
    with pytest.raises(OryRateLimited):
        next(pages)
