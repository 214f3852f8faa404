from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from django_ory.devstack import DevstackError, OryStack
from django_ory.devstack.servers.specs import SERVERS

from .fakes import SERVER, write_program

# A migration that creates a table, and a start that adds a row, like Hydra's keys.
DATABASE = """
import contextlib, os, sqlite3, sys

if sys.argv[1] != "version" and os.environ["DSN"].startswith("sqlite:"):
    file = os.environ["DSN"].removeprefix("sqlite://").partition("?")[0]
    with contextlib.closing(sqlite3.connect(file)) as database, database:
        database.execute("PRAGMA journal_mode=WAL")
        if sys.argv[1] == "migrate":
            database.execute("CREATE TABLE starts (folder)")
        else:
            database.execute("INSERT INTO starts VALUES (?)", [os.path.dirname(file)])
"""


@pytest.fixture(autouse=True)
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    """Fake programs for both servers, by name."""
    programs = {name: write_program(tmp_path / "bin" / name, DATABASE + SERVER) for name in SERVERS}
    for name, program in programs.items():
        monkeypatch.setenv(SERVERS[name].variable, str(program))
    return programs


def break_migrations(programs: dict[str, Path]) -> None:
    """From now on, a stack that creates its tables does not start."""
    for program in programs.values():
        program.write_text(program.read_text().replace("CREATE TABLE", "NO TABLE"))


NO_TABLES = r"could not create its tables"


def read_secrets(stack: OryStack) -> dict[str, str]:
    found: dict[str, str] = json.loads((stack.folder / "secrets.json").read_text())
    return found


def read_starts(stack: OryStack, name: str) -> list[str]:
    """Return the folders of the stacks whose servers have written to this database."""
    with closing(sqlite3.connect(stack.folder / f"{name}.sqlite3")) as database:
        return [folder for (folder,) in database.execute("SELECT folder FROM starts")]


def test_next_stack_gets_the_databases_of_the_first_as_they_were_after_its_start(
    programs: dict[str, Path], tmp_path: Path
) -> None:
    with OryStack() as first:
        for name in SERVERS:
            with closing(sqlite3.connect(first.folder / f"{name}.sqlite3")) as database, database:
                database.execute("INSERT INTO starts VALUES ('a later change')")
        break_migrations(programs)
        with OryStack() as second:
            for name in SERVERS:
                assert read_starts(second, name) == [str(first.folder), str(second.folder)]
            secrets = [read_secrets(stack) for stack in (first, second)]
    assert len({each.pop("system") for each in secrets}) == 1  # encrypts the keys of Hydra
    assert len({value for each in secrets for value in each.values()}) == sum(map(len, secrets))

    (more := tmp_path / "more.yaml").write_text("secrets: {}")
    for options in (
        {"config_overrides": {"kratos": {"dsn": "sqlite:///elsewhere.sqlite3"}}},
        {"config_overrides": {"hydra": {"dsn": "sqlite:///elsewhere.sqlite3"}}},
        {"config_overrides": {"kratos": {}, "hydra": {"secrets": {"system": ["x" * 32]}}}},
        {"config_files": {"hydra": more}},
        {"folder": tmp_path / "kept"},
    ):
        with pytest.raises(DevstackError, match=NO_TABLES):
            OryStack(**options).start()


def test_stack_with_other_secrets_or_without_a_start_gives_no_databases(programs: dict[str, Path]) -> None:
    with OryStack(config_overrides={"hydra": {"secrets": {"system": ["x" * 32]}}}):
        pass
    serving = programs["hydra"].read_text()
    programs["hydra"].write_text(serving.replace("\nserve(ports, answer)", "\nsys.exit(1)"))
    with pytest.raises(DevstackError, match="Hydra ended with exit code 1"):
        OryStack().start()
    programs["hydra"].write_text(serving)
    break_migrations(programs)
    with pytest.raises(DevstackError, match=NO_TABLES):
        OryStack().start()
