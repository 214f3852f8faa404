"""Kratos and Hydra with the configurations that ``manage.py ory_config`` prints, without an edit."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from django_ory.devstack import StackAddresses
from django_ory.devstack.ports import Ports, find_free_ports
from django_ory.devstack.servers.binaries import find_server
from django_ory.devstack.servers.server import OryServer
from django_ory.devstack.servers.specs import SERVERS
from tests.support.ory_servers import run_servers

from .servers import build_example_site

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .servers import ServedSite

__all__ = ["run_printed_stack"]


@contextmanager
def run_printed_stack(folder: Path, **variables: str) -> Iterator[tuple[StackAddresses, ServedSite]]:
    """Run both servers as ``ory_config --dev`` of Toolshelf configures them. Yields the stack and Toolshelf.

    ``variables``: of Toolshelf's environment.
    """
    site_port, *others = find_free_ports(6)
    ports = Ports(**dict(zip(Ports.__dataclass_fields__, others, strict=True)))
    stack = StackAddresses(folder=folder, site_url=f"http://localhost:{site_port}", ports=ports)
    site = build_example_site(stack, folder=folder, **variables)

    def print_config(name: str) -> str:
        return site.manage("ory_config", name, "--dev", "--site-url", stack.site_url)

    servers = []
    for name, spec in SERVERS.items():
        public, admin = ports.get_pair(name)
        servers.append(
            OryServer(spec, binary=find_server(spec), folder=folder, public_port=public, admin_port=admin)
        )
    with ThreadPoolExecutor() as pool:
        configs = dict(zip(servers, pool.map(print_config, SERVERS), strict=True))
    with ExitStack() as closing:
        closing.enter_context(run_servers(configs))
        closing.callback(site.stop)
        site.start()
        yield stack, site
