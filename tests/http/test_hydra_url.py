"""Redirects of the provider lead to Hydra, links of clients lead to the web."""

from __future__ import annotations

from typing import Any

import pytest

from django_ory.conf import get_settings
from django_ory.http.redirects import hydra_url, web_url

BROWSER = "https://id.example/hydra"
PUBLIC = "http://hydra:4444"


@pytest.fixture(autouse=True)
def _hydra_urls(settings: Any) -> None:
    settings.ORY = {"default": {"HYDRA_PUBLIC_URL": PUBLIC, "HYDRA_BROWSER_URL": BROWSER}}


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (f"{BROWSER}/oauth2/auth?x=1", f"{BROWSER}/oauth2/auth?x=1"),
        ("https://ID.example:443/x", "https://ID.example:443/x"),
        (f"{PUBLIC}/x", f"{PUBLIC}/x"),
        ("/oauth2/sessions/logout", "https://id.example/oauth2/sessions/logout"),
        ("oauth2", f"{BROWSER}/oauth2"),
        ("///evil.example", "https://id.example/evil.example"),
        ("https:///evil.example/", "https://id.example/evil.example/"),
    ],
)
def test_url_of_hydra_is_allowed(url: str, expected: str) -> None:
    assert hydra_url(url, settings=get_settings()) == expected


@pytest.mark.parametrize(
    "url",
    [
        None, 7, "", "https://evil.example/", "//evil.example/", "http://id.example/",
        "https://id.example:444/", "https://id.example@evil.example/", "https://x@id.example/", "https://id.example.evil.example/",
        "/\\evil.example", "\\\\evil.example", "https://id.example\\@evil.example/", " https://id.example/", "https://id.example/\n",
        "javascript:alert(1)", "http://[", "https://id.example:99999/",
    ],
)  # fmt: skip
def test_url_of_another_server_is_not_allowed(url: object) -> None:
    assert hydra_url(url, settings=get_settings()) is None


@pytest.mark.parametrize("url", ["https://a.example", "http://localhost:3000/about?x#y"])
def test_web_url_is_allowed(url: str) -> None:
    assert web_url(url) == url


@pytest.mark.parametrize(
    "url",
    ["", None, "javascript:alert(1)", "data:text/html,x", "//a.example", "/x", "https://", "http://[", "ftp://a.example",
     "java\nscript:x", "https://user:password@a.example/"],
)  # fmt: skip
def test_other_url_is_not_allowed(url: object) -> None:
    assert web_url(url) == ""
