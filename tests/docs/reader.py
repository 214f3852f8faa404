"""A reader of the documentation, one for each process of the test run."""

from __future__ import annotations

import shutil
from contextlib import ExitStack
from typing import TYPE_CHECKING

from django_ory.devstack import OryStack, Ports, StackAddresses
from django_ory.devstack.ports import find_free_ports
from django_ory.devstack.servers.binaries import find_server
from django_ory.devstack.servers.specs import SERVERS
from tests.live.services import find_nginx, postgres_server
from tests.support.guides import ROOT, GuideError, GuideRun

from .pages import PAGES

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.guides import Environments

__all__ = ["Reader"]

#: Ports that pages use. Each has a free port of this machine.
DOCUMENTED_PORTS = (
    *(4433, 4434, 4444, 4445, 1025, 8025),
    *(8000, 8001, 8002, 8003, 8004, 8005, 8080, 8443, 3000, 9000, 5432, 6379),
)


class Reader:
    """Follows pages, each once. What the last page has started runs until the next page."""

    def __init__(self, folder: Path, environments: Environments) -> None:
        self._folder = folder
        self._environments = environments
        self.ports = dict(zip(DOCUMENTED_PORTS, find_free_ports(len(DOCUMENTED_PORTS)), strict=True))
        self._runs: dict[str, GuideRun] = {}
        self._failures: dict[str, GuideError] = {}
        self._visited: set[str] = set()
        self._current = ""
        self._open = ExitStack()
        self._lasting = ExitStack()

    def follow(self, name: str) -> GuideRun:
        """Follow a page, after the page that it continues, unless this was done before.

        Returns the run, with its servers running. Raises GuideError if the page cannot be followed.
        """
        if name in self._failures:
            raise self._failures[name]
        if name == self._current:
            return self._runs[name]
        if name in self._runs:
            self.close()
            self._start_ory(name)
            self._open.callback(self._runs[name].stop)
            self._runs[name].resume()
        else:
            try:
                self._runs[name] = self._follow_first(name)
            except GuideError as error:
                self._failures[name] = error
                self.close()
                raise
        self._current = name
        return self._runs[name]

    def visit(self, name: str) -> GuideRun:
        """Follow a page for a test that changes its data. Pages that continue it get the data of the page."""
        self.follow(name)
        is_continued = any(page.continues == name for page in PAGES.values())
        if is_continued and name not in self._visited:
            self.close()
            folder = self._get_page_folder(name)
            shutil.copytree(folder, folder.with_name(f"{folder.name}-end"), symlinks=True)
            self._visited.add(name)
        return self.follow(name)

    def get_stack(self, name: str) -> StackAddresses:
        """Return the addresses and the mails of the servers of a page that was followed."""
        run = self._runs[name]
        folder = self._get_data_folder(name) if PAGES[name].servers else run.current_folder / ".ory"
        return StackAddresses(folder=folder, site_url=self._site_url, ports=self._ory_ports)

    def close(self) -> None:
        """Stop what the last page has started."""
        self._current = ""
        self._open.close()

    def end(self) -> None:
        """Stop everything, at the end of the tests."""
        self.close()
        self._lasting.close()

    def _follow_first(self, name: str) -> GuideRun:
        page = PAGES[name]
        run = GuideRun(
            ROOT / name,
            self._get_page_folder(name) / "work",
            self._environments,
            ports={port: free for port, free in self.ports.items() if port not in page.kept_ports},
            replace=page.replace,
            environment=page.environment,
            elsewhere=frozenset(page.elsewhere),
            programs=self._link_programs() if page.programs else None,
        )
        run.folder.mkdir(parents=True)
        if page.continues:
            # Its servers are not needed: those of this page start below.
            earlier = self._runs.get(page.continues) or self.follow(page.continues)
            self.close()
            run.continue_from(earlier, folder=self._get_end_folder(page.continues) / "work")
        self.close()
        self._start_ory(name)
        if page.programs:
            run.environment = {**self._start_postgres(), **run.environment}
        self._open.callback(run.stop)
        return run.follow()

    def _start_postgres(self) -> dict[str, str]:
        """Start PostgreSQL for the rest of the tests. Returns the variables with which psql finds it."""
        database = self._lasting.enter_context(postgres_server(port=self.ports[5432]))
        return {"PGHOST": database["HOST"], "PGPORT": database["PORT"], "PGUSER": database["USER"]}

    def _link_programs(self) -> Path:
        """Return a folder with the programs of Ory's servers, and nginx, under their usual names."""
        folder = self._folder / "programs"
        if not folder.exists():
            folder.mkdir()
            for name, spec in SERVERS.items():
                (folder / name).symlink_to(find_server(spec))
            (folder / "nginx").symlink_to(find_nginx())
        return folder

    def _start_ory(self, name: str) -> None:
        """Start Kratos and Hydra for a page, with the data that the continued page left."""
        page = PAGES[name]
        if not page.servers:
            return
        folder = self._get_data_folder(name)
        if not folder.exists():
            is_continued = bool(page.continues) and PAGES[page.continues].servers
            end = self._get_end_folder(page.continues) / "ory"
            shutil.copytree(end if is_continued else self._build_empty_data(), folder)
        self._open.enter_context(OryStack(site_url=self._site_url, ports=self._ory_ports, folder=folder))

    def _build_empty_data(self) -> Path:
        """Return a data folder of Kratos and Hydra with migrated databases."""
        folder = self._folder / "empty-ory"
        if not folder.exists():
            with OryStack(site_url=self._site_url, ports=self._ory_ports, folder=folder):
                pass
        return folder

    @property
    def _site_url(self) -> str:
        return f"http://localhost:{self.ports[8000]}"

    @property
    def _ory_ports(self) -> Ports:
        return Ports(**{name: self.ports[port] for name, port in vars(Ports()).items()})

    def _get_page_folder(self, name: str) -> Path:
        return self._folder / name.removesuffix(".md").replace("/", "-")

    def _get_end_folder(self, name: str) -> Path:
        """Return the files at the end of the page, before the tests that changed them."""
        folder = self._get_page_folder(name)
        return folder.with_name(f"{folder.name}-end") if name in self._visited else folder

    def _get_data_folder(self, name: str) -> Path:
        return self._get_page_folder(name) / "ory"
