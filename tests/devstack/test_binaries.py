from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from django_ory.devstack.binaries import find_server
from django_ory.devstack.building import cached_binary
from django_ory.devstack.errors import DevstackError
from django_ory.devstack.kinds import HYDRA, KRATOS

from .fakes import write_program

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def everywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    """A Kratos in every place where one is looked for."""
    places = {
        "given": write_program(tmp_path / "given" / "my-kratos", ""),
        "variable": write_program(tmp_path / "variable" / "my-kratos", ""),
        "path": write_program(tmp_path / "path" / "kratos", ""),
        "cache": write_program(cached_binary(KRATOS), ""),
    }
    monkeypatch.setenv("DJANGO_ORY_KRATOS", str(places["variable"]))
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    return places


def test_the_order_in_which_a_server_is_looked_for(
    everywhere: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    assert find_server(KRATOS, explicit=everywhere["given"]) == everywhere["given"]
    assert find_server(KRATOS) == everywhere["variable"]
    monkeypatch.delenv("DJANGO_ORY_KRATOS")
    assert find_server(KRATOS, say=said.append) == everywhere["path"]
    assert said == [f"Kratos: {everywhere['path']} (found on PATH)"]
    monkeypatch.setenv("PATH", "")
    assert find_server(KRATOS) == everywhere["cache"]


def test_else_it_is_built(fake_go: Path) -> None:
    assert find_server(HYDRA).read_text() == "built"
    assert fake_go.exists()


def test_a_path_that_is_no_program_is_told_with_its_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "text").write_text("no program")
    monkeypatch.setenv("DJANGO_ORY_HYDRA", str(tmp_path / "text"))
    with pytest.raises(DevstackError, match="text, from DJANGO_ORY_HYDRA, is not an executable file"):
        find_server(HYDRA)
    with pytest.raises(DevstackError, match="none, from the given path, is not an executable file"):
        find_server(HYDRA, explicit=tmp_path / "none")
