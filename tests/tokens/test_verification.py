"""``verify_access_token``: the methods, and texts that are no tokens."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from django_ory.conf import OryConfigurationError
from django_ory.testing import FakeOry
from django_ory.tokens.access_token import InvalidToken
from django_ory.tokens.verification import verify_access_token


def create_token(ory: FakeOry, *, as_jwt: bool) -> str:
    return ory.create_token("photo-lab", as_jwt=as_jwt).value


@pytest.mark.parametrize(
    ("method", "as_jwt", "calls"),
    [
        ("introspection", False, 1),
        ("introspection", True, 1),
        ("jwt", True, 0),
        ("auto", False, 1),
        ("auto", True, 0),
    ],
)
def test_method_decides_whether_hydra_is_asked(ory: FakeOry, method: Any, as_jwt: bool, calls: int) -> None:
    token = create_token(ory, as_jwt=as_jwt)
    assert verify_access_token(token, method=method).client_id == "photo-lab"
    assert sum(request.path.endswith("/introspect") for request in ory.requests) == calls


def test_opaque_token_where_jwts_are_required_is_rejected_without_a_call(ory: FakeOry) -> None:
    with pytest.raises(InvalidToken, match="not a JWT"):
        verify_access_token(create_token(ory, as_jwt=False), method="jwt")
    assert not ory.requests


@pytest.mark.parametrize("method", ["introspection", "jwt", "auto"])
@pytest.mark.parametrize(
    "text",
    ["x" * 8_193, "ey" + "é" * 3 + "..", "ey\udc80.a.b"],
    ids=["long", "not ASCII", "surrogate"],
)
def test_text_that_no_token_has_is_rejected_without_a_call(ory: FakeOry, text: str, method: Any) -> None:
    with pytest.raises(InvalidToken):
        verify_access_token(text, method=method)
    assert not ory.requests


def test_jwt_without_the_library_names_the_extra(ory: FakeOry, monkeypatch: pytest.MonkeyPatch) -> None:
    token = create_token(ory, as_jwt=True)
    monkeypatch.setitem(sys.modules, "django_ory.tokens.json_web_tokens", None)
    with pytest.raises(OryConfigurationError, match=r"django-ory\[jwt\]"):
        verify_access_token(token, method="jwt")
    assert verify_access_token(token, method="introspection").client_id == "photo-lab"


def test_keys_of_earlier_fakes_are_forgotten() -> None:
    for _ in range(4):
        with FakeOry() as ory:
            verify_access_token(create_token(ory, as_jwt=True), method="jwt")
