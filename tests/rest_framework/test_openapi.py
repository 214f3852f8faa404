"""The security schemes and scopes in drf-spectacular's schema."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import override_settings
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema

import django_ory.rest_framework.openapi
from tests.rest_framework import urls
from tests.rest_framework.urls import Echo

__all__ = ["django_ory"]


@pytest.fixture
def schema(settings: Any, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.setattr(Echo, "schema", AutoSchema())
    settings.ORY = {
        "default": {
            **settings.ORY["default"],
            "OAUTH2_RESOURCES": {"/api": {"scopes": ["photos.read", "photos.share"]}},
        }
    }
    with override_settings(ROOT_URLCONF="tests.rest_framework.urls"):
        generator = SchemaGenerator(patterns=urls.urlpatterns)  # type: ignore[no-untyped-call]
        return dict(generator.get_schema(request=None, public=True))  # type: ignore[no-untyped-call]


def get_security(schema: dict[str, Any], path: str, method: str = "get") -> Any:
    return schema["paths"][path][method]["security"]


def test_schemes_name_cookie_token_and_flows(schema: dict[str, Any]) -> None:
    schemes = schema["components"]["securitySchemes"]
    assert schemes["orySessionCookie"] == {"type": "apiKey", "in": "cookie", "name": "ory_kratos_session"}
    assert schemes["orySessionToken"] == {"type": "apiKey", "in": "header", "name": "X-Session-Token"}
    flows = schemes["oryOAuth2"]["flows"]
    assert flows["authorizationCode"]["authorizationUrl"] == "http://hydra.test:4444/oauth2/auth"
    assert flows["clientCredentials"]["tokenUrl"] == "http://hydra.test:4444/oauth2/token"
    assert {"photos.read", "photos.share"} <= flows["clientCredentials"]["scopes"].keys()


@pytest.mark.parametrize(
    ("path", "scopes"),
    [
        ("/any/", []),
        ("/scope/", ["photos.read", "photos.write"]),
        ("/any-scope/", ["a", "b"]),
        ("/method-scope/", ["photos.read"]),
        ("/scope-or-session/", ["photos.read"]),
        ("/user-and-scope/", ["photos.read"]),
        ("/no-scope/", []),
    ],
)
def test_operation_names_its_scopes(schema: dict[str, Any], path: str, scopes: list[str]) -> None:
    assert {"oryOAuth2": scopes} in get_security(schema, path)
    assert {"orySessionCookie": []} in get_security(schema, path)


def test_operation_for_tokens_only_names_no_session(schema: dict[str, Any]) -> None:
    assert get_security(schema, "/jwt/") == [{"oryOAuth2": []}]


def test_operation_for_sessions_only_names_no_token(schema: dict[str, Any]) -> None:
    assert get_security(schema, "/session/") == [{"orySessionCookie": []}, {"orySessionToken": []}]
