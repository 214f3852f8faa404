"""Ways in which the fake servers fail on command."""

from __future__ import annotations

from collections.abc import Callable

import requests

from .http import FakeResponse, json_response

__all__ = ["FAULTS", "Fault"]


def _refuse_connection() -> FakeResponse:
    raise requests.ConnectionError("connection refused")


def _time_out() -> FakeResponse:
    raise requests.ReadTimeout("timed out")


Fault = Callable[[], FakeResponse]

#: Name of a fault -> the response, or the exception of requests, in its place.
FAULTS: dict[str, Fault] = {
    "down": _refuse_connection,
    "slow": _time_out,
    "error": lambda: json_response(
        {
            "error": {
                "code": 500,
                "status": "Internal Server Error",
                "message": "An internal server error occurred",
            }
        },
        status=500,
    ),
    "html": lambda: FakeResponse(
        502, b"<html><body>Bad Gateway</body></html>", (("Content-Type", "text/html"),)
    ),
    "truncated": lambda: FakeResponse(
        200, b'{"id": "5c1a', (("Content-Type", "application/json"), ("Content-Length", "4096"))
    ),
    "rate_limited": lambda: json_response(
        {"error": {"code": 429, "status": "Too Many Requests", "message": "rate limit exceeded"}},
        status=429,
        headers={"Retry-After": "2"},
    ),
}
