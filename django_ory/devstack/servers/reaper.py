"""Ends servers when the process that started them has ended, even by SIGKILL.

Reads ``+PID`` and ``-PID`` lines from the standard input, which only that process holds open. At the end of
the input the process groups that are left are ended. Runs as a script, with the standard library only.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Iterable

GRACE_SECONDS = 5.0
"""The time between SIGTERM and SIGKILL."""


def main(lines: Iterable[str]) -> None:
    """Read the lines to their end, then end the process groups that are left."""
    groups: set[int] = set()
    for line in lines:
        pid = int(line[1:])
        if line[0] == "+":
            groups.add(pid)
        else:
            groups.discard(pid)
    deadline = time.monotonic() + GRACE_SECONDS
    for group in groups:
        _send(group, signal.SIGTERM)
        _send(group, signal.SIGCONT)  # a paused process handles SIGTERM after SIGCONT
    while groups and time.monotonic() < deadline:
        groups = {group for group in groups if _send(group, 0)}
        time.sleep(0.05)
    for group in groups:
        _send(group, signal.SIGKILL)


def _send(group: int, number: int) -> bool:
    """Send a signal. Returns False if the group has ended."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)
        return True
    return False


if __name__ == "__main__":
    # Ctrl-C is for the process that started the servers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    main(sys.stdin)
