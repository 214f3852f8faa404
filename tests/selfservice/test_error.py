"""The error page."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse

from django_ory.selfservice.decisions.errors import classify_error
from django_ory.selfservice.texts.explanations import EXPLANATIONS

from .shapes import FLOW, error_body

if TYPE_CHECKING:
    from .conftest import Kratos


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
def test_stored_error_is_explained(kratos: Kratos, error: dict[str, Any], status: int, words: str) -> None:
    response = show(kratos, **error)
    assert response.status_code == status
    assert words in response.content.decode()
    assert FLOW in response.content.decode()  # for support


def test_reason_of_a_stored_error_is_shown_only_with_debug(kratos: Kratos, settings: Any) -> None:
    """Kratos stores such an error with an id, which an attacker can send to another user."""
    words = "parse \"http://[<b>Your account is locked. Call 555-0100\": missing ']' in host"
    error: dict[str, Any] = {"reason": words, "message": words, "debug": words, "status": words}
    response = show(kratos, **error)
    assert response.status_code == 400
    assert b"555-0100" not in response.content
    settings.DEBUG = True
    html = show(kratos, **error).content.decode()
    assert html.count("555-0100") == 1
    assert "<b>Your" not in html


def test_rejected_return_to_is_logged(kratos: Kratos, caplog: pytest.LogCaptureFixture) -> None:
    show(kratos, id="self_service_flow_return_to_forbidden")
    assert "allowed_return_urls" in caplog.text


def test_stored_error_without_content_is_explained(kratos: Kratos) -> None:
    kratos.ory.respond("GET /self-service/errors", json={"id": FLOW})
    assert kratos.client.get(reverse("ory:error"), {"id": FLOW}).status_code == 400


@pytest.mark.parametrize(("status", "shown"), [(404, 410), (403, 400), (500, 503)])
def test_stored_error_that_cannot_be_fetched_is_explained(
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
def test_invalid_error_id_is_neither_shown_nor_sent_to_kratos(kratos: Kratos, query: dict[str, str]) -> None:
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
