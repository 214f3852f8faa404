"""Security schemes for drf-spectacular: cookie, session token and OAuth2, with the scopes of operations.

Imported by the app where ``drf_spectacular`` is installed. An operation names only the credentials that its
permissions can accept.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from typing import Any

from drf_spectacular.drainage import set_override
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from rest_framework.permissions import AND, OR

from django_ory.adapter import get_adapter
from django_ory.conf import DEFAULT_ALIAS, get_settings

from .authentication import OAuth2Authentication, OryAuthentication, OrySessionAuthentication
from .permissions import HasAAL, HasScope, IsClient, IsSession, IsUser, IsVerified, RecentLogin

SESSION_SCHEMES = ["orySessionCookie", "orySessionToken"]
OAUTH2_SCHEME = "oryOAuth2"

SESSION, USER_TOKEN, CLIENT_TOKEN = "session", "token of a user", "token of a client"
ALL_KINDS = frozenset({SESSION, USER_TOKEN, CLIENT_TOKEN})
#: The credentials that a permission can accept. Other permissions can accept all of them.
ACCEPTED_KINDS: dict[type[object], frozenset[str]] = {
    HasScope: frozenset({USER_TOKEN, CLIENT_TOKEN}),
    IsClient: frozenset({CLIENT_TOKEN}),
    IsSession: frozenset({SESSION}),
    IsUser: frozenset({SESSION, USER_TOKEN}),
    IsVerified: frozenset({SESSION, USER_TOKEN}),
    HasAAL: frozenset({SESSION, USER_TOKEN}),
    RecentLogin: frozenset({SESSION, USER_TOKEN}),
}

# An API may use several of these classes. They have the same schemes, so drf-spectacular must not warn about
# equal names. Its own decorators set this mark, which has no public name.
for authentication_class in (OryAuthentication, OAuth2Authentication, OrySessionAuthentication):
    set_override(authentication_class, "suppress_collision_warning", True)


@dataclass(frozen=True, slots=True)
class Access:
    """One way to pass the permissions of an operation: with one of these credentials, and with all scopes."""

    kinds: frozenset[str] = ALL_KINDS
    scopes: frozenset[str] = frozenset()


class OrySessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """A Kratos session, as a cookie or as a token."""

    target_class = "django_ory.rest_framework.authentication.OrySessionAuthentication"
    name = SESSION_SCHEMES
    match_subclasses = True

    def get_security_requirement(self, auto_schema: AutoSchema) -> Any:
        """Either of the two, if the operation accepts sessions."""
        return _require_session(auto_schema)

    def get_security_definition(self, auto_schema: AutoSchema) -> Any:
        """The cookie and the header."""
        return _build_session_schemes()


class OAuth2Scheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """An access token of Hydra."""

    target_class = "django_ory.rest_framework.authentication.OAuth2Authentication"
    name = OAUTH2_SCHEME
    match_subclasses = True

    def get_security_requirement(self, auto_schema: AutoSchema) -> Any:
        """The scopes of the operation, if it accepts tokens."""
        return _require_token(auto_schema)

    def get_security_definition(self, auto_schema: AutoSchema) -> Any:
        """The flows for users and for machines."""
        return _build_oauth2_scheme(auto_schema)


class OryScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """A session or an access token."""

    target_class = "django_ory.rest_framework.authentication.OryAuthentication"
    name = [*SESSION_SCHEMES, OAUTH2_SCHEME]  # noqa: RUF012 (as drf-spectacular declares it)
    match_subclasses = True

    def get_security_requirement(self, auto_schema: AutoSchema) -> Any:
        """One of those that the operation accepts."""
        return [*_require_session(auto_schema), *_require_token(auto_schema)]

    def get_security_definition(self, auto_schema: AutoSchema) -> Any:
        """All three."""
        return [*_build_session_schemes(), _build_oauth2_scheme(auto_schema)]


def find_accesses(auto_schema: AutoSchema) -> list[Access]:
    """The ways to pass all permissions of an operation."""
    permissions = auto_schema.view.get_permissions()
    return reduce(_combine, (_find(permission, auto_schema) for permission in permissions), [Access()])


def _find(permission: object, auto_schema: AutoSchema) -> list[Access]:
    """The ways to pass one permission, also inside of ``&`` and ``|``. ``~`` accepts every credential."""
    if isinstance(permission, AND | OR):
        operands: Any = permission
        first, second = (_find(each, auto_schema) for each in (operands.op1, operands.op2))
        return _combine(first, second) if isinstance(permission, AND) else first + second
    kinds = next((kinds for each, kinds in ACCEPTED_KINDS.items() if isinstance(permission, each)), ALL_KINDS)
    if not isinstance(permission, HasScope):
        return [Access(kinds)]
    required = permission.get_required_scopes(auto_schema.view.request, auto_schema.view)
    if required is None:
        return []
    if not permission.any_of:
        return [Access(kinds, frozenset(required))]
    return [Access(kinds, frozenset((*required, scope))) for scope in permission.any_of]


def _combine(first: Iterable[Access], second: Iterable[Access]) -> list[Access]:
    """The ways to pass two permissions."""
    second = list(second)
    return [
        Access(left.kinds & right.kinds, left.scopes | right.scopes)
        for left in first
        for right in second
        if left.kinds & right.kinds
    ]


def _require_session(auto_schema: AutoSchema) -> list[dict[str, list[str]]]:
    accepts_sessions = any(SESSION in access.kinds for access in find_accesses(auto_schema))
    return [{name: []} for name in SESSION_SCHEMES] if accepts_sessions else []


def _require_token(auto_schema: AutoSchema) -> list[dict[str, list[str]]]:
    accesses = [access for access in find_accesses(auto_schema) if access.kinds - {SESSION}]
    _declare_scopes(auto_schema, accesses)
    # In the order of the permissions, each once.
    return [
        {OAUTH2_SCHEME: list(scopes)} for scopes in dict.fromkeys(tuple(sorted(x.scopes)) for x in accesses)
    ]


def _declare_scopes(auto_schema: AutoSchema, accesses: list[Access]) -> None:
    """Add the scopes of this operation to the scheme, which drf-spectacular builds for the first one only."""
    scheme = ResolvedComponent(  # type: ignore[no-untyped-call]
        OAUTH2_SCHEME, ResolvedComponent.SECURITY_SCHEMA, object=OAuth2Authentication
    )
    if scheme in auto_schema.registry:
        names = {scope for access in accesses for scope in access.scopes}
        for flow in auto_schema.registry[scheme].schema["flows"].values():
            flow["scopes"] = _describe_scopes({*flow["scopes"], *names})


def _describe_scopes(names: set[str]) -> dict[str, str]:
    """The titles of the consent page."""
    adapter = get_adapter(DEFAULT_ALIAS)
    return {name: str((adapter.describe_scope(name) or ("",))[0]) for name in sorted(names)}


def _build_session_schemes() -> list[dict[str, str]]:
    cookie = get_settings(DEFAULT_ALIAS).session_cookie_name or "ory_kratos_session"
    return [
        {"type": "apiKey", "in": "cookie", "name": cookie},
        {"type": "apiKey", "in": "header", "name": "X-Session-Token"},
    ]


def _build_oauth2_scheme(auto_schema: AutoSchema) -> dict[str, Any]:
    """The scopes are those of ``OAUTH2_RESOURCES`` and of the operations."""
    settings = get_settings(DEFAULT_ALIAS)
    names = {scope for resource in settings.oauth2_resources.values() for scope in resource.get("scopes", ())}
    names |= {scope for access in find_accesses(auto_schema) for scope in access.scopes}
    token_url = f"{settings.hydra_browser_url}/oauth2/token"
    return {
        "type": "oauth2",
        "flows": {
            "authorizationCode": {
                "authorizationUrl": f"{settings.hydra_browser_url}/oauth2/auth",
                "tokenUrl": token_url,
                "scopes": _describe_scopes(names),
            },
            "clientCredentials": {"tokenUrl": token_url, "scopes": _describe_scopes(names)},
        },
    }
