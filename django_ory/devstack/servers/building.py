"""Builds a server with Go, once, into the user's cache. A build takes minutes, so its progress is shown."""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from django_ory.devstack.errors import DevstackError, import_dev_package
from django_ory.devstack.lock import file_lock

from .golang import build_environment, find_go
from .process import ChildProcess, tail
from .specs import ServerSpec

PROGRESS_SECONDS = 3.0

# Pattern in Go's output -> advice. The first match is used.
_ADVICE: Final = (
    (
        r"no space left on device",
        "The disk is full. A build takes about 3 GB, most of it in: go env GOCACHE GOMODCACHE.",
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
        "A download differs from its checksum in go.sum; something on the way changed it. Check GOPROXY.",
    ),
    (
        r"dial tcp|no such host|i/o timeout|TLS handshake|proxyconnect|x509:|connection re(fus|set)|: 50\d ",
        "Go could not download modules. The first build needs the network. Behind a proxy set HTTPS_PROXY.",
    ),
    (
        r"signal: killed",
        "The system killed the compiler, most likely for lack of memory; about 2 GB are needed.",
    ),
)


def get_cached_binary(spec: ServerSpec) -> Path:
    """Return the path of the built server. Its name depends on the version and on the Go sources."""
    sources = sorted(path for path in spec.source.iterdir() if path.suffix in (".go", ".mod", ".sum"))
    fingerprint = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:12]
    cache = Path(import_dev_package("platformdirs").user_cache_dir("django-ory"))
    return cache / f"{spec.name}-{spec.version}-{fingerprint}"


def build_server(spec: ServerSpec, *, say: Callable[[str], None]) -> Path:
    """Return the server's binary from the cache, built if missing. Other processes wait for the same build.

    Raises DevstackError with the remedy if the build fails.
    """
    binary = get_cached_binary(spec)
    if binary.exists():
        return binary
    with file_lock(
        binary.with_name(f"{binary.name}.lock"),
        on_wait=lambda: say(f"{spec.title} {spec.version}: waiting for another process that builds it."),
        advice="XDG_CACHE_HOME may name another cache folder.",
    ):
        if not binary.exists():  # otherwise built by another process
            _build(spec, binary, say)
    return binary


def _build(spec: ServerSpec, binary: Path, say: Callable[[str], None]) -> None:
    started = time.monotonic()

    def report(text: str) -> None:
        minutes, seconds = divmod(int(time.monotonic() - started), 60)
        say(f"{spec.title} {spec.version}: {text} ({minutes}:{seconds:02})")

    go = find_go(spec)
    say(f"{spec.title} {spec.version}: building it with {go}, once. This takes 3 to 12 minutes.")
    prefix = f".build-{binary.name}-"
    for left in binary.parent.glob(f"{prefix}*"):  # of a build that was killed
        shutil.rmtree(left, ignore_errors=True)
    # On the disk of the cache for an atomic rename; with a copy, as site-packages may be read-only.
    with tempfile.TemporaryDirectory(prefix=prefix, dir=binary.parent) as folder:
        sources, result, log = Path(folder, "sources"), Path(folder, spec.name), Path(folder, "go.log")
        shutil.copytree(spec.source, sources)
        command = [
            *(str(go), "build", "-v", "-trimpath", "-tags", "sqlite"),
            *(
                "-ldflags",
                f"-s -w -X {spec.module}/driver/config.Version={spec.version}",
                "-o",
                str(result),
                ".",
            ),
        ]
        build = ChildProcess(command, log=log, env=build_environment(), cwd=sources)
        try:
            while build.wait(PROGRESS_SECONDS) is None:
                report(tail(log, lines=1) or "starting")
        finally:
            build.kill()  # after an interrupt: ends Go and its compilers
        if build.get_returncode():
            raise DevstackError(_explain_failure(spec, tail(log)))
        result.replace(binary)
    report(f"built, stored as {binary}")


def _explain_failure(spec: ServerSpec, output: str) -> str:
    advice = next((f" {text}" for pattern, text in _ADVICE if re.search(pattern, output)), "")
    return (
        f"{spec.title} {spec.version} could not be built.{advice}\n"
        f"The end of Go's output:\n{output}\n"
        f"Without a build: set {spec.variable} to the path of a {spec.name} binary."
    )
