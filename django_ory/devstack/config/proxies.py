"""Renders the configuration of a reverse proxy in front of the site, Kratos and Hydra, with limits."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import Resolver404, resolve

from django_ory.conf import OrySettings
from django_ory.devstack.errors import DevstackError
from django_ory.devstack.ports import HOST, Ports
from django_ory.http.redirects import parse_origin, split_url

from .rendering import render_template
from .server_plan import PLACEHOLDER
from .site import SiteUrls, get_page_path, get_server_port

PROXIES: Final = {"nginx": "nginx.conf", "caddy": "Caddyfile", "traefik": "traefik.yaml"}
"""Name of the proxy -> name of its template."""

KRATOS_PATHS: Final = ("/self-service/", "/sessions", "/schemas", "/.well-known/ory/")
"""The beginnings of the paths of Kratos' public API."""

HYDRA_PATHS: Final = (
    "/oauth2/auth",
    "/oauth2/token",
    "/oauth2/revoke",
    "/oauth2/sessions/logout",
    "/oauth2/device/",
    "/oauth2/fallbacks/",
    "/userinfo",
    "/.well-known/jwks.json",
)
"""The beginnings of the paths of Hydra's public API. The admin API is on another port."""

HYDRA_METADATA_PATH: Final = "/.well-known/openid-configuration"
SITE_METADATA_PATH: Final = "/.well-known/oauth-authorization-server"

DEFAULT_SITE_ADDRESS: Final = f"{HOST}:8000"
DEFAULT_HTTPS_PORT: Final = 443

FORM_LIMIT: Final = {"rate": 2, "burst": 20}
"""Posts to Kratos of one address: per second, and at once."""
REQUEST_LIMIT: Final = {"rate": 10, "burst": 100}
"""Requests of one address to Kratos, Hydra and the pages of django_ory: per second, and at once."""
MAX_BODY_KILOBYTES: Final = 256

_POST_PAGES: Final = (
    *("courier", "kratos_hook", "settings_hook", "invitation_hook"),
    *("password_migration", "token_hook"),
)
"""URL names of the endpoints to which Kratos and Hydra post."""

_METADATA_RULE: Final = (
    r"PathRegexp(`^/\\.well-known/(oauth-authorization-server|openid-configuration)(/|$)`)"
)


@dataclass(frozen=True, kw_only=True)
class ProxyPlan:
    """The values of the configuration that do not come from the site.

    ``site_address`` is the host and port of the site behind the proxy, ``certificate`` and
    ``certificate_key`` are files. ``title`` is the first line, a comment.
    """

    title: str
    site_address: str = DEFAULT_SITE_ADDRESS
    certificate: str = PLACEHOLDER
    certificate_key: str = PLACEHOLDER


@dataclass(kw_only=True)
class ProxyHost:
    """A host name, and the servers whose paths are on it."""

    name: str
    has_site: bool = False
    has_kratos: bool = False
    has_hydra: bool = False


@dataclass(frozen=True, kw_only=True)
class TraefikRouter:
    """A router of Traefik. The router with the highest priority that matches is used."""

    name: str
    rule: str
    priority: int
    service: str
    middlewares: list[str] = field(default_factory=list)


def render_proxy(proxy: str, *, site: SiteUrls, ory: OrySettings, plan: ProxyPlan) -> str:
    """Return the configuration of ``nginx``, ``caddy`` or ``traefik``.

    Raises DevstackError if the settings name neither Kratos nor Hydra, if a URL is not https or has a path,
    or if the URLs have different ports.
    """
    servers = {name: url for name in ("kratos", "hydra") if (url := _get_proxied_url(ory, name))}
    if not servers and not ory.sdk_url:
        raise DevstackError(
            f'settings.ORY["{ory.alias}"] has no URL of Kratos or Hydra for browsers. Set KRATOS_BROWSER_URL.'
        )
    urls = {"site": site.url, **servers}
    hosts = list(_build_hosts(urls).values())
    addresses = {name: _get_address(ory, name) for name in servers}
    pages_path = _get_pages_path()
    values = {
        **vars(plan),
        "notes": [f"{name.capitalize():<6} {url}" for name, url in urls.items()],
        "hosts": hosts,
        "is_one_host": len(hosts) == 1,
        "port": (port := _get_port(urls)),
        "port_suffix": "" if port == DEFAULT_HTTPS_PORT else f":{port}",
        "site_host": urlsplit(site.url).netloc,
        "server_addresses": list(addresses.items()),
        **{f"{name}_address": address for name, address in addresses.items()},
        "kratos_paths": KRATOS_PATHS,
        "hydra_paths": HYDRA_PATHS if _has_site_metadata() else (*HYDRA_PATHS, HYDRA_METADATA_PATH),
        "has_site_metadata": _has_site_metadata(),
        "pages_path": pages_path,
        "post_paths": [get_page_path(page, ory.alias) for page in _POST_PAGES],
        "static_path": _get_static_path(),
        "static_root": str(settings.STATIC_ROOT).rstrip("/") if _get_static_path() else "",
        "forms": FORM_LIMIT,
        "requests": REQUEST_LIMIT,
        "max_kilobytes": MAX_BODY_KILOBYTES,
        "max_bytes": MAX_BODY_KILOBYTES * 1024,
    }
    if proxy == "traefik":
        values["routers"] = [router for host in hosts for router in _build_routers(host, values)]
    return render_template(PROXIES[proxy], values)


