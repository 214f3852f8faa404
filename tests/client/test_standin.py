"""The stand-in refuses what the specification does not allow; otherwise a test against it proves nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from requests import Request

from .spec import MODERN, SEED
from .standin import Standin

URLS = {operation.service: f"http://{operation.service}.test" for operation in [*SEED, *MODERN]}
PROJECTS = "http://console.test/projects"


@pytest.fixture
def standin() -> Standin:
    return Standin([*SEED, *MODERN], URLS)


def ask(standin: Standin, method: str, url: str, **more: Any) -> tuple[int, str]:
    status, _, body = standin(Request(method, url, **more).prepare())
    return status, body


def test_a_right_request_is_answered_with_the_example(standin: Standin) -> None:
    status, body = ask(standin, "POST", PROJECTS, json={"name": "New"})
    assert status == 201
    assert json.loads(body)["slug"] == "some slug"
    assert standin.answered == ["create_project"]


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
def test_a_wrong_request_is_refused(
    method: str, url: str, more: dict[str, Any], complaint: str, standin: Standin
) -> None:
    status, body = ask(standin, method, url, **more)
    assert status == 400
    assert complaint in json.loads(body)["error"]["reason"]
    assert standin.answered == []
