"""The APIs of this site as OAuth2 protected resources: identifiers, audiences and metadata (RFC 9728)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings as django_settings
from django.http import HttpRequest

from django_ory.conf import DEFAULT_ALIAS, OryConfigurationError, OrySettings, get_settings

METADATA_PATH = "/.well-known/oauth-protected-resource"
#: The keys of an entry of ``OAUTH2_RESOURCES``.
RESOURCE_KEYS = frozenset({"name", "scopes", "documentation"})


@dataclass(frozen=True, slots=True)
class ProtectedResource:
    """An API below one path of this site. ``identifier`` is its URL, and the audience of its tokens."""

    identifier: str
    metadata_url: str
    issuer: str
    scopes: tuple[str, ...] = ()
    name: str = ""
    documentation: str = ""

    def build_metadata(self) -> dict[str, Any]:
        """The metadata document of RFC 9728 section 2."""
        content = {
            "resource": self.identifier,
            "authorization_servers": [self.issuer],
            "scopes_supported": list(self.scopes),
            "bearer_methods_supported": ["header"],
            "resource_name": self.name,
            "resource_documentation": self.documentation,
        }
        return {name: value for name, value in content.items() if value}


def get_resource(request: HttpRequest, path: str, *, alias: str = DEFAULT_ALIAS) -> ProtectedResource | None:
    """The resource with exactly this path, on the host of the request."""
    settings = get_settings(alias)
    values = _get_entries(settings).get(path)
    return None if values is None else _build(_get_origin(request), path, values, settings)


def get_resource_by_url(url: str, *, alias: str = DEFAULT_ALIAS) -> ProtectedResource:
    """The resource with this URL, for code outside of a request.

    Raises OryConfigurationError if ``OAUTH2_RESOURCES`` has no resource at exactly the path of the URL.
    """
    settings = get_settings(alias)
    parts = urlsplit(url)
    origin = f"{parts.scheme}://{parts.netloc}"
    values = _get_entries(settings).get(parts.path)
    if parts.scheme not in {"http", "https"} or url != f"{origin}{parts.path}" or values is None:
        raise OryConfigurationError(
            f'{url} is not the URL of a resource. Add its path to OAUTH2_RESOURCES: {{"{parts.path}": {{}}}}.'
        )
    return _build(origin, parts.path, values, settings)


def find_resource(request: HttpRequest, *, alias: str = DEFAULT_ALIAS) -> ProtectedResource | None:
    """The resource that the URL of the request belongs to: the one with the longest path."""
    settings = get_settings(alias)
    entries = _get_entries(settings)
    if not entries:
        return None
    paths = [path for path in entries if f"{request.path}/".startswith(f"{path}/")]
    if not paths:
        return None
    path = max(paths, key=len)
    return _build(_get_origin(request), path, entries[path], settings)


def list_resources(request: HttpRequest, *, alias: str = DEFAULT_ALIAS) -> list[ProtectedResource]:
    """All resources, on the host of the request."""
    settings = get_settings(alias)
    origin = _get_origin(request)
    return [_build(origin, path, values, settings) for path, values in _get_entries(settings).items()]


def get_audience(
    resource: ProtectedResource | None, *, alias: str, audience: Sequence[str] | None = None
) -> Sequence[str]:
    """The audiences of which a token must have one: the given ones, else the resource's, else
    ``OAUTH2_AUDIENCE``.
    """
    if audience is not None:
        return audience
    return [resource.identifier] if resource is not None else get_settings(alias).oauth2_audience


def _get_entries(settings: OrySettings) -> Mapping[str, Mapping[str, Any]]:
    entries = settings.oauth2_resources
    if entries and "*" in django_settings.ALLOWED_HOSTS:
        raise OryConfigurationError(
            'ALLOWED_HOSTS has "*", so the client of a request with a token for another API could choose the '
            "host, and with it the accepted audience. List the hosts of the site."
        )
    for path, values in entries.items():
        if (path and not path.startswith("/")) or path.endswith("/") or "?" in path or "#" in path:
            raise OryConfigurationError(
                f'OAUTH2_RESOURCES has the path "{path}". Write it as "/api", or "" for the whole site.'
            )
        if unknown := values.keys() - RESOURCE_KEYS:
            raise OryConfigurationError(
                f'OAUTH2_RESOURCES["{path}"] has an unknown key "{min(unknown)}". '
                f"The keys are: {', '.join(sorted(RESOURCE_KEYS))}."
            )
    return entries


def _get_origin(request: HttpRequest) -> str:
    return f"{request.scheme}://{request.get_host()}"


def _build(origin: str, path: str, values: Mapping[str, Any], settings: OrySettings) -> ProtectedResource:
    return ProtectedResource(
        identifier=f"{origin}{path}",
        metadata_url=f"{origin}{METADATA_PATH}{path}",
        issuer=settings.oauth2_issuer,
        scopes=tuple(values.get("scopes", ())),
        name=str(values.get("name", "")),
        documentation=str(values.get("documentation", "")),
    )
