"""Ports of this machine: free ones, and messages about ports in use."""

from __future__ import annotations

import os
import socket
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import SystemRandom

from .errors import DevstackError

HOST = "127.0.0.1"
"""The address of all servers: none is reachable from the network. Browsers use the name ``localhost``."""

# Below the range of outgoing connections: the system could give such a port to one before our server listens.
_PORT_RANGE = range(20_000, 32_768)
_random = SystemRandom()  # test runners seed the default generator equally in all their workers


@dataclass(frozen=True, kw_only=True)
class Ports:
    """The ports of one stack. The defaults are those of Ory's documentation."""

    kratos_public: int = 4433
    kratos_admin: int = 4434
    hydra_public: int = 4444
    hydra_admin: int = 4445
    smtp: int = 1025

    def get_pair(self, server: str) -> tuple[int, int]:
        """Return the public and the admin port of ``kratos`` or ``hydra``."""
        return getattr(self, f"{server}_public"), getattr(self, f"{server}_admin")

    @property
    def ory_setting(self) -> dict[str, dict[str, str]]:
        """The value of ``settings.ORY`` for servers on these ports."""
        urls = {name: f"http://localhost:{port}" for name, port in vars(self).items() if name != "smtp"}
        return {"default": {f"{name.upper()}_URL": url for name, url in urls.items()}}


def find_free_ports(count: int) -> list[int]:
    """Return ``count`` different free ports.

    Another process that calls this function gets other ports as long as this process runs.
    """
    found: list[int] = []
    while len(found) < count:
        port = _random.choice(_PORT_RANGE)
        if port not in found and _claim(port) and is_free(port):
            found.append(port)
    return found


def _claim(port: int) -> bool:
    """Lock one byte of a file for the port, until this process ends. Returns False if already locked."""
    import fcntl

    try:
        fcntl.lockf(_open_claims(), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
    except OSError:
        return False
    return True


@cache
def _open_claims() -> int:
    """Return the file descriptor of the claims. Closing would release every claim."""
    file = Path(tempfile.gettempdir()) / f"django-ory-ports-{os.getuid()}"
    return os.open(file, os.O_RDWR | os.O_CREAT, 0o600)


def is_free(port: int) -> bool:
    """Return whether a server could listen on this port now."""
    with socket.socket() as probe:
        # Servers set this option, too: connections that are closing do not block the port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def is_listening(port: int) -> bool:
    """Return whether the port accepts connections."""
    try:
        with socket.create_connection((HOST, port), timeout=1):
            return True
    except OSError:
        return False


def require_free_port(port: int, title: str) -> None:
    """Raise DevstackError if another program uses the port. ``title`` names the server."""
    if not is_free(port):
        raise DevstackError(
            f"Port {port}, needed by {title}, is in use by another program. End that program (find it with: "
            f"lsof -i :{port}) or choose another port."
        )


def check_ports(wanted: Mapping[str, tuple[str, int]]) -> None:
    """Check that all ports are free and different. ``wanted`` maps an option to a server's title and port.

    Raises DevstackError that lists every port in use with the option that changes it.
    """
    problems = []
    seen: dict[int, str] = {}
    for option, (title, port) in wanted.items():
        if port in seen:
            problems.append(
                f"Port {port} is meant for both {seen[port]} and {title}. Choose another with {option}."
            )
        elif not is_free(port):
            problems.append(
                f"Port {port}, needed by {title}, is in use by another program. End that program "
                f"(find it with: lsof -i :{port}) or choose another port with {option}."
            )
        seen.setdefault(port, title)
    if problems:
        raise DevstackError("\n".join(problems))
