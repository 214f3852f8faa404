"""Builds a server with Go, once, into the user's cache. It takes minutes, so it shows what it does."""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from .errors import DevstackError
from .extra import require
from .golang import find_go
from .lock import locked
from .process import ChildProcess, Guard, tail

if TYPE_CHECKING:
    from collections.abc import Callable

    from .golang import Go
    from .kinds import ServerKind

__all__ = ["build_server", "cached_binary"]

PROGRESS_SECONDS = 3.0
"""How often to say that it still builds."""

# A line of Go's output -> what to do about it. The first that matches is told.
_ADVICE: Final = (
    (
        r"no space left on device",
        "The disk is full. Building takes about 3 GB, most of it where go env GOCACHE GOMODCACHE says.",
    ),
    (
        r"requires go >= ",
        "Go is too old and must not fetch a newer one (GOTOOLCHAIN). Install one from https://go.dev/dl/",
    ),
    (
        r"fatal error: .*\.h: No such file|cannot find .*crt",
        "The C library's headers are missing. Debian: apt-get install libc6-dev; Alpine: apk add musl-dev.",
    ),
    (
        r"SECURITY ERROR|checksum mismatch",
        "A download is not what go.sum says; something on the way changed it. Check GOPROXY.",
    ),
    (
        r"dial tcp|no such host|i/o timeout|TLS handshake|proxyconnect|x509:|connection re(fus|set)|: 50\d ",
        "Go could not download modules; it needs the network this once. Behind a proxy set HTTPS_PROXY.",
    ),
    (
        r"signal: killed",
        "The system ended the compiler, most likely for want of memory; about 2 GB are needed.",
    ),
)


def cached_binary(kind: ServerKind) -> Path:
    """Where the built server lies or will lie. Its name changes with the version and with the sources."""
    sources = sorted(path for path in kind.source.iterdir() if path.suffix in (".go", ".mod", ".sum"))
    fingerprint = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:12]
    cache = Path(require("platformdirs").user_cache_dir("django-ory"))
    return cache / f"{kind.name}-{kind.version}-{fingerprint}"


def build_server(kind: ServerKind, *, say: Callable[[str], None]) -> Path:
    """The server's binary from the cache, built first if it is not there. Safe in several processes at once.

    Raises DevstackError that says what to install or to do if it cannot be built.
    """
    binary = cached_binary(kind)
    if not binary.exists():
        waiting = f"{kind.title} {kind.version}: another process is building it; waiting for that."
        with locked(
            binary.with_name(f"{binary.name}.lock"),
            on_wait=lambda: say(waiting),
            advice="XDG_CACHE_HOME may name another folder for what is built.",
        ):
            if not binary.exists():  # else the other process has built it meanwhile
                _build(kind, binary, say)
    return binary


def _build(kind: ServerKind, binary: Path, say: Callable[[str], None]) -> None:
    go = find_go(kind)
    say(f"{kind.title} {kind.version}: building it with {go.command}, once. This takes 3 to 12 minutes.")
    started = time.monotonic()
    prefix = f".build-{binary.name}-"
    for left in binary.parent.glob(f"{prefix}*"):  # of a build that was killed: we hold the lock
        shutil.rmtree(left, ignore_errors=True)
    # Beside its place, as renaming is atomic on one disk only; a copy, as site-packages may be read-only.
    with tempfile.TemporaryDirectory(prefix=prefix, dir=binary.parent) as folder:
        sources, result = Path(folder) / "sources", Path(folder) / kind.name
        shutil.copytree(kind.source, sources)
        _run(kind, go, sources, result, say)
        result.replace(binary)
    say(f"{kind.title} {kind.version}: built in {_clock(started)}, kept as {binary}")


def _run(kind: ServerKind, go: Go, sources: Path, result: Path, say: Callable[[str], None]) -> None:
    started = time.monotonic()
    log = sources.with_name("go.log")
    guard = Guard()  # however we end, Go ends, with all the compilers that it runs
    try:
        build = ChildProcess(
            [
                *(str(go.command), "build", "-v", "-trimpath", "-tags", "sqlite"),
                *("-ldflags", f"-s -w {kind.version_flag}", "-o", str(result), "."),
            ],
            guard=guard,
            log=log,
            env=go.environment,
            cwd=sources,
        )
        try:
            while build.wait(PROGRESS_SECONDS) is None:
                say(f"{kind.title} {kind.version}: {_clock(started)} {tail(log, lines=1) or 'starting'}")
        finally:
            build.kill()
    finally:
        guard.close()
    if build.returncode():
        raise DevstackError(_explanation(kind, tail(log)))


def _explanation(kind: ServerKind, output: str) -> str:
    advice = next((f" {text}" for pattern, text in _ADVICE if re.search(pattern, output)), "")
    return (
        f"{kind.title} {kind.version} could not be built.{advice}\n"
        f"The end of Go's output:\n{output}\n"
        f"Instead of building, {kind.variable} may name a {kind.name} binary."
    )


def _clock(started: float) -> str:
    minutes, seconds = divmod(int(time.monotonic() - started), 60)
    return f"{minutes}:{seconds:02}"
