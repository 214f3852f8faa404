"""Rules for APIs that accept access tokens of Hydra."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from typing import Any

from django.conf import settings

from django_ory.conf import OrySettings

from .rules import CheckContext, Finding, project_rule, rule, setting_finding

#: The signatures that ``tokens.json_web_tokens`` can allow. That module needs PyJWT.
PUBLIC_KEY_ALGORITHMS = ("RS", "PS", "ES", "EdDSA")
OUR_CLASSES = "django_ory.rest_framework.authentication."


def get_authentication_classes() -> list[str]:
    """The default authentication classes of Django REST framework that are ours."""
    classes = get_rest_framework_settings().get("DEFAULT_AUTHENTICATION_CLASSES") or ()
    return [name for name in classes if isinstance(name, str) and name.startswith(OUR_CLASSES)]


def get_rest_framework_settings() -> Mapping[str, Any]:
    """``settings.REST_FRAMEWORK``; empty if it is missing or no dictionary."""
    configured = getattr(settings, "REST_FRAMEWORK", None)
    return configured if isinstance(configured, Mapping) else {}


@project_rule("W014", "Access tokens for any audience are accepted.")
def no_audience(project: OrySettings) -> Iterator[Finding]:
    uses_tokens = any("Session" not in name for name in get_authentication_classes())
    if uses_tokens and not project.oauth2_audience and not project.oauth2_resources:
        problem = "is not set: tokens that a client got for another API are accepted here."
        yield setting_finding(project, "OAUTH2_RESOURCES", problem, '{"/api": {"scopes": []}}')


@project_rule("E016", "`OAUTH2_VERIFICATION` needs PyJWT, which is not installed.")
def no_jwt_library(project: OrySettings) -> Iterator[Finding]:
    needs_jwt = project.oauth2_verification != "introspection" or any(
        "JWT" in name for name in get_authentication_classes()
    )
    if needs_jwt and find_spec("jwt") is None:
        yield Finding(
            "PyJWT is not installed: requests with an access token fail.",
            'python -m pip install "django-ory[jwt]"',
        )


@project_rule("E017", "`OAUTH2_ALGORITHMS` has a signature without a public key.")
def symmetric_algorithms(project: OrySettings) -> Iterator[Finding]:
    for name in project.oauth2_algorithms:
        if not str(name).startswith(PUBLIC_KEY_ALGORITHMS):
            problem = f"has {name!r}, which is not a signature with a public key: such tokens are rejected."
            yield setting_finding(project, "OAUTH2_ALGORITHMS", problem, '["RS256", "ES256", "EdDSA"]')


@project_rule("E018", "`OAUTH2_RESOURCES` is set, and `ALLOWED_HOSTS` accepts every host.")
def any_host(project: OrySettings) -> Iterator[Finding]:
    if project.oauth2_resources and "*" in settings.ALLOWED_HOSTS:
        yield Finding(
            'settings.ALLOWED_HOSTS has "*": the host of a request is a part of the audience of its token, '
            "so tokens for other APIs would be accepted. Requests with a token fail.",
            'ALLOWED_HOSTS = ["www.example.org"]',
        )


@rule("W015", "The exception handler of Django REST framework drops the challenges of denied requests.")
def exception_handler(context: CheckContext) -> Iterator[Finding]:
    handler = get_rest_framework_settings().get("EXCEPTION_HANDLER")
    if get_authentication_classes() and handler is None:
        yield Finding(
            'settings.REST_FRAMEWORK["EXCEPTION_HANDLER"] is not set: denied requests get neither the '
            "missing scopes nor the page of the second factor.",
            'REST_FRAMEWORK["EXCEPTION_HANDLER"] = "django_ory.rest_framework.handlers.exception_handler"',
        )
