"""Redirect URIs that clients may give themselves."""

from __future__ import annotations

import pytest

from django_ory.provider.agents.redirect_uris import FORBIDDEN_SCHEMES, find_redirect_problem


@pytest.mark.parametrize(
    "uri",
    [
        "https://app.example/callback",
        "https://app.example:8443/callback?a=b",
        "http://localhost/callback",
        "http://localhost:3000/callback",
        "http://127.0.0.1:49152/",
        "http://[::1]:8080/callback",
        "com.example.app:/callback",
        "com.example.app://callback",
    ],
)
def test_allowed_uri_has_no_problem(uri: str) -> None:
    assert find_redirect_problem(uri, schemes={"com.example.app"}) == ""


@pytest.mark.parametrize(
    "uri",
    [
        None,
        1,
        [],
        {},
        "",
        "/callback",
        "//app.example/callback",
        "app.example/callback",
        "http://app.example/callback",
        "http://localhost.example/callback",
        "http://127.0.0.1.example/callback",
        "http://2130706433/",
        "http://0.0.0.0/",
        "http://localhost@app.example/",
        "https://user@app.example/",
        "https://app.example/#fragment",
        "https://app.example/#",
        "https://*.app.example/",
        "https:///callback",
        "https://",
        "https://./",
        "https:callback",
        "https://app.example:x/",
        "https://app.example:99999/",
        "https://app.example\\@evil.example/",
        "https://app.example/ callback",
        "https://app.example/\r\nSet-Cookie: a=b",
        "https://app.example/\x00",
        "https://äpp.example/",
        "https://[/",
        "http://[::1]app.example/",
        "http://[::1].app.example/",
        "https://app%2eexample/",
        "http://localhost%00.app.example/",
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        " javascript:alert(1)",
        "java\nscript:alert(1)",
        "javascript://app.example/%0aalert(1)",
        "data:text/html,<script>",
        "vbscript:x",
        "file:///etc/passwd",
        "blob:https://app.example/x",
        "about:blank",
        "intent://x#Intent;end",
        "com.other.app:/callback",
        "urn:ietf:wg:oauth:2.0:oob",
        "https://app.example/" + "a" * 500,
    ],
)
def test_other_uri_has_a_problem(uri: object) -> None:
    assert find_redirect_problem(uri, schemes={"com.example.app"})


@pytest.mark.parametrize("scheme", sorted(FORBIDDEN_SCHEMES - {"http", "https"}))
def test_dangerous_scheme_is_rejected_even_if_the_setting_has_it(scheme: str) -> None:
    assert find_redirect_problem(f"{scheme}:/callback", schemes={scheme})


@pytest.mark.parametrize(
    ("uri", "is_allowed"),
    [
        ("https://app.example/other", True),
        ("https://APP.example/other", True),
        ("http://localhost/callback", True),
        ("https://app.example.evil.example/", False),
        ("https://other.example/", False),
        ("https://app.example:8443/", False),
    ],
)
def test_uri_with_https_has_the_required_origin(uri: str, is_allowed: bool) -> None:
    problem = find_redirect_problem(uri, schemes=(), origin="https://app.example")
    assert (problem == "") is is_allowed
