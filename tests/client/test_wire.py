"""Each operation of the specification on the wire: method, path, query, headers, body, answer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qsl, quote, urlsplit

import pytest
from pydantic import BaseModel

from django_ory.client import OryClient

from .calls import ARGUMENTS, URLS, call
from .spec import MODERN, SEED, Operation, example
from .specified_ory import SpecifiedOry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django_ory.testing import FakeRequest


KEY = "ory_pat_wire"
PRIVATE = {"kratos_admin", "hydra_admin", "keto_read", "keto_write", "console", "network_admin", "any"}
# Fields of the first specification that no server sends any more.
GONE = {
    "OAuth2Client": {"password_grant_access_token_lifespan", "password_grant_refresh_token_lifespan"},
    "AcceptOAuth2LoginRequest": {"handled_at"},
}
OPERATIONS = [*SEED, *MODERN]


class Wire:
    """Calls operations, and keeps the requests and the responses."""

    def __init__(self, client: OryClient, ory: SpecifiedOry) -> None:
        self.client = client
        self.ory = ory

    def call(self, operation: Operation, *, everything: bool = True) -> tuple[Any, FakeRequest]:
        """Call the operation. Returns the result and the only request."""
        before = len(self.ory.requests)
        result = call(self.client, operation, everything=everything)
        [request] = self.ory.requests[before:]
        return result, request


@pytest.fixture
def wire() -> Iterator[Wire]:
    with (
        OryClient(**cast("dict[str, Any]", ARGUMENTS), api_key=KEY) as client,
        SpecifiedOry(OPERATIONS, URLS) as ory,
    ):
        yield Wire(client, ory)


def headers(request: FakeRequest) -> dict[str, str]:
    return {name.lower(): str(value) for name, value in request.headers.items()}


def expected_path(operation: Operation) -> str:
    path = operation.path
    for parameter in operation.named("path"):
        path = path.replace("{" + parameter.wire + "}", quote(parameter.value, safe=""))
    return URLS[operation.service] + path


def pairs(operation: Operation, where: str) -> list[tuple[str, str]]:
    return sorted(
        (parameter.wire, {True: "true"}.get(value, str(value)) if isinstance(value, bool) else str(value))
        for parameter in operation.named(where)
        for value in (parameter.value if parameter.many else [parameter.value])
    )


def test_every_parameter_is_on_the_wire(wire: Wire, subtests: pytest.Subtests) -> None:
    for operation in OPERATIONS:
        with subtests.test(operation=operation.name):
            _, request = wire.call(operation)
            assert request.method == operation.method
            assert request.origin + request.path == expected_path(operation)
            assert sorted(parse_qsl(urlsplit(request.target).query)) == pairs(operation, "query")
            assert request.headers["Accept"] == (
                "text/javascript" if operation.returns == "string" else "application/json"
            )
            for parameter in operation.named("header"):
                assert headers(request)[parameter.wire.lower()] == parameter.value
            authorization = f"Bearer {KEY}" if operation.service in PRIVATE else None
            assert request.headers.get("Authorization") == authorization


def test_body_has_the_encoding_of_the_operation(wire: Wire, subtests: pytest.Subtests) -> None:
    for operation in OPERATIONS:
        with subtests.test(operation=operation.name):
            _, request = wire.call(operation)
            schema = operation.body_schema()
            if operation.named("form"):
                assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
                assert sorted(parse_qsl(request.body.decode())) == pairs(operation, "form")
            elif schema is None:
                assert not request.body
                assert "Content-Type" not in request.headers
            elif operation.content == ("text/plain",):
                assert request.headers["Content-Type"] == "text/plain"
                assert request.body.decode() == example(schema, operation.schemas)
            else:
                assert request.headers["Content-Type"] == "application/json"
                assert request.json == example(schema, operation.schemas)


def test_unset_parameters_are_not_sent(wire: Wire, subtests: pytest.Subtests) -> None:
    for operation in OPERATIONS:
        with subtests.test(operation=operation.name):
            _, request = wire.call(operation, everything=False)
            required = {parameter.wire for parameter in operation.parameters if parameter.required}
            assert {name for name, _ in parse_qsl(urlsplit(request.target).query)} <= required
            unset = {parameter.wire.lower() for parameter in operation.named("header")}
            assert unset.isdisjoint(headers(request))


def test_answer_is_the_example_of_the_specification(wire: Wire, subtests: pytest.Subtests) -> None:
    for operation in OPERATIONS:
        with subtests.test(operation=operation.name):
            answer, _ = wire.call(operation)
            if operation.success >= 300:
                assert answer == "https://example.org/next"
            elif operation.returns == "string":
                assert json.loads(answer) == operation.answer()
            else:
                assert plain(answer) == operation.answer()


def test_models_have_every_field_of_the_specification(wire: Wire, subtests: pytest.Subtests) -> None:
    for operation in OPERATIONS:
        with subtests.test(operation=operation.name):
            answer, _ = wire.call(operation)
            assert unknown(answer) == {}


def test_with_http_info_returns_status_and_headers(wire: Wire, subtests: pytest.Subtests) -> None:
    for operation in OPERATIONS:
        with subtests.test(operation=operation.name):
            info = call(wire.client.with_http_info, operation, everything=True)
            assert info.status == operation.success
            answer, _ = wire.call(operation)
            assert plain(info.data) == plain(answer)


def test_both_names_are_one_operation(subtests: pytest.Subtests) -> None:
    for operation in OPERATIONS:
        with subtests.test(operation=operation.name):
            assert getattr(OryClient, operation.alias or operation.name) is getattr(OryClient, operation.name)


def plain(value: Any) -> Any:
    """Return models as the JSON values of their fields."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return [plain(item) for item in value] if isinstance(value, list) else value


def unknown(value: Any) -> dict[str, set[str]]:
    """Fields, by model, that a model did not declare."""
    found: dict[str, set[str]] = {}
    if isinstance(value, BaseModel):
        name = type(value).__name__
        if extra := set(value.model_extra or {}) - GONE.get(name, set()):
            found[name] = extra
        value = [
            getattr(value, field) for field in value.model_fields_set if field in type(value).model_fields
        ]
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            found.update(unknown(item))
    return found
