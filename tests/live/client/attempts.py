"""Attempts that end in an error, with the operation, error class, status and further checks."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from django_ory.client import OryAPIError

    from .world import World

UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"
Act = Callable[["World"], object]


class Attempt(NamedTuple):
    """One attempt and its error. ``short_lived``: on the servers with flows of two seconds."""

    operation: str
    kind: type[OryAPIError]
    status: int
    act: Act
    check: Callable[[OryAPIError], None] | None
    short_lived: bool


ATTEMPTS: list[Attempt] = []


def fails(
    operation: str,
    kind: type[OryAPIError],
    status: int,
    *,
    check: Callable[[OryAPIError], None] | None = None,
    short_lived: bool = False,
) -> Callable[[Act], Act]:
    """Register an attempt that ends in an error."""

    def register(act: Act) -> Act:
        ATTEMPTS.append(Attempt(operation, kind, status, act, check, short_lived))
        return act

    return register


def table(kind: type[OryAPIError], status: int, attempts: dict[str, Act]) -> None:
    """Register attempts of one line each."""
    for operation, act in attempts.items():
        fails(operation, kind, status)(act)
