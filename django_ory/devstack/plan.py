"""Where a stack has its servers and files, and the writing of its configurations from the Django project."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .configuration import ServerPlan, random_secrets, sqlite_dsn
from .document import merged, to_yaml
from .hydra_config import HYDRA_COMMENTS, hydra_config
from .identity_schema import schema_url
from .kinds import HYDRA, KRATOS
from .kratos_config import KRATOS_COMMENTS, kratos_config
from .ports import HOST
from .project import make_folder
from .server_version import parse_version

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from .kinds import ServerKind
    from .site import Site

__all__ = [
    "CONFIGURATIONS",
    "Ports",
    "StackPlan",
    "configuration_text",
    "stable_secrets",
    "write_configurations",
]

CONFIGURATIONS: dict[ServerKind, tuple[Callable[[Site, ServerPlan], dict[str, Any]], Mapping[str, str]]] = {
    KRATOS: (kratos_config, KRATOS_COMMENTS),
    HYDRA: (hydra_config, HYDRA_COMMENTS),
}


@dataclass(frozen=True, kw_only=True)
class Ports:
    """The ports of one stack. The defaults are the ones that Ory's documentation uses."""

    kratos_public: int = 4433
    kratos_admin: int = 4434
    hydra_public: int = 4444
    hydra_admin: int = 4445
    smtp: int = 1025

    def of(self, kind: ServerKind) -> tuple[int, int]:
        """The public and the admin port of a server."""
        return getattr(self, f"{kind.name}_public"), getattr(self, f"{kind.name}_admin")


@dataclass(frozen=True, kw_only=True)
class StackPlan:
    """One stack: enough to run it or to talk to it, without Django."""

    folder: Path
    site_url: str
    ports: Ports

    @property
    def mails(self) -> Path:
        """The folder of the received mails."""
        return self.folder / "mails"

    @property
    def ory_setting(self) -> dict[str, dict[str, Any]]:
        """What ``settings.ORY`` has to be."""
        return {
            "default": {
                f"{kind.name.upper()}_{port_name}_URL": f"http://localhost:{port}"
                for kind in CONFIGURATIONS
                for port_name, port in zip(("PUBLIC", "ADMIN"), self.ports.of(kind), strict=True)
            }
        }

    def server(
        self, kind: ServerKind, *, secrets: dict[str, str], identity_schema: str, server_version: str = ""
    ) -> ServerPlan:
        """The part of the plan that one server's configuration needs."""
        public, admin = self.ports.of(kind)
        return ServerPlan(
            public_url=f"http://localhost:{public}",
            admin_url=f"http://localhost:{admin}",
            public_port=public,
            admin_port=admin,
            server_version=parse_version(server_version or kind.version),
            dev=True,
            dsn=sqlite_dsn(self.folder / f"{kind.name}.sqlite3"),
            secrets=secrets,
            identity_schema=identity_schema,
            smtp_url=f"smtp://{HOST}:{self.ports.smtp}/?disable_starttls=true",
        )


def configuration_text(
    kind: ServerKind, site: Site, plan: ServerPlan, *, overrides: Mapping[str, Any] | None = None, title: str
) -> str:
    """A server's whole configuration as commented YAML. ``overrides`` are laid over it key by key."""
    build, comments = CONFIGURATIONS[kind]
    return to_yaml(merged(build(site, plan), overrides or {}), comments=comments, title=title)


def write_configurations(
    plan: StackPlan,
    site: Site,
    *,
    identity_schema: str = "",
    overrides: Mapping[str, Mapping[str, Any]] | None = None,
) -> None:
    """Write ``kratos.yaml`` and ``hydra.yaml`` into the plan's folder, readable by the user only."""
    make_folder(plan.folder)
    secrets = stable_secrets(plan.folder)
    for kind in CONFIGURATIONS:
        server = plan.server(kind, secrets=secrets, identity_schema=schema_url(identity_schema))
        text = configuration_text(
            kind,
            site,
            server,
            overrides=(overrides or {}).get(kind.name),
            title=f"{kind.title} of the development stack, written anew from the project at each start.",
        )
        _write_private(plan.folder / f"{kind.name}.yaml", text)


def stable_secrets(folder: Path) -> dict[str, str]:
    """The secrets of this folder, made when there are none. They must live as long as its databases."""
    file = folder / "secrets.json"
    known: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
    secrets = {**random_secrets(), **known}
    if secrets != known:
        make_folder(folder)
        _write_private(file, json.dumps(secrets))
    return secrets


def _write_private(file: Path, text: str) -> None:
    file.touch(mode=0o600)
    file.write_text(text, encoding="utf-8")
