"""Return addresses: no open redirects."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.test import RequestFactory

from django_ory.http.redirects import safe_return_to

if TYPE_CHECKING:
    from tests.support.fixtures import ChangeOry


@pytest.mark.parametrize(
    ("candidate", "target"),
    [
        (None, None),
        ("", None),
        ("/inside?a=b#c", "http://testserver/inside?a=b#c"),
        ("inside", "http://testserver/auth/login/inside"),
        ("/größe/", "http://testserver/gr%C3%B6%C3%9Fe/"),
        ("http://testserver/x", "http://testserver/x"),
        ("https://testserver/x", "https://testserver/x"),
        ("http://friend.example/x", "http://friend.example/x"),
        ("//friend.example/x", "http://friend.example/x"),
        ("//evil.example", None),
        ("///evil.example", None),
        ("http://evil.example/", None),
        ("https:evil.example", None),
        ("http://testserver@evil.example/", None),
        ("http://testserver:81/", None),
        ("http://evil.example\\@testserver/", None),
        ("\\\\evil.example", None),
        ("/\\evil.example", None),
        ("/\t/evil.example", None),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        (" //evil.example", None),
        ("\x08//evil.example", None),
        # Django's check strips blanks. Joined to the host, blanks would become a part of the host.
        (" /inside", None),
        ("\t/inside", None),
        ("//\n//evil.example", None),
        ("http://[::1", None),
        ("/[", "http://testserver/["),
        ("/\ud800", None),
        ("/" + "x" * 5000, None),
    ],
)
def test_return_to_is_limited_to_allowed_hosts(
    change_ory: ChangeOry, candidate: str | None, target: str | None
) -> None:
    change_ory(ALLOWED_RETURN_HOSTS=["friend.example"])
    request = RequestFactory().get("/auth/login/")
    assert safe_return_to(request, candidate, alias="default") == target


def test_https_site_returns_to_https_only(change_ory: ChangeOry) -> None:
    request = RequestFactory().get("/", secure=True)
    assert safe_return_to(request, "http://testserver/", alias="default") is None
    assert safe_return_to(request, "/", alias="default") == "https://testserver/"
