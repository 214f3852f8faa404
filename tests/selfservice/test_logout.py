"""The logout page: a confirmation on GET, the end of the session on POST."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client, override_settings
from django.urls import reverse

from django_ory.testing import FakeResponse

from .shapes import KRATOS, error_body

if TYPE_CHECKING:
    from .conftest import Kratos

CREATE = "GET /self-service/logout/browser"
SUBMIT = "GET /self-service/logout"
FLOW = {"json": {"logout_url": f"{KRATOS}/self-service/logout?token=t", "logout_token": "t"}}
DELETED = "ory_kratos_session=old; Path=/; Expires=Thu, 01 Jan 1970 00:00:01 GMT; Max-Age=0; HttpOnly"


def allow_logout(kratos: Kratos, create: dict[str, Any] = FLOW, submit: dict[str, Any] | None = None) -> None:
    """Sign the browser in, and let Kratos respond to the two calls of a logout."""
    kratos.session()
    kratos.ory.respond(CREATE, **create)
    if submit:
        kratos.ory.respond(SUBMIT, **submit)
    else:
        lines = (("Set-Cookie", "csrf_token_x=new; Path=/"), ("Set-Cookie", DELETED))
        kratos.ory.respond(SUBMIT, lambda _: FakeResponse(204, b"", lines))


def submit_logout(kratos: Kratos, **data: str) -> Any:
    return kratos.client.post(reverse("ory:logout"), data)


def get_logout_calls(kratos: Kratos) -> list[str]:
    return [call.target for call in kratos.ory.requests if "logout" in call.path]


def test_get_only_shows_a_confirmation(kratos: Kratos) -> None:
    kratos.session()
    response = kratos.client.get(reverse("ory:logout"), {"next": "/x"})
    assert response.status_code == 200
    assert b"csrfmiddlewaretoken" in response.content
    assert b"http://testserver/x" in response.content
    assert get_logout_calls(kratos) == []


def test_post_ends_the_session_and_deletes_its_cookie_only(kratos: Kratos) -> None:
    allow_logout(kratos)
    response = submit_logout(kratos)
    assert (response.status_code, response["Location"]) == (303, "/")
    assert "no-store" in response["Cache-Control"]
    assert get_logout_calls(kratos) == ["/self-service/logout/browser", "/self-service/logout?token=t"]
    assert list(response.cookies) == ["ory_kratos_session"]  # a new CSRF cookie would break open forms
    assert response.cookies["ory_kratos_session"]["max-age"] == "0"


@pytest.mark.parametrize("without", ["", "django.middleware.csrf.CsrfViewMiddleware"])
def test_post_without_a_csrf_token_is_rejected(kratos: Kratos, settings: Any, without: str) -> None:
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if name != without]
    kratos.client = Client(enforce_csrf_checks=True)
    allow_logout(kratos)
    assert submit_logout(kratos).status_code == 403
    assert get_logout_calls(kratos) == []


def test_return_to_of_this_site_is_used(kratos: Kratos) -> None:
    allow_logout(kratos)
    assert submit_logout(kratos, return_to="/bye/")["Location"] == "http://testserver/bye/"
    assert submit_logout(kratos, return_to="//evil.example")["Location"] == "/"
    assert not [url for url in get_logout_calls(kratos) if "return_to" in url]


@override_settings(LOGOUT_REDIRECT_URL="/bye/")
def test_logout_redirect_url_is_the_default(kratos: Kratos) -> None:
    assert submit_logout(kratos)["Location"] == "http://testserver/bye/"
    assert submit_logout(kratos, return_to="/other/")["Location"] == "http://testserver/other/"


@pytest.mark.parametrize("call", ["create", "submit"])
def test_session_that_has_ended_already_is_no_error(kratos: Kratos, call: str) -> None:
    assert submit_logout(kratos)["Location"] == "/"  # anonymous
    ended: dict[str, Any] = {call: {"json": error_body(401), "status": 401}}
    allow_logout(kratos, **ended)
    assert submit_logout(kratos)["Location"] == "/"


@pytest.mark.parametrize("call", ["create", "submit"])
@pytest.mark.parametrize(
    "answer",
    [
        {"fault": "down"},
        {"json": error_body(500), "status": 500},
        {"body": "<html>"},
        {"json": error_body(400), "status": 400},
        {"json": error_body(403), "status": 403},
        {"status": 303, "headers": {"Location": "http://testserver/auth/error/?id=x"}},
    ],
    ids=["unreachable", "500", "HTML", "400", "403", "redirect"],
)
def test_failed_logout_is_explained_and_can_be_repeated(
    kratos: Kratos, call: str, answer: dict[str, Any]
) -> None:
    kratos.client = Client(enforce_csrf_checks=True)
    kratos.client.cookies["csrftoken"] = "a" * 32
    allow_logout(kratos, **{call: answer})
    token = {"csrfmiddlewaretoken": "a" * 32}
    response = submit_logout(kratos, return_to="/bye/", **token)
    assert response.status_code == 503
    assert response["Retry-After"]
    assert "no-store" in response["Cache-Control"]
    assert "ory_kratos_session" not in response.cookies
    html = response.content.decode()
    assert '<h1 class="ory-heading">You are not signed out yet</h1>' in html
    assert "still signed in on this device" in html
    assert "Your account is safe" not in html
    form = re.search(r'<form[^>]* method="post" action="([^"]+)">', html)
    assert form
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', html))
    allow_logout(kratos)
    assert kratos.client.post(form[1], fields)["Location"] == "http://testserver/bye/"


def test_failed_logout_of_a_program_is_json(kratos: Kratos) -> None:
    allow_logout(kratos, {"fault": "down"})
    response = kratos.client.post(reverse("ory:logout"), headers={"accept": "application/json"})
    assert response.status_code == 503
    assert response.json()["error"]["id"] == "ory_unavailable"
