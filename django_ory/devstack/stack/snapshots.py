"""The databases of a new stack, for the next stacks of the same process.

Creating the tables of Kratos and the signing keys of Hydra takes seconds. Both are equal for all stacks.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from .plan import load_or_create_secrets, write_secrets


@dataclass(frozen=True)
class Snapshot:
    """The databases of a stack without data, and the secret that encrypts the keys of Hydra."""

    databases: dict[str, bytes] = field(repr=False)
    """The content by the name of the file."""
    system_secret: str = field(repr=False)

    @classmethod
    def from_folder(cls, folder: Path) -> Self:
        """Read the databases of the running servers with this data folder."""
        databases = {}
        for file in folder.glob("*.sqlite3"):
            with closing(sqlite3.connect(file)) as connection:
                databases[file.name] = connection.serialize()
        return cls(databases=databases, system_secret=load_or_create_secrets(folder)["system"])

    def write(self, folder: Path) -> None:
        """Write the databases into the data folder of a new stack. Its other secrets are its own."""
        for name, content in self.databases.items():
            (folder / name).write_bytes(content)
        write_secrets(folder, {"system": self.system_secret})
