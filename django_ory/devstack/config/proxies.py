"""Renders the rules of a reverse proxy that puts Hydra and the site under one issuer."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from django_ory.devstack.errors import DevstackError
from django_ory.devstack.ports import HOST

from .rendering import render_template

PROXIES: Final = {"nginx": "nginx.conf", "caddy": "Caddyfile"}
"""Name of the proxy -> name of its template."""

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

DEFAULT_SITE_PORT: Final = 8000


def render_proxy(proxy: str, *, site_url: str, issuer: str, hydra_port: int, title: str) -> str:
    """Return the rules for ``nginx`` or ``caddy``.

    Args:
        proxy: a key of ``PROXIES``.
        site_url: the URL of the site for browsers.
        issuer: the URL of Hydra for browsers. Best on the host of the site.
        hydra_port: the port of Hydra's public API, behind the proxy.
        title: the first line, a comment.

    Raises DevstackError for an issuer with a path, which these rules do not cover.
    """
    parts, site = urlsplit(issuer), urlsplit(site_url)
    if parts.path.strip("/"):
        raise DevstackError(f"The issuer {issuer} has a path. Write the rules of the proxy by hand.")
    values = {
        "title": title,
        "issuer": issuer,
        "issuer_host": parts.hostname,
        "other_site_host": site.netloc if site.hostname != parts.hostname else "",
        "site_address": f"{HOST}:{DEFAULT_SITE_PORT}",
        "hydra_address": f"{HOST}:{hydra_port}",
        "hydra_paths": HYDRA_PATHS,
    }
    return render_template(PROXIES[proxy], values)
