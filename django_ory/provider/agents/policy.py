"""The limits for clients that register themselves, from the settings. Nothing here comes from a client."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest

from django_ory.conf import OrySettings, get_settings
from django_ory.tokens.resources import list_resources

#: The scopes besides those of the APIs of this site, unless ``OAUTH2_CLIENT_SCOPES`` is set.
DEFAULT_CLIENT_SCOPES = ("openid", "offline_access")


@dataclass(frozen=True, kw_only=True)
class ClientPolicy:
    """The limits for one request."""

    scopes: tuple[str, ...]
    audience: tuple[str, ...]
    redirect_schemes: tuple[str, ...] = ()
    auth_methods: tuple[str, ...] = ("none",)


def build_policy(request: HttpRequest, *, alias: str) -> ClientPolicy:
    """Return the limits for the clients of an Ory project.

    Raises OryConfigurationError if ``OAUTH2_RESOURCES`` is invalid.
    """
    settings = get_settings(alias)
    audience = settings.oauth2_client_audience
    if not audience:
        audience = [resource.identifier for resource in list_resources(request, alias=alias)]
    return ClientPolicy(
        scopes=tuple(get_allowed_scopes(settings)),
        audience=tuple(audience),
        redirect_schemes=tuple(scheme.lower() for scheme in settings.oauth2_client_redirect_schemes),
        auth_methods=tuple(settings.oauth2_client_auth_methods) or ("none",),
    )


def get_allowed_scopes(settings: OrySettings) -> list[str]:
    """Return the scopes that clients which register themselves can request."""
    if settings.oauth2_client_scopes:
        return list(settings.oauth2_client_scopes)
    of_resources = [
        scope for values in settings.oauth2_resources.values() for scope in values.get("scopes", ())
    ]
    return list(dict.fromkeys([*DEFAULT_CLIENT_SCOPES, *of_resources]))


def uses_authorization_front(settings: OrySettings) -> bool:
    """Return whether authorization requests must pass through ``ory:oauth2_authorize``."""
    return settings.oauth2_client_registration or bool(settings.oauth2_client_document_hosts)
