"""Finds a server: a given path or environment variable, PATH, our cache; else builds it with Go."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import DevstackError

if TYPE_CHECKING:
    from collections.abc import Callable

    from .kinds import ServerKind

__all__ = ["find_server"]


def find_server(
    kind: ServerKind, *, explicit: str | Path | None = None, say: Callable[[str], None] = lambda _line: None
) -> Path:
    """The binary of a server, built when there is none. ``say`` gets lines about what happens.

    Raises DevstackError if a given path is no program, or if it cannot be built; it says what to install.
    """
    for path, source in ((explicit, "the given path"), (os.environ.get(kind.variable), kind.variable)):
        if path:
            return _program(kind, Path(path), source)
    on_path = shutil.which(kind.name)
    if on_path:
        say(f"{kind.title}: {on_path} (found on PATH)")
        return Path(on_path)
    from .building import build_server

    return build_server(kind, say=say)


def _program(kind: ServerKind, path: Path, source: str) -> Path:
    path = path.expanduser().resolve()
    if not path.is_file() or not os.access(path, os.X_OK):
        raise DevstackError(f"{kind.title}: {path}, from {source}, is not an executable file.")
    return path
