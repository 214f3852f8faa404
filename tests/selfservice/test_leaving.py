"""Signing out and the error page."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client, override_settings
from django.urls import reverse

from django_ory.selfservice.decisions.errors import classify_error
from django_ory.selfservice.texts.explanations import EXPLANATIONS
from django_ory.testing.fake.http import FakeRequest, FakeResponse, json_response

from .shapes import FLOW, KRATOS, error_body

if TYPE_CHECKING:
    from .conftest import Kratos

LOGOUT = "GET /self-service/logout/browser"
LOGOUT_URL = f"{KRATOS}/self-service/logout?token=t"


def can_sign_out(kratos: Kratos, **answer: Any) -> None:
    kratos.session()
    kratos.ory.respond(LOGOUT, **(answer or {"json": {"logout_url": LOGOUT_URL, "logout_token": "t"}}))


def sign_out(kratos: Kratos, **data: str) -> Any:
    return kratos.client.post(reverse("ory:logout"), data)


def test_get_only_asks(kratos: Kratos) -> None:
    kratos.session()
    response = kratos.client.get(reverse("ory:logout"), {"next": "/x"})
    assert response.status_code == 200
    assert b"csrfmiddlewaretoken" in response.content
    assert b"http://testserver/x" in response.content
    assert not [call for call in kratos.ory.requests if "logout" in call.path]


def test_post_sends_the_browser_to_kratos(kratos: Kratos) -> None:
    can_sign_out(kratos)
    response = sign_out(kratos)
    assert (response.status_code, response["Location"]) == (303, LOGOUT_URL)
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize("without", ["", "django.middleware.csrf.CsrfViewMiddleware"])
def test_another_site_cannot_sign_anybody_out(kratos: Kratos, settings: Any, without: str) -> None:
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if name != without]
    kratos.client = Client(enforce_csrf_checks=True)
    can_sign_out(kratos)
    assert sign_out(kratos).status_code == 403


def test_afterwards_to_where_the_visitor_wants(kratos: Kratos) -> None:
    can_sign_out(kratos)
    sign_out(kratos, return_to="/bye/")
    assert "return_to=http%3A%2F%2Ftestserver%2Fbye%2F" in kratos.ory.requests[-1].target
    sign_out(kratos, return_to="//evil.example")
    assert "evil" not in kratos.ory.requests[-1].target


@override_settings(LOGOUT_REDIRECT_URL="/bye/")
def test_afterwards_to_where_the_project_wants(kratos: Kratos) -> None:
    assert sign_out(kratos)["Location"] == "http://testserver/bye/"  # nobody is signed in


def test_a_return_to_that_kratos_refuses_does_not_stop_it(
    kratos: Kratos, caplog: pytest.LogCaptureFixture
) -> None:
    kratos.session()
    refusal = error_body(400, "self_service_flow_return_to_forbidden")

    def respond(request: FakeRequest) -> FakeResponse:
        if request.get_query("return_to"):
            return json_response(refusal, status=400)
        return json_response({"logout_url": LOGOUT_URL, "logout_token": "t"})

    kratos.ory.respond(LOGOUT, respond)
    assert sign_out(kratos, return_to="/bye/")["Location"] == LOGOUT_URL
    assert "allowed_return_urls" in caplog.text


def test_strangers_are_signed_out_already(kratos: Kratos) -> None:
    assert sign_out(kratos)["Location"] == "/"
    can_sign_out(kratos, json=error_body(401), status=401)
    assert sign_out(kratos)["Location"] == "/"


@pytest.mark.parametrize(
    "answer",
    [
        {"fault": "down"},
        {"json": error_body(500), "status": 500},
        {"body": "<html>"},
        {"json": error_body(400), "status": 400},
    ],
)
def test_who_is_not_signed_out_is_told_so_and_can_try_again(kratos: Kratos, answer: dict[str, Any]) -> None:
    kratos.client = Client(enforce_csrf_checks=True)
    kratos.client.cookies["csrftoken"] = "a" * 32
    can_sign_out(kratos, **answer)
    token = {"csrfmiddlewaretoken": "a" * 32}
    response = sign_out(kratos, return_to="/bye/", **token)
    assert response.status_code == 503
    assert response["Retry-After"]
    assert "no-store" in response["Cache-Control"]
    html = response.content.decode()
    assert '<h1 class="ory-heading">You are not signed out yet</h1>' in html
    assert "still signed in on this device" in html
    assert "Your account is safe" not in html
    form = re.search(r'<form[^>]* method="post" action="([^"]+)">', html)
    assert form
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', html))
    kratos.ory.respond(LOGOUT, json={"logout_url": LOGOUT_URL, "logout_token": "t"})
    assert kratos.client.post(form[1], fields)["Location"] == LOGOUT_URL
    assert "return_to=http%3A%2F%2Ftestserver%2Fbye%2F" in kratos.ory.requests[-1].target


def test_a_program_that_is_not_signed_out_gets_json(kratos: Kratos) -> None:
    can_sign_out(kratos, fault="down")
    response = kratos.client.post(reverse("ory:logout"), headers={"accept": "application/json"})
    assert response.status_code == 503
    assert response.json()["error"]["id"] == "ory_unavailable"


def test_nobody_is_sent_to_a_stranger(kratos: Kratos, caplog: pytest.LogCaptureFixture) -> None:
    can_sign_out(kratos, json={"logout_url": "https://evil.example/", "logout_token": "t"})
    response = sign_out(kratos)
    assert response.status_code == 502
    assert b"You are not signed out yet" in response.content
    assert "KRATOS_BROWSER_URL" in caplog.text


# Errors.


def show(kratos: Kratos, code: int = 400, **error: Any) -> Any:
    stored = {"id": FLOW, "error": {"code": code, "status": "x", "message": "no", **error}}
    kratos.ory.respond("GET /self-service/errors", json=stored)
    return kratos.client.get(reverse("ory:error"), {"id": FLOW})


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        ({"id": "security_csrf_violation", "code": 403}, 403, "Cookies are required"),
        ({"id": "self_service_flow_return_to_forbidden"}, 400, "not allowed"),
        ({"id": "self_service_flow_disabled"}, 403, "disabled on this site"),
        ({"id": "self_service_flow_expired", "code": 410}, 410, "expired"),
        ({"id": "session_aal1_required", "code": 401}, 401, "Sign in first"),
        ({"id": "identity_disabled", "code": 401}, 401, "account has been disabled"),
        ({"code": 401, "reason": "This account was disabled."}, 401, "account has been disabled"),
        ({"code": 500}, 503, "Your account is safe"),
        ({"code": 404}, 410, "expired"),
        ({"code": "odd"}, 400, "Something went wrong"),
    ],
)
def test_stored_errors_are_explained(kratos: Kratos, error: dict[str, Any], status: int, words: str) -> None:
    response = show(kratos, **error)
    assert response.status_code == status
    assert words in response.content.decode()
    assert FLOW in response.content.decode()  # for support


def test_what_kratos_repeats_from_an_address_is_for_developers(kratos: Kratos, settings: Any) -> None:
    """It keeps such an error under an id of its own, which can be sent to somebody else."""
    words = "parse \"http://[<b>Your account is locked. Call 555-0100\": missing ']' in host"
    error: dict[str, Any] = {"reason": words, "message": words, "debug": words, "status": words}
    response = show(kratos, **error)
    assert response.status_code == 400
    assert b"555-0100" not in response.content
    settings.DEBUG = True
    html = show(kratos, **error).content.decode()
    assert html.count("555-0100") == 1
    assert "<b>Your" not in html


def test_a_refused_return_to_is_for_the_log(kratos: Kratos, caplog: pytest.LogCaptureFixture) -> None:
    show(kratos, id="self_service_flow_return_to_forbidden")
    assert "allowed_return_urls" in caplog.text


def test_an_error_without_content(kratos: Kratos) -> None:
    kratos.ory.respond("GET /self-service/errors", json={"id": FLOW})
    assert kratos.client.get(reverse("ory:error"), {"id": FLOW}).status_code == 400


@pytest.mark.parametrize(("status", "shown"), [(404, 410), (403, 400), (500, 503)])
def test_an_error_that_cannot_be_fetched(
    kratos: Kratos, status: int, shown: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL, "django.request")
    kratos.ory.respond("GET /self-service/errors", json=error_body(status), status=status)
    assert kratos.client.get(reverse("ory:error"), {"id": FLOW}).status_code == shown


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"id": "stub:500"},
        {"id": "x"},
        {"error": "Call 555-0100", "error_description": "Your account is locked. Call 555-0100."},
    ],
)
def test_what_stands_in_an_address_is_not_repeated_and_asks_nobody(
    kratos: Kratos, query: dict[str, str]
) -> None:
    response = kratos.client.get(reverse("ory:error"), query)
    assert response.status_code == 400
    assert b"555-0100" not in response.content
    assert not kratos.ory.requests


def test_every_reason_has_an_error_status_and_texts() -> None:
    for reason, explanation in EXPLANATIONS.items():
        assert explanation.status >= 400, reason
        assert explanation.title, reason
        assert explanation.text, reason
    assert classify_error({}) == "error"
