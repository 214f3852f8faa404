"""Finds a server: by its environment variable, on PATH, in our cache; else builds it with Go."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import DevstackError

if TYPE_CHECKING:
    from collections.abc import Callable

    from .kinds import ServerKind

__all__ = ["find_server"]

VERSION_SECONDS = 10.0
"""How long a program on PATH may take to say what it is."""

# What "kratos version" and "hydra version" begin with.
_VERSION = re.compile(r"Version:\s+\S+\s+(Build Commit|Git Hash):")


def find_server(kind: ServerKind, *, say: Callable[[str], None] = lambda _line: None) -> Path:
    """The binary of a server, built when there is none. ``say`` gets lines about what happens.

    Raises DevstackError if the environment variable names no program, or if it cannot be built; it says what
    to install.
    """
    named = os.environ.get(kind.variable)
    if named:
        path = Path(named).expanduser().resolve()
        if not path.is_file() or not os.access(path, os.X_OK):
            raise DevstackError(f"{kind.title}: {path}, from {kind.variable}, is not an executable file.")
        return path
    on_path = shutil.which(kind.name)
    if on_path and _is_orys(on_path):
        say(f"{kind.title}: {on_path} (found on PATH)")
        return Path(on_path)
    if on_path:
        say(f"{kind.title}: {on_path}, found on PATH, is not Ory's {kind.name}; passing it over.")
    from .building import build_server

    return build_server(kind, say=say)


def _is_orys(program: str) -> bool:
    """Whether it tells its version as Ory's servers do. Debian's hydra, for one, cracks passwords."""
    try:
        answer = subprocess.run(
            [program, "version"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            errors="replace",
            timeout=VERSION_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return _VERSION.match(answer.stdout) is not None
