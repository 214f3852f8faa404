"""Keeps children running: who ends is reported with the end of its log and started again, later each time."""

from __future__ import annotations

import signal
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from .errors import DevstackError
from .process import tail

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

__all__ = ["Keepable", "Kept", "Supervisor"]

FIRST_DELAY = 1.0  # seconds; doubled with each crash
LONGEST_DELAY = 30.0
STEADY_SECONDS = 60.0
"""Who has run this long may crash again without waiting longer than the first time."""


class Keepable(Protocol):
    """What a supervisor needs to know of a child."""

    def returncode(self) -> int | None:
        """How it ended, None while it runs."""

    def is_ready(self) -> bool:
        """Whether something answers in its place now, be it the child or another process."""

    def start(self) -> None:
        """Start it again. Raises DevstackError if it cannot start."""


@dataclass
class Kept:
    """One child and what has become of it."""

    title: str
    child: Keepable
    log: Path | None = None
    """Its output, None if that is on the terminal already."""
    delay: float = field(default_factory=lambda: FIRST_DELAY)
    started_at: float = field(default_factory=time.monotonic)
    restart_at: float | None = None
    """When to start it again; None while it runs."""
    announced: bool = True
    """Whether it was said that it is ready."""


class Supervisor:
    """Call ``look`` often. It never waits and never raises because of a child."""

    def __init__(self, kept: Sequence[Kept], *, say: Callable[[str], None]) -> None:
        self.kept = kept
        self._say = say

    def look(self) -> None:
        """See who has ended, start again whose time has come, tell who is back."""
        for one in self.kept:
            if one.restart_at is not None:
                if time.monotonic() >= one.restart_at:
                    self._restart(one)
            elif one.child.returncode() is not None:
                self._ended(one)
            elif not one.announced and one.child.is_ready():
                one.announced = True
                self._say(f"{one.title} is back.")

    def _ended(self, one: Kept) -> None:
        if time.monotonic() - one.started_at >= STEADY_SECONDS:
            one.delay = FIRST_DELAY
        end = f" The end of {one.log}:\n{tail(one.log)}" if one.log else ""
        self._later(one, describe(one.child.returncode()), end)

    def _later(self, one: Kept, why: str, end: str = "") -> None:
        self._say(f"{one.title} {why}; starting it again in {one.delay:.0f} s.{end}")
        one.restart_at = time.monotonic() + one.delay
        one.announced = False
        one.delay = min(one.delay * 2, LONGEST_DELAY)

    def _restart(self, one: Kept) -> None:
        if one.child.is_ready():
            # Somebody was faster by hand. Theirs is as good; look again later, should it go.
            if not one.announced:
                self._say(f"{one.title} was started by somebody else; leaving it alone.")
                one.announced = True
            one.restart_at = time.monotonic() + FIRST_DELAY
            return
        one.started_at = time.monotonic()
        one.restart_at = None
        one.announced = False
        try:
            one.child.start()
        except DevstackError as error:
            self._later(one, "cannot start", f" {error}")


def describe(code: int | None) -> str:
    """In words, how a process ended."""
    if code is None:
        return "runs"
    if code >= 0:
        return f"ended with code {code}"
    try:
        return f"was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"was ended by signal {-code}"
