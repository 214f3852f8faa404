from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.core import signing
from django.http import HttpResponse

from django_ory.selfservice import guard
from django_ory.selfservice.guard import COOKIE, NO_GUARD, SALT, Guard, read_guard, write_guard

if TYPE_CHECKING:
    from django.test import RequestFactory


def carried(value: Guard, rf: RequestFactory) -> Guard:
    """The guard as the next request brings it."""
    response = HttpResponse()
    write_guard(rf.get("/"), response, value)
    request = rf.get("/")
    request.COOKIES[COOKIE] = response.cookies[COOKIE].value
    return read_guard(request)


def test_it_counts_and_remembers_why(rf: RequestFactory) -> None:
    once = carried(NO_GUARD.after_restart("expired"), rf)
    assert once == Guard(1, "expired")
    assert carried(once.after_restart("cookies"), rf) == Guard(2, "cookies")


def test_where_somebody_was_sent_is_soon_forgotten(
    rf: RequestFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = NO_GUARD.after_leaving("http://testserver/x")
    assert carried(left, rf).left_for == guard.digest("http://testserver/x")
    monkeypatch.setattr(guard, "BOUNCE_SECONDS", -1)
    assert carried(left, rf).left_for == ""


@pytest.mark.parametrize("value", ["", "x", "x:y:z", [1], "text", [0, 0, 0, "x"]])
def test_what_is_not_ours_says_nothing(rf: RequestFactory, value: Any) -> None:
    request = rf.get("/")
    for raw in (str(value), signing.dumps(value, salt=SALT), signing.dumps([1, "x", "", 0], salt="other")):
        request.COOKIES[COOKIE] = raw
        assert read_guard(request) == NO_GUARD


def test_it_is_out_of_reach_of_scripts_and_taken_away_when_done(rf: RequestFactory) -> None:
    response = HttpResponse()
    write_guard(rf.get("/", secure=True), response, Guard(1, "expired"))
    cookie = response.cookies[COOKIE]
    assert cookie["httponly"]
    assert cookie["secure"]
    assert cookie["samesite"] == "Lax"
    assert cookie["max-age"] == 60
    request = rf.get("/")
    response = HttpResponse()
    write_guard(request, response, NO_GUARD)
    assert not response.cookies
    request.COOKIES[COOKIE] = "x"
    write_guard(request, response, NO_GUARD)
    assert response.cookies[COOKIE]["max-age"] == 0
