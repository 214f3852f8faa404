"""The SQLite database of a server, whose tables the server's own migrations make.

The migrations of Kratos take a second, even if there is nothing to do. A new database is a copy of one that
the same program has migrated, and a database that the same program has migrated is left as it is.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

from django_ory.devstack.errors import DevstackError, import_dev_package


def prepare_database(file: Path, *, program: Path, migrate: Callable[[], None]) -> None:
    """Create or update the tables. ``migrate`` does this with the program, and is called if necessary."""
    stamp, template = _get_stamp(file), _get_template(file.stem, program)
    is_new = not file.exists()
    if is_new and template is not None:
        _copy_template(template, file, program)
    if stamp.exists() and stamp.read_text() == _describe(file, program):
        return
    stamp.unlink(missing_ok=True)
    migrate()
    if state := _describe(file, program):
        stamp.write_text(state)
        if is_new and template is not None:
            _save_template(file, template)


def _get_stamp(file: Path) -> Path:
    """Return the file with the state of a database after its last migration."""
    return file.with_suffix(".migrated")


def _get_template(name: str, program: Path) -> Path | None:
    """Return the migrated empty database in the user's cache, which may be missing. None: no cache."""
    try:
        cache = Path(import_dev_package("platformdirs").user_cache_dir("django-ory"))
        return cache / f"{name}-{hashlib.sha256(_identify(program).encode()).hexdigest()[:12]}.sqlite3"
    except (DevstackError, OSError):
        return None


def _identify(program: Path) -> str:
    """Return a text that changes when another program takes the place of this one."""
    found = program.stat()
    return f"{program} {found.st_size} {found.st_mtime_ns}"


def _describe(file: Path, program: Path) -> str:
    """Return the program and the migrations of a database, or an empty text if they cannot be read."""
    try:
        import sqlite3
    except ImportError:  # Python was built without SQLite, which the servers bring themselves
        return ""
    try:
        with closing(sqlite3.connect(f"{file.as_uri()}?mode=rw", uri=True)) as connection:
            rows = connection.execute("SELECT version FROM schema_migration ORDER BY version").fetchall()
        return f"{_identify(program)} {hashlib.sha256(repr(rows).encode()).hexdigest()}"
    except (OSError, sqlite3.Error):
        return ""


def _copy_template(template: Path, file: Path, program: Path) -> None:
    """Copy a database with its stamp, if there is one. A damaged one is ignored."""
    new = file.with_suffix(".new")
    with suppress(OSError):
        try:
            shutil.copyfile(template, new)
            state = _get_stamp(template).read_text()
            if state == _describe(new, program):
                for suffix in ("-wal", "-shm"):  # of a database that was deleted without them
                    Path(f"{file}{suffix}").unlink(missing_ok=True)
                _get_stamp(file).write_text(state)
                new.replace(file)
        finally:
            new.unlink(missing_ok=True)


def _save_template(file: Path, template: Path) -> None:
    """Store a copy of an empty database with its stamp. Other processes may do the same."""
    import sqlite3

    new = template.with_name(f".{template.name}.{os.getpid()}")
    with suppress(OSError, sqlite3.Error):
        try:
            template.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(new)) as target:
                source.backup(target)
            new.replace(template)
            shutil.copyfile(_get_stamp(file), new)
            new.replace(_get_stamp(template))
        finally:
            new.unlink(missing_ok=True)
