"""The choice between pages and JSON."""

from __future__ import annotations

import pytest
from django.test import RequestFactory

from django_ory.http.responses import wants_json


@pytest.mark.parametrize(
    ("headers", "json"),
    [
        ({}, False),
        ({"accept": "*/*"}, False),
        ({"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}, False),
        ({"accept": "text/html", "x-requested-with": "XMLHttpRequest"}, False),
        ({"accept": "application/json"}, True),
        ({"accept": "application/json, text/html;q=0.5"}, True),
        ({"accept": "application/problem+json"}, True),
        ({"accept": "application/vnd.api+json"}, True),
        ({"accept": "Application/Vnd.API+JSON; charset=utf-8, */*;q=0.1"}, True),
        ({"accept": "application/ld+json, application/json;q=0.5"}, True),
        ({"accept": "application/vnd.api+json, text/html;q=0.5"}, False),
        ({"accept": "application/json;q=0"}, False),
        ({"accept": "application/jsonish, image/json-lines"}, False),
        ({"accept": "application/jsonish", "x-requested-with": "XMLHttpRequest"}, True),
        ({"accept": ";;=,/+json"}, True),
        ({"accept": "application/json;" + "a=b;" * 5_000}, False),
        ({"accept": "text/html" * 3_000}, False),
        ({"accept": "*/*", "sec-fetch-dest": "empty"}, True),
        ({"accept": "*/*", "sec-fetch-dest": "document"}, False),
        ({"x-requested-with": "XMLHttpRequest"}, True),
        ({"x-session-token": "t"}, True),
        ({"authorization": "Bearer t"}, True),
        ({"authorization": "Basic t"}, False),
    ],
)
def test_json_is_chosen_by_the_headers(headers: dict[str, str], json: bool) -> None:
    assert wants_json(RequestFactory().get("/", headers=headers)) is json
