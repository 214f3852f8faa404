"""``OryStack``: a real Kratos, a real Hydra and a mailbox for the length of a ``with`` block."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

from django_ory.conf import DEFAULT_ALIAS
from django_ory.devstack.errors import DevstackError
from django_ory.devstack.ports import Ports, find_free_ports
from django_ory.devstack.servers.binaries import find_server
from django_ory.devstack.servers.server import OryServer
from django_ory.devstack.servers.specs import HYDRA, KRATOS, ServerSpec

from .mails import run_smtp_sink
from .plan import StackAddresses, write_configs
from .snapshots import Snapshot

_snapshots: dict[tuple[Path, ...], Snapshot] = {}
"""By the binaries of the servers."""


class OryStack(StackAddresses):
    """Kratos and Hydra on free ports, configured from the Django project of this process.

    Args:
        site_url: The URL of the site. Default: ``http://localhost`` on a free port.
        folder: The data folder, which is kept. Default: a temporary folder, removed at the end. All stacks of
            a process with temporary folders share Hydra's signing keys, which take seconds to create.
        alias: The entry of ``settings.ORY`` with the site's name and allowed hosts.
        identity_schema: File or URL of the JSON schema of identities.
        config_overrides: Merged into the configurations: ``{"kratos": {"session": {"lifespan": "1s"}}}``.
            A ``dsn`` replaces the SQLite database of that server.
        config_files: YAML or JSON files that the servers merge into their configurations, by name of the
            server.
        say: Receives lines about the progress of a build.

    Raises DevstackError if a server cannot be found, built or started. The servers stop when this process
    ends, even if killed.
    """

    def __init__(
        self,
        *,
        site_url: str = "",
        ports: Ports | None = None,
        folder: Path | None = None,
        alias: str = DEFAULT_ALIAS,
        identity_schema: str = "",
        config_overrides: Mapping[str, Mapping[str, Any]] | None = None,
        config_files: Mapping[str, Path] | None = None,
        say: Callable[[str], None] = lambda _line: None,
    ) -> None:
        self._config_files = config_files or {}
        for file in self._config_files.values():
            if not file.is_file():
                raise DevstackError(f"{file} is not a file.")
        binaries = {spec: find_server(spec, say=say) for spec in (KRATOS, HYDRA)}
        site_port, *others = find_free_ports(6)
        super().__init__(
            folder=(folder or Path(tempfile.mkdtemp(prefix="django-ory-"))).resolve(),
            site_url=site_url.rstrip("/") or f"http://localhost:{site_port}",
            ports=ports or Ports(**dict(zip(Ports.__dataclass_fields__, others, strict=True))),
        )
        self._is_temporary = folder is None
        self._binaries = tuple(binaries.values())
        self._alias = alias
        self._identity_schema = identity_schema
        self._overrides = config_overrides or {}
        self._closing = ExitStack()
        self.kratos = self._build_server(KRATOS, binaries[KRATOS])
        self.hydra = self._build_server(HYDRA, binaries[HYDRA])
        self.servers = (self.kratos, self.hydra)

    def start(self) -> None:
        """Write the configurations, start the mailbox and both servers, and wait until they are ready.

        Raises DevstackError if one does not start; everything is stopped then.
        """
        # Settings modules import this package: Django's URLs are imported after the settings.
        from django_ory.devstack.config.site import SiteUrls

        snapshot = _snapshots.get(self._binaries) if self._has_usual_databases() else None
        try:
            if snapshot is not None:
                snapshot.write(self.folder)
            write_configs(
                self,
                SiteUrls.from_project(self.site_url, alias=self._alias),
                identity_schema=self._identity_schema,
                overrides=self._overrides,
            )
            self._closing.enter_context(run_smtp_sink(self.mail_folder, port=self.ports.smtp))
            for server in self.servers:
                if snapshot is None:
                    server.migrate()
                self._closing.callback(server.stop)
                server.start()
            for server in self.servers:
                server.wait_ready()
                server.check_configuration()
            if snapshot is None and self._has_usual_databases():
                _snapshots[self._binaries] = Snapshot.from_folder(self.folder)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop everything and remove the temporary folder. A second call has no effect."""
        self._closing.close()
        if self._is_temporary:
            shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _has_usual_databases(self) -> bool:
        """Return whether the databases are new and encrypted with the secrets of the folder."""
        changed = {name for overrides in self._overrides.values() for name in overrides}
        return self._is_temporary and not self._config_files and changed.isdisjoint({"dsn", "secrets"})

    def _build_server(self, spec: ServerSpec, binary: Path) -> OryServer:
        public, admin = self.ports.get_pair(spec.name)
        return OryServer(
            spec,
            binary=binary,
            folder=self.folder,
            public_port=public,
            admin_port=admin,
            # The environment variable DSN overrides the file, and Hydra's migration ignores the file.
            dsn=self._overrides.get(spec.name, {}).get("dsn", ""),
            more_config=self._config_files.get(spec.name),
        )
