"""``OryStack``: a real Kratos, a real Hydra and a mailbox for the length of a ``with`` block."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from django_ory.conf import DEFAULT_ALIAS

from .binaries import find_server
from .kinds import HYDRA, KRATOS
from .mails import Mail, Mailbox
from .plan import Ports, StackPlan, write_configurations
from .ports import free_ports
from .process import Guard
from .project import environment_for
from .server import OryServer
from .sink import MailSink

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType

    from .kinds import ServerKind

__all__ = ["OryStack", "RunningStack", "StackAddresses", "new_plan"]


class StackAddresses:
    """Where a stack is and what it received; the same for whoever runs it and whoever only uses it."""

    def __init__(self, plan: StackPlan) -> None:
        self.plan = plan
        self.site_url = plan.site_url
        self.folder = plan.folder
        self.kratos_public_url = f"http://localhost:{plan.ports.kratos_public}"
        self.kratos_admin_url = f"http://localhost:{plan.ports.kratos_admin}"
        self.hydra_public_url = f"http://localhost:{plan.ports.hydra_public}"
        self.hydra_admin_url = f"http://localhost:{plan.ports.hydra_admin}"
        self.mails = Mailbox(plan.mails)

    @property
    def ory_setting(self) -> dict[str, dict[str, Any]]:
        """What ``settings.ORY`` has to be for this stack."""
        return self.plan.ory_setting

    @property
    def environment(self) -> dict[str, str]:
        """Environment variables for another Django process whose settings use ``ory_settings()``."""
        return environment_for(self.ory_setting, folder=self.folder)

    def wait_for_mail(
        self, to: str, subject_contains: str = "", timeout: float = 15.0, *, after: str = ""
    ) -> Mail:
        """The newest mail to this address; see ``Mailbox.wait_for_mail``."""
        return self.mails.wait_for_mail(to, subject_contains=subject_contains, timeout=timeout, after=after)


class RunningStack(StackAddresses):
    """Runs what a plan describes; its configurations are written already. Knows no Django.

    ``dsns`` maps the name of a server to its database, if that is not an SQLite file in the plan's folder.
    """

    def __init__(
        self, plan: StackPlan, binaries: Mapping[ServerKind, Path], *, dsns: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(plan)
        self.guard = Guard()
        self._binaries = binaries
        self._dsns = dsns or {}
        self._closing = ExitStack()
        self.kratos = self._server(KRATOS)
        self.hydra = self._server(HYDRA)

    @property
    def servers(self) -> tuple[OryServer, OryServer]:
        """Both servers, in the order in which they start."""
        return self.kratos, self.hydra

    def start(self) -> None:
        """Start the mailbox and both servers, and return when they answer.

        Raises DevstackError if one does not; nothing is left running then.
        """
        with ExitStack() as closing:
            closing.callback(self.guard.close)
            sink = MailSink(self.plan.mails, port=self.plan.ports.smtp)
            sink.start()
            closing.callback(sink.stop)
            for server in self.servers:
                server.migrate()
                closing.callback(server.stop)
                server.start()
            for server in self.servers:
                server.wait_ready()
                server.check_configuration()
            self._closing = closing.pop_all()

    def stop(self) -> None:
        """End everything. Can be called twice."""
        self._closing.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def _server(self, kind: ServerKind) -> OryServer:
        public, admin = self.plan.ports.of(kind)
        return OryServer(
            kind,
            binary=self._binaries[kind],
            folder=self.folder,
            public_port=public,
            admin_port=admin,
            guard=self.guard,
            dsn=self._dsns.get(kind.name, ""),
        )


class OryStack(RunningStack):
    """Both servers on free ports, configured from this process's Django project, with data in a temporary
    folder.

    ``config_overrides={"kratos": {"session": {"lifespan": "1s"}}}`` is laid over the configurations.
    Given a ``folder``, the data stay there; else they go with the stack. However this process ends, the
    servers end with it. Raises DevstackError when it cannot start.
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
        say: Callable[[str], None] = lambda _line: None,
    ) -> None:
        self._temporary = folder is None
        self._alias = alias
        self._identity_schema = identity_schema
        self._overrides = config_overrides
        binaries = {kind: find_server(kind, say=say) for kind in (KRATOS, HYDRA)}
        plan = new_plan(
            folder or Path(tempfile.mkdtemp(prefix="django-ory-")), site_url=site_url, ports=ports
        )
        # The servers prefer the environment variable DSN to their file, and Hydra migrates by it only.
        dsns = {name: each["dsn"] for name, each in (config_overrides or {}).items() if "dsn" in each}
        super().__init__(plan, binaries, dsns=dsns)

    def start(self) -> None:
        """Write the configurations, then start everything."""
        from .site import site_from_project

        try:
            write_configurations(
                self.plan,
                site_from_project(self.site_url, alias=self._alias),
                identity_schema=self._identity_schema,
                overrides=self._overrides,
            )
            super().start()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End everything and remove the temporary folder."""
        super().stop()
        if self._temporary:
            shutil.rmtree(self.folder, ignore_errors=True)


def new_plan(folder: Path, *, site_url: str = "", ports: Ports | None = None) -> StackPlan:
    """A plan on free ports. The site gets one too (nobody listens there yet), unless its URL is given."""
    site, *others = free_ports(6)
    return StackPlan(
        folder=folder.resolve(),
        site_url=site_url.rstrip("/") or f"http://localhost:{site}",
        ports=ports or Ports(**dict(zip(Ports.__dataclass_fields__, others, strict=True))),
    )
