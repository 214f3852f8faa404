"""The rate limit headers of Ory Network. The values are those of its documentation, and broken ones."""

from __future__ import annotations

import math

import pytest

from django_ory.client import OryRateLimited, RateLimit
from django_ory.client.error_responses import build_error
from django_ory.client.rate_limits import parse_rate_limit


def build_headers(limit: str = "", remaining: str = "", reset: str = "") -> dict[str, str]:
    values = {"x-ratelimit-limit": limit, "x-ratelimit-remaining": remaining, "x-ratelimit-reset": reset}
    return {name: value for name, value in values.items() if value}


def test_headers_of_ory_network_are_parsed() -> None:
    limit = parse_rate_limit(build_headers("10, 10;w=1, 300;w=60", "8", "1"))
    assert limit == RateLimit(limit=10, remaining=8, reset=1.0, windows=((10, 1), (300, 60)))
    assert limit.seconds_per_call == 0.2  # 300 in a minute


def test_response_without_headers_has_no_rate_limit() -> None:
    assert parse_rate_limit({"content-type": "application/json"}) is None


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (build_headers("1000"), RateLimit(limit=1000)),
        (build_headers(remaining="0"), RateLimit(remaining=0)),
        (build_headers(reset="2.5"), RateLimit(reset=2.5)),
        (build_headers("many", "-1", "soon"), RateLimit()),
        (build_headers("9" * 5000, "²", "nan"), RateLimit(limit=999999999)),
        (build_headers("10;w=0, 5 ; w = 2"), RateLimit(limit=10, windows=((5, 2),))),
    ],
)
def test_partial_and_broken_headers_give_the_readable_part(
    headers: dict[str, str], expected: RateLimit
) -> None:
    assert parse_rate_limit(headers) == expected


def test_time_per_call_is_zero_without_windows_and_infinite_without_calls() -> None:
    assert RateLimit(limit=10).seconds_per_call == 0
    assert RateLimit(windows=((0, 60),)).seconds_per_call == math.inf


def test_error_without_retry_after_waits_for_the_reset() -> None:
    error = build_error(429, "", {"X-RateLimit-Limit": "10, 10;w=1", "X-RateLimit-Reset": "17"}, "GET /x")
    assert isinstance(error, OryRateLimited)
    assert error.retry_after == 17.0
    assert error.rate_limit is not None
    assert error.rate_limit.windows == ((10, 1),)


def test_retry_after_wins_over_the_reset() -> None:
    error = build_error(429, "", {"Retry-After": "3", "X-RateLimit-Reset": "17"}, "GET /x")
    assert isinstance(error, OryRateLimited)
    assert error.retry_after == 3.0