def _get_proxied_url(ory: OrySettings, server: str) -> str:
    """Return the URL of a server for browsers; "" if it is not behind the proxy."""
    url: str = getattr(ory, f"{server}_browser_url")
    return "" if url == ory.sdk_url else url


def _get_address(ory: OrySettings, server: str) -> str:
    """Return host and port of a server behind the proxy.

    They are those of its URL for this site, unless browsers use that URL, too, or it has no port.
    """
    port = get_server_port(ory, server, "public")
    if port is None:
        return f"{HOST}:{Ports().get_pair(server)[0]}"
    return split_url(getattr(ory, f"{server}_public_url")).netloc


def _build_hosts(urls: dict[str, str]) -> dict[str, ProxyHost]:
    hosts: dict[str, ProxyHost] = {}
    for name, url in urls.items():
        parts = urlsplit(url)
        if parse_origin(url) is None:
            raise DevstackError(f"{url!r} is not the URL of a server.")
        if parts.scheme != "https":
            raise DevstackError(f"{url} is not an https URL: browsers reach a proxy by https.")
        if parts.path.strip("/"):
            raise DevstackError(f"{url} has a path. Write the rules of the proxy by hand.")
        host = hosts.setdefault(parts.hostname or "", ProxyHost(name=parts.hostname or ""))
        setattr(host, f"has_{name}", True)
    return hosts


def _get_port(urls: dict[str, str]) -> int:
    """Return the port of the URLs for browsers. Raises DevstackError if they have several."""
    ports = {urlsplit(url).port or DEFAULT_HTTPS_PORT for url in urls.values()}
    if len(ports) > 1:
        raise DevstackError(f"The URLs for browsers have different ports: {', '.join(urls.values())}.")
    return ports.pop()


def _get_pages_path() -> str:
    """Return the path below which the pages of django_ory are: ``/auth/``."""
    return get_page_path("login").removesuffix("login/")


def _get_static_path() -> str:
    """Return the path of static files; "" if they are on another host or not collected."""
    path = str(settings.STATIC_URL or "")
    return path if path.startswith("/") and settings.STATIC_ROOT else ""


def _has_site_metadata() -> bool:
    """Return whether the URLconf has the metadata of the authorization server."""
    try:
        resolve(SITE_METADATA_PATH)
    except Resolver404:
        return False
    return True


def _build_routers(host: ProxyHost, values: dict[str, Any]) -> list[TraefikRouter]:
    """Return the routers of a host, without those that have no path."""
    slug = host.name.replace(".", "-")
    to_site_host = [] if host.has_site else ["site-host"]
    pages = [values["pages_path"]] if values["pages_path"] != "/" else []
    limits = ["ory-requests", "ory-body"]
    rows: list[tuple[str, bool, str, int, str, list[str]]] = [
        (
            "kratos-forms",
            host.has_kratos,
            f"Method(`POST`) && {_match_paths(KRATOS_PATHS[:1])}",
            60,
            "kratos-public",
            ["ory-forms", *limits, "ory-address"],
        ),
        (
            "kratos",
            host.has_kratos,
            _match_paths(KRATOS_PATHS),
            50,
            "kratos-public",
            [*limits, "ory-address"],
        ),
        (
            "hydra",
            host.has_hydra,
            _match_paths(values["hydra_paths"]),
            50,
            "hydra-public",
            [*limits, "ory-address"],
        ),
        (
            "metadata",
            host.has_hydra and values["has_site_metadata"],
            _METADATA_RULE,
            60,
            "django-site",
            [*to_site_host, "ory-requests"],
        ),
        ("posts", host.has_site, _match_paths(values["post_paths"]), 40, "django-site", ["ory-body"]),
        ("pages", host.has_site and bool(pages), _match_paths(pages), 30, "django-site", limits),
        ("site", host.has_site, "", 10, "django-site", ["site-body"]),
    ]
    return [
        TraefikRouter(
            name=f"{name}-{slug}",
            rule=f"Host(`{host.name}`)" + (f" && {rule}" if rule else ""),
            priority=priority,
            service=service,
            middlewares=middlewares,
        )
        for name, is_needed, rule, priority, service, middlewares in rows
        if is_needed
    ]


def _match_paths(paths: Any) -> str:
    return f"({' || '.join(f'PathPrefix(`{path}`)' for path in paths)})"
