"""Ports of this machine: which are free, and what to say about those that are not."""

from __future__ import annotations

import socket
from contextlib import ExitStack
from typing import TYPE_CHECKING

from .errors import DevstackError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["HOST", "check_ports", "free_ports", "is_free"]

HOST = "127.0.0.1"
"""Where everything listens: never on the network. Browsers come by the name ``localhost``."""


def free_ports(count: int) -> list[int]:
    """``count`` different ports that nobody listens on at this moment."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind((HOST, 0))
        return [one.getsockname()[1] for one in sockets]


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
                f"Port {port}, needed by {title}, is in use by another program. End that program (find it "
                f"with: "
                f"lsof -i :{port}) or choose another port with {option}."
            )
        seen.setdefault(port, title)
    if problems:
        raise DevstackError("\n".join(problems))
