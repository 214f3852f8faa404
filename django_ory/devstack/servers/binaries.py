"""Finds the binary of a server: by its environment variable, on PATH, in the cache, or by a build with Go."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from django_ory.devstack.errors import DevstackError

from .building import build_server
from .specs import ServerSpec

VERSION_SECONDS = 10.0
"""The timeout of ``kratos version``."""

_VERSION_OUTPUT = re.compile(r"Version:\s+\S+\s+(Build Commit|Git Hash):")


def find_server(spec: ServerSpec, *, say: Callable[[str], None] = lambda _line: None) -> Path:
    """Return the binary of a server, which is built if there is none. ``say`` receives lines about progress.

    Raises DevstackError if the environment variable names no program, or if the build fails.
    """
    configured = os.environ.get(spec.variable)
    if configured:
        path = Path(configured).expanduser().resolve()
        if not path.is_file() or not os.access(path, os.X_OK):
            raise DevstackError(f"{spec.title}: {path}, from {spec.variable}, is not an executable file.")
        return path
    on_path = shutil.which(spec.name)
    if on_path and _is_from_ory(on_path):
        say(f"{spec.title}: {on_path} (found on PATH)")
        return Path(on_path)
    if on_path:
        say(f"{spec.title}: {on_path}, found on PATH, is not Ory's {spec.name}. It is ignored.")
    return build_server(spec, say=say)


def _is_from_ory(program: str) -> bool:
    """Return whether the program prints its version like Ory's servers. Debian's hydra cracks passwords."""
    try:
        done = subprocess.run(
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
    return _VERSION_OUTPUT.match(done.stdout) is not None
