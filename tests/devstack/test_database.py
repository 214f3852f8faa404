from __future__ import annotations

import builtins
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from django_ory.devstack.servers.database import prepare_database

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def program(tmp_path: Path) -> Path:
    program = tmp_path / "kratos"
    program.write_text("v1")
    return program


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "django-ory"


@pytest.fixture
def prepare(tmp_path: Path, program: Path) -> Callable[..., list[str]]:
    """Prepare the database of a folder. Returns its migrations, and notes the folder of each call."""

    def prepare(folder: str, *, version: str = "1") -> list[str]:
        file = tmp_path / folder / "kratos.sqlite3"
        file.parent.mkdir(exist_ok=True)

        def migrate() -> None:
            calls.append(folder)
            execute(file, "CREATE TABLE IF NOT EXISTS schema_migration (version TEXT UNIQUE)")
            execute(file, f"INSERT OR IGNORE INTO schema_migration VALUES ('{version}')")

        prepare_database(file, program=program, migrate=migrate)
        return [version for (version,) in execute(file, "SELECT version FROM schema_migration")]

    calls: list[str] = []
    prepare.calls = calls  # type: ignore[attr-defined]
    return prepare


def execute(file: Path, statement: str) -> list[tuple[str]]:
    with closing(sqlite3.connect(file)) as connection, connection:
        return connection.execute(statement).fetchall()


def test_database_is_migrated_once_by_a_program(
    prepare: Callable[..., list[str]], program: Path, tmp_path: Path
) -> None:
    assert prepare("a") == ["1"]
    assert prepare("a") == ["1"]
    assert prepare.calls == ["a"]  # type: ignore[attr-defined]

    program.write_text("v2, another program")
    assert prepare("a", version="2") == ["1", "2"]
    assert prepare("a", version="2") == ["1", "2"]
    assert prepare.calls == ["a", "a"]  # type: ignore[attr-defined]

    (tmp_path / "a" / "kratos.sqlite3").unlink()
    execute(tmp_path / "a" / "kratos.sqlite3", "CREATE TABLE schema_migration (version TEXT UNIQUE)")
    assert prepare("a", version="2") == ["2"]


def test_new_database_is_a_copy_of_an_empty_one_of_the_same_program(
    prepare: Callable[..., list[str]], program: Path, tmp_path: Path
) -> None:
    prepare("a")
    execute(tmp_path / "a" / "kratos.sqlite3", "CREATE TABLE accounts (name TEXT)")
    assert prepare("b") == ["1"]
    assert prepare("b") == ["1"]
    assert prepare.calls == ["a"]  # type: ignore[attr-defined]
    assert not execute(
        tmp_path / "b" / "kratos.sqlite3", "SELECT name FROM sqlite_master WHERE name='accounts'"
    )

    program.write_text("v2, another program")
    assert prepare("c", version="2") == ["2"]
    assert prepare("d", version="2") == ["2"]
    assert prepare.calls == ["a", "c"]  # type: ignore[attr-defined]


def test_log_of_a_deleted_database_is_not_applied_to_its_successor(
    prepare: Callable[..., list[str]], tmp_path: Path
) -> None:
    prepare("a")
    (tmp_path / "b").mkdir()
    file, log = tmp_path / "b" / "kratos.sqlite3", tmp_path / "b" / "kratos.sqlite3-wal"
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE schema_migration (version TEXT)")
        content = log.read_bytes()
    file.unlink()
    log.write_bytes(content)
    assert prepare("b") == ["1"]
    assert prepare.calls == ["a"]  # type: ignore[attr-defined]


def test_database_that_had_accounts_is_not_copied(
    prepare: Callable[..., list[str]], cache: Path, tmp_path: Path
) -> None:
    (tmp_path / "a").mkdir()
    execute(tmp_path / "a" / "kratos.sqlite3", "CREATE TABLE accounts (name TEXT)")
    assert prepare("a") == ["1"]
    assert prepare("b") == ["1"]
    assert prepare.calls == ["a", "b"]  # type: ignore[attr-defined]


@pytest.mark.parametrize("damage", ["", "no database"])
def test_damaged_copy_is_replaced(prepare: Callable[..., list[str]], cache: Path, damage: str) -> None:
    prepare("a")
    [template] = cache.glob("*.sqlite3")
    template.write_text(damage)
    assert prepare("b") == prepare("c") == ["1"]
    assert prepare.calls == ["a", "b"]  # type: ignore[attr-defined]


def test_cache_that_cannot_be_written_is_ignored(prepare: Callable[..., list[str]], cache: Path) -> None:
    cache.parent.write_text("a file")
    assert prepare("a") == prepare("b") == ["1"]
    assert prepare.calls == ["a", "b"]  # type: ignore[attr-defined]


def test_python_without_sqlite_migrates_at_each_start(
    tmp_path: Path, program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def fail(name: str, *arguments: Any) -> Any:
        if name == "sqlite3":
            raise ImportError(name)
        return real(name, *arguments)

    monkeypatch.setattr(builtins, "__import__", fail)
    calls: list[int] = []
    for number in (1, 2):
        prepare_database(tmp_path / "a.sqlite3", program=program, migrate=lambda: calls.append(1))
        assert len(calls) == number
