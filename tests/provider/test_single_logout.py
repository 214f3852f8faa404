"""A logout of the site ends Hydra's session."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.contrib.auth import logout
from django.contrib.sessions.backends.db import SessionStore
from django.test import RequestFactory

from django_ory.authentication.session_owner import SESSION_OWNER_KEY as OWNER
from django_ory.models import HydraSession

from .provider_site import ALICE, NEXT, ProviderSite, auth_url

if TYPE_CHECKING:
    from django.http import HttpRequest

SESSIONS = "/admin/oauth2/auth/sessions/login"


def login_at_hydra(site: ProviderSite, *, session_id: str | None = "s1") -> HttpRequest:
    """Sign in at Hydra and return a later request of the same browser."""
    site.set_request("login", session_id=session_id)
    site.set_result("login", "accept")
    site.sign_in()
    site.set_identity()
    assert site.get("login")["Location"] == NEXT
    request = RequestFactory().post("/")
    cookie = site.browser.cookies.get("sessionid")
    request.session = SessionStore(cookie.value if cookie else None)
    return request


def test_logout_ends_hydras_session(site: ProviderSite) -> None:
    request = login_at_hydra(site)
    logout(request)
    assert site.list_targets("DELETE") == ["admin/oauth2/auth/sessions/login?sid=s1"]
    assert not request.session.keys()


def test_session_of_another_user_is_emptied_before_the_sid_is_stored(site: ProviderSite) -> None:
    """Otherwise the next page would empty it, and Hydra's session could not be ended."""
    session = site.browser.session
    session["cart"] = "Bob's"
    session[OWNER] = "default:Bob"
    session.save()
    request = login_at_hydra(site)
    assert "cart" not in request.session
    assert request.session[OWNER] == f"default:{ALICE}"
    logout(request)
    assert site.list_targets("DELETE") == ["admin/oauth2/auth/sessions/login?sid=s1"]


def test_second_logout_sends_nothing(site: ProviderSite) -> None:
    request = login_at_hydra(site)
    logout(request)
    logout(request)
    assert len(site.list_targets("DELETE")) == 1


@pytest.mark.parametrize("status", [404, 500])
def test_failure_of_hydra_is_logged(
    site: ProviderSite, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    request = login_at_hydra(site)
    site.ory.respond("DELETE /admin/oauth2/auth/sessions/login", status=status, json={"error": "error"})
    logout(request)
    assert "Could not end Hydra's session" in caplog.text


def test_logout_without_a_sid_sends_nothing(site: ProviderSite) -> None:
    request = login_at_hydra(site, session_id=None)
    logout(request)
    assert site.list_targets("DELETE") == []


def test_silent_request_sets_no_cookie(site: ProviderSite) -> None:
    silent = auth_url(prompt="none")
    site.set_request("login", skip=True, subject=ALICE, session_id="s1", request_url=silent)
    site.set_result("login", "accept")
    site.set_identity()
    response = site.get("login")
    assert response["Location"] == NEXT
    assert "sessionid" not in response.cookies


def test_logout_started_by_hydra_is_not_repeated(site: ProviderSite) -> None:
    login_at_hydra(site)
    site.set_request("logout", subject=ALICE, sid="s1")
    site.set_result("logout", "accept")
    site.allow_logout()
    assert site.post("logout", accept="1")["Location"] == NEXT
    assert not any("sid=" in path for path in site.list_targets("DELETE"))
    assert HydraSession.objects.get(sid="s1").ended_at  # for the command, if the browser never arrives
