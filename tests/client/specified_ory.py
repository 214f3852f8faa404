"""``FakeOry`` with the answers of the specification, also of services that no server here offers.

Method, path, parameters and body of each request are checked against the operation's entry in ``data/``. A
request that the specification does not allow is answered with 400 and the reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from jsonschema import Draft202012Validator

from django_ory.testing import FakeOry, FakeRequest, FakeResponse, build_error_json, json_response

if TYPE_CHECKING:
    from .spec import Operation, Parameter

VALIDATORS: dict[str, Draft202012Validator] = {}
TRANSLATED: dict[int, Any] = {}  # by the id of all schemas of a specification, which lives until the end
STRINGS = {"integer": r"-?\d+", "boolean": "true|false"}


class SpecifiedOry(FakeOry):
    """Answers each operation with its example. ``urls``: of each service, as ``OryClient`` has them."""

    def __init__(self, operations: Iterable[Operation], urls: Mapping[str, str]) -> None:
        super().__init__()
        # /identities/by/external/{id} and the like: the path with the fewest parameters is first.
        self.routes = [
            (operation, re.compile(re.escape(urls[operation.service]) + build_pattern(operation.path)))
            for operation in sorted(operations, key=lambda operation: operation.path.count("{"))
        ]
        self.answered: list[str] = []

    def answer(self, request: FakeRequest) -> FakeResponse:
        """The example, or 400."""
        try:
            operation = self.find(request)
            check_parameters(operation, request)
            check_body(operation, request)
        except ValueError as wrong:
            return json_response(build_error_json(400, str(wrong)), status=400)
        self.answered.append(operation.name)
        headers = {"Location": "https://example.org/next"} if operation.success >= 300 else {}
        if operation.returns is None:
            return FakeResponse(operation.success, headers=tuple(headers.items()))
        return json_response(operation.answer(), status=operation.success, headers=headers)

    def find(self, request: FakeRequest) -> Operation:
        """The operation of the request's method, host and path."""
        url = request.origin + request.path
        for operation, pattern in self.routes:
            if operation.method == request.method and pattern.fullmatch(url):
                return operation
        raise ValueError(f"no operation {request.method} {url}")


def build_pattern(path: str) -> str:
    """A path of the specification as a regular expression."""
    return re.sub(r"\\{[^}]+\\}", "[^/:]+", re.escape(path))


def check_parameters(operation: Operation, request: FakeRequest) -> None:
    """Raise ValueError for a parameter that is missing, unknown or of the wrong type."""
    sent = {
        "query": request.query,
        "form": parse_qs(request.body.decode(), keep_blank_values=True) if operation.named("form") else {},
    }
    for where, values in sent.items():
        known = {parameter.wire: parameter for parameter in operation.named(where)}
        if unknown := set(values) - set(known):
            raise ValueError(f"{operation.name} has no {where} parameter {sorted(unknown)}")
        for parameter in known.values():
            check_values(operation, parameter, values.get(parameter.wire, []))
    for parameter in operation.named("header"):
        check_values(
            operation,
            parameter,
            [value for name, value in request.headers.items() if name.lower() == parameter.wire.lower()],
        )


def check_values(operation: Operation, parameter: Parameter, values: list[str]) -> None:
    """Raise ValueError if the number or the type of the values of a parameter is invalid."""
    if parameter.required and not values:
        raise ValueError(f"{operation.name} needs {parameter.wire}")
    if len(values) > 1 and not parameter.many:
        raise ValueError(f"{operation.name} takes one {parameter.wire}")
    pattern = STRINGS.get(parameter.type, ".*")
    if wrong := [value for value in values if not re.fullmatch(pattern, value, re.DOTALL)]:
        raise ValueError(f"{parameter.wire} must be {parameter.type}, not {wrong}")


def check_body(operation: Operation, request: FakeRequest) -> None:
    """Raise ValueError for a body or content type that the operation does not accept."""
    kind = request.get_header("Content-Type").partition(";")[0]
    if not request.body:
        if operation.body is not None and operation.body["required"]:
            raise ValueError(f"{operation.name} needs a body")
        return
    if kind not in operation.content:
        raise ValueError(f"{operation.name} takes {operation.content}, not {kind!r}")
    if operation.body is None or kind != "application/json":
        return
    wrong = [error.message for error in get_validator(operation).iter_errors(request.json)]
    if wrong:
        raise ValueError("; ".join(wrong))


def get_validator(operation: Operation) -> Draft202012Validator:
    """Return the validator of the bodies of an operation."""
    if operation.name not in VALIDATORS:
        key = id(operation.schemas)
        if key not in TRANSLATED:
            TRANSLATED[key] = json_schema(operation.schemas)
        body = json_schema(operation.body_schema() or {})
        VALIDATORS[operation.name] = Draft202012Validator(
            {**body, "components": {"schemas": TRANSLATED[key]}}
        )
    return VALIDATORS[operation.name]


def json_schema(schema: Any) -> Any:
    """OpenAPI 3.0's dialect as JSON Schema: ``nullable`` is another type."""
    if isinstance(schema, list):
        return [json_schema(part) for part in schema]
    if not isinstance(schema, Mapping):
        return schema
    translated = {key: json_schema(value) for key, value in schema.items()}
    if "oneOf" in translated:  # Ory's alternatives overlap
        translated["anyOf"] = translated.pop("oneOf")
    if translated.pop("nullable", None) is True and "type" in translated:
        translated["type"] = [translated["type"], "null"]
    return translated
