"""Security schemes for drf-spectacular: cookie, session token and OAuth2, with the scopes of operations.

Imported by the app where ``drf_spectacular`` is installed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from rest_framework.permissions import AND, OR

from django_ory.conf import DEFAULT_ALIAS, get_settings

from .permissions import HasScope

__all__ = ["OAuth2Scheme", "OryScheme", "OrySessionScheme"]

SESSION_SCHEMES = ["orySessionCookie", "orySessionToken"]
OAUTH2_SCHEME = "oryOAuth2"


class OrySessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """A Kratos session, as a cookie or as a token."""

    target_class = "django_ory.rest_framework.authentication.OrySessionAuthentication"
    name = SESSION_SCHEMES
    match_subclasses = True

    def get_security_requirement(self, auto_schema: AutoSchema) -> Any:
        """Either of the two."""
        return [{name: []} for name in SESSION_SCHEMES]

    def get_security_definition(self, auto_schema: AutoSchema) -> Any:
        """The cookie and the header."""
        return _build_session_schemes()


class OAuth2Scheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """An access token of Hydra."""

    target_class = "django_ory.rest_framework.authentication.OAuth2Authentication"
    name = OAUTH2_SCHEME
    match_subclasses = True

    def get_security_requirement(self, auto_schema: AutoSchema) -> Any:
        """The scopes of the operation."""
        return {OAUTH2_SCHEME: sorted(find_scopes(auto_schema))}

    def get_security_definition(self, auto_schema: AutoSchema) -> Any:
        """The flows for users and for machines."""
        return _build_oauth2_scheme(auto_schema)


class OryScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """A session or an access token."""

    target_class = "django_ory.rest_framework.authentication.OryAuthentication"
    name = [*SESSION_SCHEMES, OAUTH2_SCHEME]  # noqa: RUF012 (as drf-spectacular declares it)
    match_subclasses = True

    def get_security_requirement(self, auto_schema: AutoSchema) -> Any:
        """One of the three."""
        return [*({name: []} for name in SESSION_SCHEMES), {OAUTH2_SCHEME: sorted(find_scopes(auto_schema))}]

    def get_security_definition(self, auto_schema: AutoSchema) -> Any:
        """All three."""
        return [*_build_session_schemes(), _build_oauth2_scheme(auto_schema)]


def find_scopes(auto_schema: AutoSchema) -> set[str]:
    """The scopes that the permissions of an operation require."""
    view = auto_schema.view
    scopes: set[str] = set()
    for permission in view.get_permissions():
        for each in _flatten(permission):
            scopes |= set(each.get_required_scopes(view.request, view) or ()) | set(each.any_of)
    return scopes


def _flatten(permission: object) -> Iterator[HasScope]:
    """The scopes inside of ``&`` and ``|``. ``~`` requires none."""
    if isinstance(permission, HasScope):
        yield permission
    elif isinstance(permission, AND | OR):
        operands: Any = permission
        yield from _flatten(operands.op1)
        yield from _flatten(operands.op2)


def _build_session_schemes() -> list[dict[str, str]]:
    cookie = get_settings(DEFAULT_ALIAS).session_cookie_name or "ory_kratos_session"
    return [
        {"type": "apiKey", "in": "cookie", "name": cookie},
        {"type": "apiKey", "in": "header", "name": "X-Session-Token"},
    ]


def _build_oauth2_scheme(auto_schema: AutoSchema) -> dict[str, Any]:
    """The scopes are those of ``OAUTH2_RESOURCES`` and of the operation."""
    settings = get_settings(DEFAULT_ALIAS)
    resources = settings.oauth2_resources.values()
    names = {scope for resource in resources for scope in resource.get("scopes", ())}
    flow = {
        "tokenUrl": f"{settings.hydra_browser_url}/oauth2/token",
        "scopes": dict.fromkeys(sorted(names | find_scopes(auto_schema)), ""),
    }
    authorization_url = f"{settings.hydra_browser_url}/oauth2/auth"
    return {
        "type": "oauth2",
        "flows": {
            "authorizationCode": {"authorizationUrl": authorization_url, **flow},
            "clientCredentials": flow,
        },
    }
