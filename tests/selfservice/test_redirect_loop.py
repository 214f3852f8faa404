from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.core import signing
from django.http import HttpResponse

from django_ory.selfservice.decisions import redirect_loop as guard_module
from django_ory.selfservice.decisions.redirect_loop import (
    EMPTY_GUARD,
    GUARD_COOKIE,
    RedirectLoopGuard,
    build_restart_stamp,
    is_recent_stamp,
)

if TYPE_CHECKING:
    from django.test import RequestFactory


def carried(value: RedirectLoopGuard, rf: RequestFactory) -> RedirectLoopGuard:
    """Return the guard in the state of the next request."""
    response = HttpResponse()
    value.save(rf.get("/"), response)
    request = rf.get("/")
    request.COOKIES[GUARD_COOKIE.name] = response.cookies[GUARD_COOKIE.name].value
    return RedirectLoopGuard.from_request(request)


def test_guard_counts_restarts_and_keeps_the_last_reason(rf: RequestFactory) -> None:
    once = carried(EMPTY_GUARD.after_restart("expired"), rf)
    assert once == RedirectLoopGuard(1, "expired")
    assert carried(once.after_restart("cookies"), rf) == RedirectLoopGuard(2, "cookies")


def test_repeated_redirect_is_a_loop(rf: RequestFactory) -> None:
    guard = EMPTY_GUARD
    for times in range(guard_module.MAX_REPEATS):
        assert not guard.is_looping("x"), times
        guard = carried(guard.after_redirect("x"), rf)
    assert guard.is_looping("x")
    assert not guard.is_looping("y")
    assert not carried(guard.after_redirect("y"), rf).is_looping("x")


def test_old_redirect_is_not_counted(rf: RequestFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = EMPTY_GUARD.after_restart("expired").after_redirect("x")
    assert carried(sent, rf) == sent
    monkeypatch.setattr(guard_module, "REPEAT_SECONDS", -1)
    assert carried(sent, rf) == RedirectLoopGuard(1, "expired")


def test_redirect_back_ends_the_restarts() -> None:
    assert EMPTY_GUARD.after_restart("expired").after_redirect_back("x") == EMPTY_GUARD.after_redirect("x")


@pytest.mark.parametrize(
    ("value", "recent"),
    [(0, True), (29, True), (31, False), (3600, False), (-5, True), (-3600, False)],
)
def test_restart_stamp_is_recent_for_less_time_than_the_cookie_lives(value: int, recent: bool) -> None:
    assert is_recent_stamp(str(int(build_restart_stamp()) - value)) is recent
    assert GUARD_COOKIE.seconds > guard_module.RESTART_STAMP_SECONDS


@pytest.mark.parametrize("value", [None, "", "1", "x", "9" * 9000, "9" * 400, "-1", "1e400", "nan"])
def test_invalid_restart_stamp_is_not_recent(value: str | None) -> None:
    assert not is_recent_stamp(value)


@pytest.mark.parametrize("value", ["", "x", "x:y:z", [1], "text", [0, 0, 0, 0, "x"], [0, "", "", "x", 0]])
def test_forged_cookie_gives_an_empty_guard(rf: RequestFactory, value: Any) -> None:
    request = rf.get("/")
    for raw in (
        str(value),
        signing.dumps(value, salt=GUARD_COOKIE.salt),
        signing.dumps([1, "x", "", 0, 0], salt="other"),
    ):
        request.COOKIES[GUARD_COOKIE.name] = raw
        assert RedirectLoopGuard.from_request(request) == EMPTY_GUARD


def test_cookie_is_protected_and_deleted_for_an_empty_guard(rf: RequestFactory) -> None:
    response = HttpResponse()
    RedirectLoopGuard(1, "expired").save(rf.get("/", secure=True), response)
    cookie = response.cookies[GUARD_COOKIE.name]
    assert cookie["httponly"]
    assert cookie["secure"]
    assert cookie["samesite"] == "Lax"
    assert cookie["max-age"] == 60
    request = rf.get("/")
    response = HttpResponse()
    EMPTY_GUARD.save(request, response)
    assert not response.cookies
    request.COOKIES[GUARD_COOKIE.name] = "x"
    EMPTY_GUARD.save(request, response)
    assert response.cookies[GUARD_COOKIE.name]["max-age"] == 0
