"""The origin of a URL, or None for a URL that is no redirect target."""

from __future__ import annotations

import pytest

from django_ory.http.redirects import parse_origin


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://A.example/x?y#z", ("https", "a.example", 443)),
        ("HTTP://a.example", ("http", "a.example", 80)),
        ("http://a.example:8080/", ("http", "a.example", 8080)),
        ("http://[::1]:4433/", ("http", "::1", 4433)),
    ],
)
def test_http_url_has_an_origin(url: str, expected: tuple[str, str, int]) -> None:
    assert parse_origin(url) == expected


@pytest.mark.parametrize(
    "url",
    ["", "/x", "//a.example", "a.example", "javascript:alert(1)", "ftp://a.example", "https://", "http://[",
     "https://a.example:99999/", "https://x@a.example/", "https://a.example\\@b.example/"],
)  # fmt: skip
def test_other_url_has_no_origin(url: str) -> None:
    assert parse_origin(url) is None
