"""The secrets of a new deployment: files with environment variables for Kratos, Hydra, the site, PostgreSQL.

The servers let these variables override their configuration files. Files are never overwritten: with another
system secret Hydra cannot read its database, and with another cipher secret Kratos cannot.
"""

from __future__ import annotations

import os
import secrets as random
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django_ory.devstack.errors import DevstackError
from django_ory.devstack.ports import HOST

__all__ = ["DATABASE_NAMES", "SecretFilesPlan", "get_password_variable", "write_secret_files"]

DATABASE_NAMES: Final = ("kratos", "hydra", "site")
"""The databases. Each has a role of the same name."""

COMPOSE_DATABASE_HOST: Final = "postgres"


@dataclass(frozen=True, kw_only=True)
class SecretFilesPlan:
    """The place of PostgreSQL. ``is_compose``: in a container of ``ory_config compose``."""

    database_host: str = HOST
    database_port: int = 5432
    is_compose: bool = False

    @property
    def host(self) -> str:
        """The host of PostgreSQL for the servers."""
        return COMPOSE_DATABASE_HOST if self.is_compose else self.database_host


def get_password_variable(database: str) -> str:
    """Return the name of the variable with the password of a role, for the container of PostgreSQL."""
    return f"{database.upper()}_DATABASE_PASSWORD"


def write_secret_files(folder: Path, plan: SecretFilesPlan) -> list[Path]:
    """Write new secrets into a folder, readable by this user only. Returns the files.

    Raises DevstackError if one of the files exists, or cannot be written.
    """
    contents = {folder / name: text for name, text in _build_contents(plan).items()}
    existing = [str(file) for file in contents if file.exists()]
    if existing:
        raise DevstackError(
            f"Secrets exist already, so nothing was written: {', '.join(existing)}. To replace a secret, see "
            "the guide about production."
        )
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for file, text in contents.items():
            _write_new(file, text)
        if not (folder / ".gitignore").exists():
            # By name: the folder may be that of the project.
            (folder / ".gitignore").write_text("".join(f"/{file.name}\n" for file in contents))
    except OSError as error:
        raise DevstackError(f"Cannot write the secrets into {folder}: {error}") from error
    return list(contents)


def _build_contents(plan: SecretFilesPlan) -> dict[str, str]:
    passwords = {name: random.token_hex(16) for name in DATABASE_NAMES}
    contents = {
        "kratos.env": {
            "DSN": _build_dsn("kratos", passwords["kratos"], plan),
            "SECRETS_COOKIE": random.token_hex(16),
            "SECRETS_CIPHER": random.token_hex(16),  # exactly 32 characters
        },
        "hydra.env": {
            "DSN": _build_dsn("hydra", passwords["hydra"], plan),
            "SECRETS_SYSTEM": random.token_hex(16),
            "SECRETS_COOKIE": random.token_hex(16),
        },
        "site.env": {
            "SECRET_KEY": random.token_urlsafe(48),
            "DATABASE_HOST": plan.host,
            "DATABASE_PORT": str(plan.database_port),
            "DATABASE_PASSWORD": passwords["site"],
        },
    }
    if plan.is_compose:
        roles = {get_password_variable(name): password for name, password in passwords.items()}
        contents["postgres.env"] = {"POSTGRES_PASSWORD": random.token_hex(16), **roles}
    files = {name: _render_variables(variables) for name, variables in contents.items()}
    if not plan.is_compose:
        files["databases.sql"] = "".join(
            f"CREATE ROLE {name} LOGIN PASSWORD '{password}';\nCREATE DATABASE {name} OWNER {name};\n"
            for name, password in passwords.items()
        )
    return files


def _build_dsn(database: str, password: str, plan: SecretFilesPlan) -> str:
    # On the same machine or in the network of containers. Change sslmode for a server elsewhere.
    address = f"{plan.host}:{plan.database_port}"
    return f"postgres://{database}:{password}@{address}/{database}?sslmode=disable"


def _render_variables(variables: dict[str, str]) -> str:
    return "".join(f"{name}={value}\n" for name, value in variables.items())


def _write_new(file: Path, text: str) -> None:
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as output:
        output.write(text)
