"""Signing out here ends what Hydra remembers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.contrib.auth import logout
from django.contrib.sessions.backends.db import SessionStore
from django.test import RequestFactory

from django_ory.authentication.session_owner import SESSION_OWNER_KEY as OWNER

from .stage import ALICE, NEXT, Stage, auth_url

if TYPE_CHECKING:
    from django.http import HttpRequest

SESSIONS = "/admin/oauth2/auth/sessions/login"


def signed_in_at_hydra(stage: Stage, *, session_id: str | None = "s1") -> HttpRequest:
    """A later request of the same browser."""
    stage.asks("login", session_id=session_id)
    stage.answers("login", "accept")
    stage.sign_in()
    stage.identity()
    assert stage.get("login")["Location"] == NEXT
    request = RequestFactory().post("/")
    cookie = stage.browser.cookies.get("sessionid")
    request.session = SessionStore(cookie.value if cookie else None)
    return request


def test_the_session_of_this_browser_ends(stage: Stage) -> None:
    request = signed_in_at_hydra(stage)
    logout(request)
    assert stage.paths("DELETE") == ["admin/oauth2/auth/sessions/login?sid=s1"]
    assert not request.session.keys()


def test_a_session_of_another_person_is_emptied_first(stage: Stage) -> None:
    """Else it would be emptied with the next page, and what Hydra remembers could not be ended any more."""
    session = stage.browser.session
    session["cart"] = "Bob's"
    session[OWNER] = "default:Bob"
    session.save()
    request = signed_in_at_hydra(stage)
    assert "cart" not in request.session
    assert request.session[OWNER] == f"default:{ALICE}"
    logout(request)
    assert stage.paths("DELETE") == ["admin/oauth2/auth/sessions/login?sid=s1"]


def test_once(stage: Stage) -> None:
    request = signed_in_at_hydra(stage)
    logout(request)
    logout(request)
    assert len(stage.paths("DELETE")) == 1


@pytest.mark.parametrize("status", [404, 500])
def test_a_failure_of_hydra_stops_nobody(stage: Stage, status: int, caplog: pytest.LogCaptureFixture) -> None:
    request = signed_in_at_hydra(stage)
    stage.ory.respond("DELETE /admin/oauth2/auth/sessions/login", status=status, json={"error": "error"})
    logout(request)
    assert "Could not end Hydra's session" in caplog.text


def test_nothing_to_end(stage: Stage) -> None:
    request = signed_in_at_hydra(stage, session_id=None)
    logout(request)
    assert stage.paths("DELETE") == []


def test_a_remembered_sign_in_in_a_frame_sets_no_cookie(stage: Stage) -> None:
    silent = auth_url(prompt="none")
    stage.asks("login", skip=True, subject=ALICE, session_id="s1", request_url=silent)
    stage.answers("login", "accept")
    stage.identity()
    response = stage.get("login")
    assert response["Location"] == NEXT
    assert "sessionid" not in response.cookies


def test_hydras_own_sign_out_is_not_repeated(stage: Stage) -> None:
    signed_in_at_hydra(stage)
    stage.asks("logout", subject=ALICE)
    stage.answers("logout", "accept")
    stage.ory.respond("DELETE /admin/sessions/f3a0d9b8-93b5-4c76-8d5f-2d3c4b5a6978", status=204)
    assert stage.post("logout", accept="1")["Location"] == NEXT
    assert not any("sid=" in path for path in stage.paths("DELETE"))
