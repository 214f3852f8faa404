"""The 503."""

from __future__ import annotations

import json

from django.test import RequestFactory

from django_ory.sessions.request import get_ory
from django_ory.sessions.unavailable import unavailable_response


def test_a_page_for_people() -> None:
    response = unavailable_response(RequestFactory().get("/a?b=c"), retry_after=2.1)
    assert response.status_code == 503
    assert response["Retry-After"] == "3"
    assert "no-store" in response["Cache-Control"]
    assert 'href="/a?b=c"' in response.content.decode()


def test_no_link_that_would_drop_a_form() -> None:
    assert 'href="/a"' not in unavailable_response(RequestFactory().post("/a")).content.decode()


def test_json_for_programs() -> None:
    request = RequestFactory().get("/", headers={"accept": "application/json"})
    for response in (
        unavailable_response(request),
        unavailable_response(RequestFactory().get("/"), api=True),
    ):
        assert response.status_code == 503
        assert json.loads(response.content)["error"]["code"] == 503
        assert int(response["Retry-After"]) >= 1


def test_the_page_may_ask_who_is_there() -> None:
    request = RequestFactory().post("/")
    ory = get_ory(request)
    unavailable_response(request)
    assert ory.tolerant
