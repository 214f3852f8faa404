"""What both configurations are made from besides the site: the addresses and secrets of the servers."""

from __future__ import annotations

import secrets as random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "FILL_IN",
    "PROVIDER_PAGES",
    "SELFSERVICE_PAGES",
    "ServerPlan",
    "duration",
    "random_secrets",
    "sqlite_dsn",
]

SELFSERVICE_PAGES = ("login", "registration", "recovery", "verification", "settings", "error")
PROVIDER_PAGES = ("oauth2_login", "oauth2_consent", "oauth2_logout", "oauth2_error")
"""The names of the pages, in the namespace ``ory``, that Kratos and Hydra send browsers to."""

FILL_IN = "FILL-IN"
"""Stands for a secret. Too short for one on purpose: the servers refuse to start with it."""


@dataclass(frozen=True, kw_only=True)
class ServerPlan:
    """One server, as its configuration needs it."""

    public_url: str
    """As browsers reach it."""
    admin_url: str
    public_port: int
    admin_port: int
    server_version: tuple[int, int, int]
    dev: bool
    """On this machine, on plain HTTP, with the secrets below; else a template for production to fill in."""
    dsn: str = field(default=FILL_IN, repr=False)
    secrets: dict[str, str] | None = field(default=None, repr=False)
    identity_schema: str = ""
    """URL of the JSON schema (``file://``, ``https://``, ``base64://``). Empty: the default one, embedded."""
    smtp_url: str = field(default="", repr=False)

    @property
    def version(self) -> str:
        """The version of the server as Ory writes it: ``v1.3.1``."""
        return f"v{'.'.join(map(str, self.server_version))}"


def sqlite_dsn(file: Path) -> str:
    """Ory's address of an SQLite database, for a development machine.

    A crash of the system may lose the last writes; nothing waits for the disk. ``lock=false``: the servers'
    database layer guards SQLite by a mutex of its own; it waits for SQLite's lock while the holder of that
    lock waits for the mutex, until both give up. Without it, transactions must take SQLite's lock when they
    begin (``_txlock``): one that asks later is refused.
    """
    options = "_fk=true&_journal_mode=WAL&_synchronous=off&_busy_timeout=10000&_txlock=immediate&lock=false"
    return f"sqlite://{file}?{options}"


def random_secrets() -> dict[str, str]:
    """New secrets for a development stack. Kratos' cipher wants exactly 32 characters."""
    return {name: random.token_hex(16) for name in ("cookie", "cipher", "system", "pagination")}


def duration(seconds: int) -> str:
    """As Ory writes it: the largest unit that divides it, ``336h`` or ``90s``."""
    for size, unit in ((3600, "h"), (60, "m")):
        if seconds and seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"
