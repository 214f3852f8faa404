"""The security schemes and scopes in drf-spectacular's schema."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import override_settings
from drf_spectacular.drainage import GENERATOR_STATS, reset_generator_stats
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema

import django_ory.rest_framework.openapi
from django_ory.adapter import OryAdapter
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
    return generate()


def generate() -> dict[str, Any]:
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


def test_flows_name_the_scopes_of_all_operations(schema: dict[str, Any]) -> None:
    flows = schema["components"]["securitySchemes"]["oryOAuth2"]["flows"]
    for flow in flows.values():
        assert {"a", "b", "photos.read", "photos.share", "photos.write"} == flow["scopes"].keys()


class PhotoAdapter(OryAdapter):
    """Describes one scope."""

    def describe_scope(self, scope: str) -> tuple[str, str] | None:
        return ("See your photos", "") if scope == "photos.read" else None


def test_scopes_have_the_titles_of_the_consent_page(settings: Any, schema: dict[str, Any]) -> None:
    settings.ORY = {"default": {**settings.ORY["default"], "ADAPTER": f"{__name__}.PhotoAdapter"}}
    flows = generate()["components"]["securitySchemes"]["oryOAuth2"]["flows"]
    assert flows["clientCredentials"]["scopes"]["photos.read"] == "See your photos"


@pytest.mark.parametrize(
    ("path", "session", "scopes"),
    [
        ("/any/", True, [[]]),
        ("/scope/", False, [["photos.read", "photos.write"]]),
        ("/any-scope/", False, [["a"], ["b"]]),
        ("/method-scope/", False, [["photos.read"]]),
        ("/scope-or-session/", True, [["photos.read"]]),
        ("/user-and-scope/", False, [["photos.read"]]),
        ("/no-scope/", True, [[]]),
        ("/aal2/", True, [[]]),
        ("/user/", True, [[]]),
        ("/client/", False, [[]]),
        ("/jwt/", False, [[]]),
        ("/session/", True, []),
    ],
)
def test_operation_names_the_credentials_that_it_accepts(
    schema: dict[str, Any], path: str, session: bool, scopes: list[list[str]]
) -> None:
    sessions: list[Any] = [{"orySessionCookie": []}, {"orySessionToken": []}] if session else []
    assert get_security(schema, path) == [*sessions, *({"oryOAuth2": each} for each in scopes)]


def test_method_without_scopes_names_no_credential(schema: dict[str, Any]) -> None:
    assert "security" not in schema["paths"]["/method-scope/"]["post"]


def test_several_authentication_classes_cause_no_warning(schema: dict[str, Any]) -> None:
    reset_generator_stats()
    generate()
    assert not GENERATOR_STATS._warn_cache, GENERATOR_STATS._warn_cache
