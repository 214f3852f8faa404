"""``ory_secrets``: the secrets of a new deployment."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

import pytest
from django.core.management import CommandError, call_command

if TYPE_CHECKING:
    from pathlib import Path


def write(folder: Path, *options: str) -> str:
    output = io.StringIO()
    call_command("ory_secrets", str(folder), *options, stdout=output)
    return output.getvalue()


def read_variables(file: Path) -> dict[str, str]:
    return dict(line.split("=", 1) for line in file.read_text().splitlines())


def test_new_folder_gets_files_that_only_their_owner_reads(tmp_path: Path) -> None:
    folder = tmp_path / "deploy" / "secrets"
    output = write(folder)
    files = {file.name for file in folder.iterdir()}
    assert files == {"kratos.env", "hydra.env", "site.env", "databases.sql", ".gitignore"}
    for name in files - {".gitignore"}:
        assert (folder / name).stat().st_mode & 0o777 == 0o600
        assert f"Written: {folder / name}\n" in output
    assert set((folder / ".gitignore").read_text().split()) == {f"/{name}" for name in files - {".gitignore"}}
    secrets = re.findall(r"[0-9a-f]{32}", "".join((folder / name).read_text() for name in files))
    assert not any(secret in output for secret in secrets)
    assert len(set(secrets)) == 7  # four of the servers, three passwords


def test_passwords_of_the_roles_are_those_of_the_servers(tmp_path: Path) -> None:
    write(tmp_path, "--database-host", "db.example.org", "--database-port", "5433")
    sql = (tmp_path / "databases.sql").read_text()
    for name in ("kratos", "hydra"):
        dsn = read_variables(tmp_path / f"{name}.env")["DSN"]
        found = re.fullmatch(rf"postgres://{name}:(\w+)@db\.example\.org:5433/{name}\?sslmode=disable", dsn)
        assert found is not None
        assert (
            f"CREATE ROLE {name} LOGIN PASSWORD '{found[1]}';\nCREATE DATABASE {name} OWNER {name};\n" in sql
        )
    site = read_variables(tmp_path / "site.env")
    assert (site["DATABASE_HOST"], site["DATABASE_PORT"]) == ("db.example.org", "5433")
    assert f"CREATE ROLE site LOGIN PASSWORD '{site['DATABASE_PASSWORD']}';" in sql
    assert len(site["SECRET_KEY"]) >= 50
    assert len(read_variables(tmp_path / "kratos.env")["SECRETS_CIPHER"]) == 32


def test_compose_has_a_file_for_the_container_of_postgresql(tmp_path: Path) -> None:
    write(tmp_path, "--compose")
    assert not (tmp_path / "databases.sql").exists()
    postgres = read_variables(tmp_path / "postgres.env")
    assert set(postgres) == {
        *("POSTGRES_PASSWORD", "KRATOS_DATABASE_PASSWORD", "HYDRA_DATABASE_PASSWORD"),
        "SITE_DATABASE_PASSWORD",
    }
    dsn = read_variables(tmp_path / "hydra.env")["DSN"]
    assert f":{postgres['HYDRA_DATABASE_PASSWORD']}@postgres:5432/hydra" in dsn


def test_existing_file_is_kept_and_nothing_is_written(tmp_path: Path) -> None:
    (tmp_path / "hydra.env").write_text("SECRETS_SYSTEM=in-use\n")
    with pytest.raises(CommandError, match=r"Secrets exist already, so nothing was written: \S+/hydra\.env"):
        write(tmp_path)
    assert (tmp_path / "hydra.env").read_text() == "SECRETS_SYSTEM=in-use\n"
    assert [file.name for file in tmp_path.iterdir()] == ["hydra.env"]


def test_existing_gitignore_is_kept(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("*.pyc\n")
    assert "out of version control" in write(tmp_path)
    assert (tmp_path / ".gitignore").read_text() == "*.pyc\n"


def test_unusable_folder_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CommandError, match="Cannot write the secrets into"):
        write(tmp_path / "file" / "secrets")
