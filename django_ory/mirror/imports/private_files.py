"""Files of an import that only their owner may read: reports with ids of users, secrets, password hashes."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Mapping
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

__all__ = ["JsonLinesFile", "UnsafeFile"]


class UnsafeFile(ValueError):
    """The file cannot be written, or others could read it. The text says what to do."""


class JsonLinesFile:
    """A file with one JSON object per line, readable by its owner only. A context manager.

    An existing file is continued, so that a run after an interrupted one can name the same file.
    Raises UnsafeFile for a path that is no regular file or that others may read.
    """

    def __init__(self, path: str) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0)
        flags |= getattr(os, "O_NONBLOCK", 0)  # a pipe is an error, and no wait for its reader
        try:
            descriptor = os.open(path, flags, 0o600)
        except OSError as error:
            raise UnsafeFile(f"{path} cannot be written: {error.strerror}.") from error
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or (os.name == "posix" and status.st_mode & 0o077):
            os.close(descriptor)
            raise UnsafeFile(f"Others may read {path}. Name a new file, or run: chmod 600 {path}")
        if (
            os.name == "posix" and status.st_uid != os.geteuid()
        ):  # its owner can read it, also when root writes
            os.close(descriptor)
            raise UnsafeFile(f"{path} belongs to another user. Name a new file.")
        self._file = os.fdopen(descriptor, "a", encoding="utf-8")

    def write(self, line: Mapping[str, Any], *, is_durable: bool = False) -> None:
        """Append a line. ``is_durable``: wait until the disk has the line."""
        self._file.write(json.dumps(line, cls=DjangoJSONEncoder, ensure_ascii=False) + "\n")
        self._file.flush()
        if is_durable:
            os.fsync(self._file.fileno())

    def __enter__(self) -> JsonLinesFile:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
