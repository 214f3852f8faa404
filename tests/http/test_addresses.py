"""The address of a request cannot be chosen by its sender."""

from __future__ import annotations

import pytest
from django.test import RequestFactory

from django_ory.http.addresses import get_address_key


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::1", "::/64"),
        ("", ""),
        ("unix:", ""),
        ("192.0.2.7, 10.0.0.1", ""),
    ],
)
def test_address_gives_key_of_network(address: str, key: str) -> None:
    assert get_address_key(RequestFactory().get("/", REMOTE_ADDR=address)) == key


def test_headers_are_ignored() -> None:
    headers = {"X-Forwarded-For": "203.0.113.9", "X-Real-IP": "203.0.113.9", "Forwarded": "for=203.0.113.9"}
    assert get_address_key(RequestFactory().get("/", headers=headers, REMOTE_ADDR="192.0.2.7")) == "192.0.2.7"


def test_request_without_address_has_empty_key() -> None:
    request = RequestFactory().get("/")
    del request.META["REMOTE_ADDR"]
    assert get_address_key(request) == ""
