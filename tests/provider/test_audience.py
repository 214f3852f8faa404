"""Audiences are registered by the rule of Hydra."""

from __future__ import annotations

import pytest

from django_ory.provider.openid.audience import limit_audience


@pytest.mark.parametrize(
    ("name", "registered", "expected"),
    [
        ("https://api.example", "https://api.example", True),
        ("https://api.example/", "https://api.example", True),
        ("https://api.example", "https://api.example/", True),
        ("https://api.example/v1", "https://api.example", True),
        ("https://api.example/v1/photos", "https://api.example/v1/", True),
        ("https://api.example/v10", "https://api.example/v1", False),
        ("https://api.example", "https://api.example/v1", False),
        ("http://api.example", "https://api.example", False),
        ("https://api.example:444", "https://api.example", False),
        ("https://api.example.evil.example", "https://api.example", False),
        ("https://user@api.example/v1", "https://api.example", False),
        ("https://api.example/v1#x", "https://api.example", False),
        ("//api.example/v1", "https://api.example", False),
        ("api", "api", True),
        ("api/photos", "api", True),
        ("apis", "api", False),
        ("urn:photos:a", "urn:photos:a", True),
        ("urn:photos:b", "urn:photos:a", False),
        ("", "", False),
        ("http://[", "http://[x", False),
        ("http://[", "", False),
    ],
)
def test_audience_is_registered_or_below_a_registered_url(name: str, registered: str, expected: bool) -> None:
    assert limit_audience([name], registered=["https://other.example", registered]) == (
        (name,) if expected else ()
    )


def test_audiences_keep_their_order_and_are_unique() -> None:
    assert limit_audience(["b", "c", "a", "b"], registered=["a", "b"]) == ("b", "a")
