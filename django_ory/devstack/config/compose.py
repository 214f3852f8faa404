"""Renders a file for Docker Compose: the site, Kratos, Hydra, PostgreSQL and a proxy. It has no secrets."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import ENVIRONMENT_VARIABLE, settings

from django_ory.conf import OrySettings
from django_ory.devstack.errors import DevstackError
from django_ory.devstack.ports import Ports

from .rendering import render_template
from .secret_files import DATABASE_NAMES, get_password_variable
from .server_plan import PLACEHOLDER
from .site import SiteUrls

BUILD_FOLDER = ".."
"""The folder with the Dockerfile of the site, from the folder of the file."""


@dataclass(frozen=True, kw_only=True)
class ComposeServer:
    """Kratos or Hydra as a service. ``serve`` are the arguments that start it, without the file."""

    name: str
    title: str
    version: str
    serve: tuple[str, ...]

    @property
    def image(self) -> str:
        """The official image."""
        return f"oryd/{self.name}:{self.version}"

    @property
    def port(self) -> int:
        """The port of the public API in the container."""
        return Ports().get_pair(self.name)[0]


def render_compose(*, site: SiteUrls, ory: OrySettings, servers: Sequence[ComposeServer], title: str) -> str:
    """Return the file. ``title`` is its first line, a comment. Servers without settings are left out.

    Raises DevstackError if the settings do not name the containers, which are ``kratos`` and ``hydra``.
    """
    used = [server for server in servers if getattr(ory, f"{server.name}_admin_url")]
    if not used:
        raise DevstackError(f'settings.ORY["{ory.alias}"] has no KRATOS_ADMIN_URL and no HYDRA_ADMIN_URL.')
    if problems := [problem for server in used for problem in _find_problems(ory, server.name)]:
        text = "In containers, the site reaches the servers by their names. Set:"
        raise DevstackError("\n".join((text, *problems)))
    left_out = {server.name for server in servers if server not in used}
    module = os.environ[ENVIRONMENT_VARIABLE]
    values = {
        "title": title,
        "site_url": site.url,
        "server_titles": ", ".join(server.title for server in used),
        "name": json.dumps(module.partition(".")[0].lower()),
        "servers": used,
        "build_folder": BUILD_FOLDER,
        "settings_module": json.dumps(module),
        "static_root": str(settings.STATIC_ROOT).rstrip("/") if settings.STATIC_ROOT else "",
        "application": json.dumps(_get_application()),
        "databases": [
            {"name": name, "variable": get_password_variable(name)}
            for name in DATABASE_NAMES
            if name not in left_out
        ],
    }
    return render_template("compose.yaml", values)


def _find_problems(ory: OrySettings, server: str) -> list[str]:
    wanted = dict(zip(("public", "admin"), Ports().get_pair(server), strict=True))
    return [
        f'  "{server.upper()}_{side.upper()}_URL": "http://{server}:{port}",'
        for side, port in wanted.items()
        if urlsplit(getattr(ory, f"{server}_{side}_url")).netloc != f"{server}:{port}"
    ]


def _get_application() -> str:
    """Return the name of the WSGI application for gunicorn: ``shop.wsgi:application``."""
    module, _, name = str(getattr(settings, "WSGI_APPLICATION", None) or "").rpartition(".")
    return f"{module}:{name}" if module else PLACEHOLDER
