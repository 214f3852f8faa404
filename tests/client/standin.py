"""Stands in for services that no server here offers: answers by the specification, refuses the rest.

It is a callback for ``responses``: method, path, parameters and body of each request are checked against the
operation's entry in ``data/``; a wrong one is answered with 400 and a sentence that says what was wrong.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from jsonschema import Draft202012Validator

if TYPE_CHECKING:
    from requests import PreparedRequest

    from .spec import Operation, Parameter

Answer = tuple[int, dict[str, str], str]
VALIDATORS: dict[str, Draft202012Validator] = {}
STRINGS = {"integer": r"-?\d+", "boolean": "true|false"}


class Standin:
    """One stand-in; ``urls`` says where each service of the operations is, as ``OryClient`` was told."""

    def __init__(self, operations: Iterable[Operation], urls: Mapping[str, str]) -> None:
        self.operations = list(operations)
        self.urls = urls
        self.answered: list[str] = []

    def __call__(self, request: PreparedRequest) -> Answer:
        """Answer one request."""
        try:
            operation = self.find(request)
            refuse_parameters(operation, request)
            refuse_body(operation, request)
        except ValueError as wrong:
            return 400, {"Content-Type": "application/json"}, json.dumps({"error": {"reason": str(wrong)}})
        self.answered.append(operation.name)
        headers = {"Location": "https://example.org/next"} if operation.success >= 300 else {}
        if operation.returns is None:
            return operation.success, headers, ""
        return (
            operation.success,
            {"Content-Type": "application/json", **headers},
            json.dumps(operation.answer()),
        )

    def find(self, request: PreparedRequest) -> Operation:
        """The operation of the request's method, host and path."""
        url = (request.url or "").partition("?")[0]
        found = [
            operation
            for operation in self.operations
            if operation.method == request.method
            and re.fullmatch(re.escape(self.urls[operation.service]) + template(operation.path), url)
        ]
        if not found:
            raise ValueError(f"no operation {request.method} {url}")
        # /identities/by/external/{id} and the like: the path with the fewest parameters is meant.
        return min(found, key=lambda operation: operation.path.count("{"))


def template(path: str) -> str:
    """A path of the specification as a regular expression."""
    return re.sub(r"\\{[^}]+\\}", "[^/:]+", re.escape(path))


def refuse_parameters(operation: Operation, request: PreparedRequest) -> None:
    """Raise ValueError for a parameter that is missing, unknown or of the wrong type."""
    sent = {
        "query": pairs(urlsplit(request.url or "").query),
        "form": pairs(body_text(request)) if operation.named("form") else {},
    }
    for where, values in sent.items():
        known = {parameter.wire: parameter for parameter in operation.named(where)}
        if unknown := set(values) - set(known):
            raise ValueError(f"{operation.name} has no {where} parameter {sorted(unknown)}")
        for parameter in known.values():
            refuse_values(operation, parameter, values.get(parameter.wire, []))
    for parameter in operation.named("header"):
        refuse_values(
            operation,
            parameter,
            [request.headers[h] for h in request.headers if h.lower() == parameter.wire.lower()],
        )


def refuse_values(operation: Operation, parameter: Parameter, values: list[str]) -> None:
    """Raise ValueError unless the values of one parameter are as many and of the type that it allows."""
    if parameter.required and not values:
        raise ValueError(f"{operation.name} needs {parameter.wire}")
    if len(values) > 1 and not parameter.many:
        raise ValueError(f"{operation.name} takes one {parameter.wire}")
    pattern = STRINGS.get(parameter.type, ".*")
    if wrong := [value for value in values if not re.fullmatch(pattern, value, re.DOTALL)]:
        raise ValueError(f"{parameter.wire} must be {parameter.type}, not {wrong}")


def refuse_body(operation: Operation, request: PreparedRequest) -> None:
    """Raise ValueError for a body that the operation does not take, or a content type it does not know."""
    kind = str(request.headers.get("Content-Type", "")).partition(";")[0]
    if not request.body:
        if operation.body is not None and operation.body["required"]:
            raise ValueError(f"{operation.name} needs a body")
        return
    if kind not in operation.content:
        raise ValueError(f"{operation.name} takes {operation.content}, not {kind!r}")
    if operation.body is None or kind != "application/json":
        return
    wrong = [error.message for error in validator(operation).iter_errors(json.loads(body_text(request)))]
    if wrong:
        raise ValueError("; ".join(wrong))


def validator(operation: Operation) -> Draft202012Validator:
    """What checks the bodies of an operation; made once, as all its schemas must be translated."""
    if operation.name not in VALIDATORS:
        root = json_schema({**(operation.body_schema() or {}), "components": {"schemas": operation.schemas}})
        VALIDATORS[operation.name] = Draft202012Validator(root)
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


def pairs(encoded: str) -> dict[str, list[str]]:
    """A query string or form as name -> values."""
    values: dict[str, list[str]] = {}
    for name, value in parse_qsl(encoded, keep_blank_values=True):
        values.setdefault(name, []).append(value)
    return values


def body_text(request: PreparedRequest) -> str:
    """The body as text."""
    body = request.body or ""
    return body.decode() if isinstance(body, bytes) else str(body)
