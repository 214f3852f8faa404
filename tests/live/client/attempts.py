"""Attempts that end in an error: at which operation, in which class and status, and what else to check."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from django_ory.client import OryAPIError

    from .world import World

NOBODY = "00000000-0000-4000-8000-000000000000"
Act = Callable[["World"], object]


class Attempt(NamedTuple):
    """One attempt and the error it must end in. ``hasty``: with the servers whose flows last two seconds."""

    operation: str
    kind: type[OryAPIError]
    status: int
    act: Act
    check: Callable[[OryAPIError], None] | None
    hasty: bool


ATTEMPTS: list[Attempt] = []


def fails(
    operation: str,
    kind: type[OryAPIError],
    status: int,
    *,
    check: Callable[[OryAPIError], None] | None = None,
    hasty: bool = False,
) -> Callable[[Act], Act]:
    """Register an attempt that ends in an error."""

    def register(act: Act) -> Act:
        ATTEMPTS.append(Attempt(operation, kind, status, act, check, hasty))
        return act

    return register


def table(kind: type[OryAPIError], status: int, attempts: dict[str, Act]) -> None:
    """Register attempts that need no more than one line."""
    for operation, act in attempts.items():
        fails(operation, kind, status)(act)
