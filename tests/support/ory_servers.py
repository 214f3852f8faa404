"""Kratos and Hydra with configurations that ``manage.py ory_config`` prints."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from django_ory.devstack.servers.server import OryServer

__all__ = ["run_servers"]


@contextmanager
def run_servers(configs: Mapping[OryServer, str]) -> Iterator[None]:
    """Run each server with its configuration, from new databases. All are ready at the start of the block."""
    with ExitStack() as closing:
        for server, config in configs.items():
            server.config.write_text(config)
            server.overrides.write_text("{}")
            server.migrate()
            closing.callback(server.stop)
            server.start()
        for server in configs:
            server.wait_ready()
            server.check_configuration()
        yield
