"""Ports of this machine: which are free, and what to say about those that are not."""

from __future__ import annotations

import os
import socket
import tempfile
from functools import cache
from pathlib import Path
from random import SystemRandom
from typing import TYPE_CHECKING

from .errors import DevstackError

if TYPE_CHECKING:
    from collections.abc import Mapping
__all__ = ["HOST", "check_ports", "free_ports", "is_free", "require_free"]

HOST = "127.0.0.1"
"""Where everything listens: never on the network. Browsers come by the name ``localhost``."""


_BELOW_THE_SYSTEMS_OWN = range(20_000, 32_768)
# What the system hands out for outgoing connections lies above: such a port could be taken again before our
# server listens on it. Not the seedable generator: test runners give all their workers the same seed.
_random = SystemRandom()


def free_ports(count: int) -> list[int]:
    """``count`` different ports that nobody listens on at this moment.

    No other process that asks here gets one of them while this process lives: between this and the moment
    that a server listens, another test run may look for ports, too.
    """
    found: list[int] = []
    while len(found) < count:
        port = _random.choice(_BELOW_THE_SYSTEMS_OWN)
        if port not in found and _claim(port) and is_free(port):
            found.append(port)
    return found


def _claim(port: int) -> bool:
    import fcntl

    try:
        # A byte of the file for each port. Such locks belong to the process and end with it.
        fcntl.lockf(_claims(), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
    except OSError:
        return False
    return True


@cache
def _claims() -> int:
    """Stays open: closing it would give up every claim."""
    file = Path(tempfile.gettempdir()) / f"django-ory-ports-{os.getuid()}"
    return os.open(file, os.O_RDWR | os.O_CREAT, 0o600)


def is_free(port: int) -> bool:
    """Whether a server could listen on this port now."""
    with socket.socket() as probe:
        # As servers do: a port whose last connections are still closing down counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def require_free(port: int, title: str) -> None:
    """Raises DevstackError if somebody else has the port that ``title`` is about to listen on."""
    if not is_free(port):
        raise DevstackError(f"Port {port}, needed by {title}, is in use by another program.")


def check_ports(wanted: Mapping[str, tuple[str, int]]) -> None:
    """Make sure that every port can be had. ``wanted`` maps an option to what needs the port and its number.

    Raises DevstackError that names every port that is taken or asked for twice, and the option that
    chooses another.
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
