"""The page ``/api/``: the OpenAPI schema for people, rendered by the site without scripts of others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator

#: Names of the security schemes. A scheme that is not listed is shown under its own name.
CREDENTIALS = {
    "orySessionCookie": "session cookie",
    "orySessionToken": "session token",
    "oryOAuth2": "access token",
}


@require_safe
def api_page(request: HttpRequest) -> HttpResponse:
    """List the operations of the API."""
    schema = get_schema()
    sections = defaultdict(list)
    for operation in find_operations(schema):
        sections[operation["tag"]].append(operation)
    context = {
        "info": schema["info"],
        "sections": dict(sections),
        "oauth2": schema["components"]["securitySchemes"]["oryOAuth2"]["flows"]["authorizationCode"],
    }
    return render(request, "lending/api.html", context)


@cache
def get_schema() -> Mapping[str, Any]:
    """Return the OpenAPI schema. It changes with the code only."""
    return SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-any-return, no-untyped-call]


def find_operations(schema: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield what the page shows of each operation."""
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            yield {
                "tag": operation["tags"][0],
                "title": operation["tags"][0].replace("-", " ").capitalize(),
                "method": method.upper(),
                "path": path,
                "summary": operation["summary"],
                "description": operation.get("description", ""),
                "credentials": list(describe_credentials(operation.get("security", []))),
                "fields": list(describe_fields(schema, operation.get("requestBody", {}))),
                "responses": list(describe_responses(schema, operation["responses"])),
            }


def describe_credentials(security: list[dict[str, list[str]]]) -> Iterator[dict[str, Any]]:
    """Yield the credentials that an operation accepts, with their scopes. None: the operation is public."""
    for alternative in security:
        for name, scopes in alternative.items():
            yield {"name": CREDENTIALS.get(name, name), "scopes": scopes}


def describe_fields(schema: Mapping[str, Any], body: Mapping[str, Any]) -> Iterator[str]:
    """Yield the names of the fields that a request may send or that a response has."""
    content = body.get("content", {}).get("application/json", {}).get("schema", {})
    model = resolve(schema, content)
    for name, field in model.get("properties", {}).items():
        if not field.get("readOnly"):
            yield name


def describe_responses(schema: Mapping[str, Any], responses: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the status codes, with the fields of the answer or the items of a list."""
    for status, response in responses.items():
        content = response.get("content", {}).get("application/json", {}).get("schema", {})
        fields = resolve(schema, content).get("properties", {})
        items = resolve(schema, fields.get("results", {}).get("items", {})).get("properties", {})
        yield {
            "status": status,
            "description": response.get("description", ""),
            "fields": list(items or fields),
            "is_list": bool(items),
        }


def resolve(schema: Mapping[str, Any], part: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the schema that a reference names, or the part itself."""
    name = part.get("$ref", "").rpartition("/")[2]
    return schema["components"]["schemas"][name] if name else part
