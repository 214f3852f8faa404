"""A tiny program that ends the servers when the process that started them is gone, even by SIGKILL.

It reads ``+PID`` and ``-PID`` lines from its standard input, which only that process holds open; at the
end of the input it ends the process groups that are left. Run as a file: it imports nothing but the
standard library.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

GRACE = 5.0  # seconds between asking and killing


def main(lines: Iterable[str]) -> None:
    """Follow the lines until they end, then end what is left."""
    groups: set[int] = set()
    for line in lines:
        change, pid = line[0], int(line[1:])
        if change == "+":
            groups.add(pid)
        else:
            groups.discard(pid)
    deadline = time.monotonic() + GRACE
    for group in groups:
        # A stopped process only hears SIGTERM once it continues.
        _signal(group, signal.SIGTERM)
        _signal(group, signal.SIGCONT)
    while groups and time.monotonic() < deadline:
        groups = {group for group in groups if _signal(group, 0)}
        time.sleep(0.05)
    for group in groups:
        _signal(group, signal.SIGKILL)


def _signal(group: int, number: int) -> bool:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)
        return True
    return False


if __name__ == "__main__":
    # Ctrl-C is for the process that started the servers; this one goes when that one has gone.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    main(sys.stdin)
