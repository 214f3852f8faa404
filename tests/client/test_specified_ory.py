"""``SpecifiedOry`` rejects requests that the specification does not allow."""

from __future__ import annotations

import json
from typing import Any

import pytest
from requests import Request

from django_ory.testing import FakeRequest

from .spec import MODERN, SEED
from .specified_ory import SpecifiedOry

URLS = {operation.service: f"http://{operation.service}.test" for operation in [*SEED, *MODERN]}
PROJECTS = "http://console.test/projects"


@pytest.fixture
def specified() -> SpecifiedOry:
    return SpecifiedOry([*SEED, *MODERN], URLS)


def ask(specified: SpecifiedOry, method: str, url: str, **more: Any) -> tuple[int, str]:
    response = specified.handle(FakeRequest.from_prepared(Request(method, url, **more).prepare()))
    return response.status, response.body.decode()


def test_valid_request_gets_the_example(specified: SpecifiedOry) -> None:
    status, body = ask(specified, "POST", PROJECTS, json={"name": "New"})
    assert status == 201
    assert json.loads(body)["slug"] == "some slug"
    assert specified.answered == ["create_project"]


@pytest.mark.parametrize(
    ("method", "url", "more", "complaint"),
    [
        ("GET", "http://console.test/nothing", {}, "no operation GET"),
        ("DELETE", PROJECTS, {}, "no operation DELETE"),
        ("GET", "http://hydra_admin.test/projects", {}, "no operation GET"),
        ("GET", f"{PROJECTS}//tokens", {}, "no operation GET"),
        ("POST", PROJECTS, {"json": {"name": 7}}, "7 is not of type 'string'"),
        ("POST", PROJECTS, {"json": {}}, "'name' is a required property"),
        ("POST", PROJECTS, {"data": {"name": "New"}}, "takes"),
        ("PATCH", f"{PROJECTS}/p", {"json": {"op": "add"}}, "is not of type 'array'"),
        ("GET", PROJECTS, {"params": {"page": "1"}}, "has no query parameter ['page']"),
        (
            "GET",
            f"{PROJECTS}/p/organizations",
            {"params": {"page_size": "many"}},
            "page_size must be integer",
        ),
        ("GET", f"{PROJECTS}/p/organizations", {"params": {"domain": ["a", "b"]}}, "takes one domain"),
        (
            "GET",
            "http://keto_read.test/relation-tuples/expand",
            {"params": {"object": "o"}},
            "needs namespace",
        ),
        ("POST", "http://hydra_admin.test/admin/oauth2/introspect", {"data": {"scope": "a"}}, "needs token"),
        ("POST", "http://hydra_admin.test/admin/clients", {}, "needs a body"),
    ],
)
def test_invalid_request_is_rejected(
    method: str, url: str, more: dict[str, Any], complaint: str, specified: SpecifiedOry
) -> None:
    status, body = ask(specified, method, url, **more)
    assert status == 400
    assert complaint in json.loads(body)["error"]["reason"]
    assert specified.answered == []
