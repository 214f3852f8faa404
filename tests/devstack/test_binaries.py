from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from django_ory.devstack.errors import DevstackError
from django_ory.devstack.servers import binaries
from django_ory.devstack.servers.binaries import find_server
from django_ory.devstack.servers.building import get_cached_binary
from django_ory.devstack.servers.specs import HYDRA, KRATOS

from .fakes import SERVER, write_program

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def everywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    """A Kratos in every place where one is looked for."""
    places = {
        "variable": write_program(tmp_path / "variable" / "my-kratos", ""),
        "path": write_program(tmp_path / "path" / "kratos", SERVER),
        "cache": write_program(get_cached_binary(KRATOS), ""),
    }
    monkeypatch.setenv("DJANGO_ORY_KRATOS", str(places["variable"]))
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    return places


def test_variable_wins_over_path_and_path_over_a_build(
    everywhere: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    assert find_server(KRATOS) == everywhere["variable"]
    monkeypatch.delenv("DJANGO_ORY_KRATOS")
    assert find_server(KRATOS, say=said.append) == everywhere["path"]
    assert said == [f"Kratos: {everywhere['path']} (found on PATH)"]
    monkeypatch.setenv("PATH", "")
    assert find_server(KRATOS) == everywhere["cache"]


@pytest.mark.parametrize(
    "source",
    [
        # As Debian's does.
        "print('Hydra v9.5 (c) 2023 by van Hauser/THC'); print('[ERROR] Wrong parameters'); sys.exit(255)",
        "print('v1')",
        "time.sleep(600)",
    ],
)
def test_other_program_with_the_same_name_is_ignored(
    source: str, fake_go: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(binaries, "VERSION_SECONDS", 1)
    other = write_program(tmp_path / "gobin" / "hydra", f"import sys, time\n{source}")
    said: list[str] = []
    assert find_server(HYDRA, say=said.append) == get_cached_binary(HYDRA)
    assert said[0] == f"Hydra: {other}, found on PATH, is not Ory's hydra. It is ignored."


def test_broken_program_with_the_same_name_is_ignored(fake_go: Path, tmp_path: Path) -> None:
    broken = tmp_path / "gobin" / "hydra"
    broken.write_text("#!/no/such/interpreter\n")
    broken.chmod(0o755)
    assert find_server(HYDRA) == get_cached_binary(HYDRA)


def test_missing_server_is_built(fake_go: Path) -> None:
    assert find_server(HYDRA).read_text() == "built"
    assert fake_go.exists()


def test_variable_without_a_program_raises_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "text").write_text("no program")
    monkeypatch.setenv("DJANGO_ORY_HYDRA", str(tmp_path / "text"))
    with pytest.raises(DevstackError, match="text, from DJANGO_ORY_HYDRA, is not an executable file"):
        find_server(HYDRA)
    monkeypatch.setenv("DJANGO_ORY_HYDRA", str(tmp_path / "none"))
    with pytest.raises(DevstackError, match="none, from DJANGO_ORY_HYDRA, is not an executable file"):
        find_server(HYDRA)
