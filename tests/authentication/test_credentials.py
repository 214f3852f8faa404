"""The credential of a request: one, in the order of Kratos."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.test import RequestFactory

from django_ory.authentication.credentials import (
    MAX_CANDIDATES,
    Credential,
    find_credential,
    find_session_cookies,
)

if TYPE_CHECKING:
    from tests.support.fixtures import ChangeOry

COOKIE = "ory_kratos_session=abc"


@pytest.mark.parametrize(
    ("headers", "kind", "value"),
    [
        ({}, None, None),
        ({"cookie": COOKIE}, "cookie", COOKIE),
        ({"X-Session-Token": "ory_st_x"}, "token", "ory_st_x"),
        ({"X-Session-Token": "oldstyletoken", "cookie": COOKIE}, "token", "oldstyletoken"),
        ({"X-Session-Token": "two words", "cookie": COOKIE}, None, None),
        ({"X-Session-Token": "x" * 5000}, None, None),
        ({"Authorization": "Bearer ory_st_x"}, "token", "ory_st_x"),
        ({"Authorization": "bearer  ory_st_x"}, "token", "ory_st_x"),
        ({"Authorization": "Bearer ory_at_x"}, None, None),
        ({"Authorization": "Bearer ey.J.x"}, None, None),
        ({"Authorization": "Basic ory_st_x"}, None, None),
        ({"Authorization": "Bearer ory_st_x", "cookie": COOKIE}, "cookie", COOKIE),
        ({"Authorization": "Bearer ory_st_x", "cookie": "other=1"}, "token", "ory_st_x"),
    ],
)
def test_credential_is_chosen_in_the_order_of_kratos(
    headers: dict[str, str], kind: str | None, value: str | None
) -> None:
    found = find_credential(RequestFactory().get("/", headers=headers), alias="default")
    assert (found.kind, found.value) == (kind, value) if found else kind is None


def test_repr_does_not_contain_the_secret() -> None:
    assert "hush" not in repr(Credential("token", "hush"))


def test_fingerprints_differ_by_alias_kind_and_value() -> None:
    one = Credential("token", "a")
    fingerprints = {
        one.fingerprint("default"),
        one.fingerprint("acme"),
        Credential("cookie", "a").fingerprint("default"),
        Credential("token", "b").fingerprint("default"),
    }
    assert len(fingerprints) == 4
    assert all(len(each) == 64 for each in fingerprints)


def find(cookie: str) -> Credential:
    found = find_credential(RequestFactory().get("/", headers={"cookie": cookie}), alias="default")
    assert found is not None
    return found


def test_single_session_cookie_is_its_own_candidate() -> None:
    credential = find("a=b; ory_kratos_session=1; ory_kratos_session=1")
    assert not credential.is_ambiguous
    assert credential.candidates() == [credential]
    assert credential == find("ory_kratos_session=1")


def test_several_session_cookies_are_ambiguous() -> None:
    credential = find("ory_kratos_session=1; ory_session_x=2")
    assert credential.is_ambiguous
    assert credential.candidates() == [find("ory_kratos_session=1"), find("ory_session_x=2")]


def test_candidates_are_limited() -> None:
    credential = find("; ".join(f"ory_session_{number}=x" for number in range(100)))
    assert len(credential.candidates()) == MAX_CANDIDATES


def test_session_cookies_contain_no_other_cookie() -> None:
    request = RequestFactory().get(
        "/", headers={"cookie": f"csrf_token_{'a1' * 32}=x; ory_kratos_session=1; a=b"}
    )
    assert find_session_cookies(request, alias="default") == ["ory_kratos_session=1"]


def test_configured_name_excludes_other_session_cookies(change_ory: ChangeOry) -> None:
    change_ory(SESSION_COOKIE_NAME="my.session")
    request = RequestFactory().get(
        "/", headers={"cookie": "my.session=1; ory_kratos_session=2; myxsession=3"}
    )
    assert find_session_cookies(request, alias="default") == ["my.session=1"]


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        ("a=b", []),
        ("ory_kratos_session=1; ory_kratos_session=1", ["ory_kratos_session=1"]),
        ("ory_kratos_session=1; ory_kratos_session=2", ["ory_kratos_session=1", "ory_kratos_session=2"]),
        ("ory_session_x=1; a=b; ory_kratos_session=2", ["ory_session_x=1", "ory_kratos_session=2"]),
    ],
)
def test_every_cookie_that_may_be_the_session_cookie_is_listed(sent: str, found: list[str]) -> None:
    request = RequestFactory().get("/", headers={"cookie": sent})
    assert find_session_cookies(request, alias="default") == found
