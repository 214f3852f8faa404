"""Missing programs of the live and e2e tests."""

from __future__ import annotations

import os
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from tests.programs import ProgramMissing, find_program

if TYPE_CHECKING:
    from pathlib import Path


class Debian:
    """A machine with one folder on PATH, and an ``apt-get`` that logs its last arguments."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder / "apt.log"

    def apt(self, script: str) -> None:
        """Set the script of ``apt-get``; ``$last`` is its last argument, ``$here`` the folder."""
        program = self.folder / "apt-get"
        head = f'here={self.folder}; for last; do :; done; echo "$last" >> {self.log}'
        program.write_text(f"#!/bin/sh\n{head}\n{script}\n")
        program.chmod(0o755)

    def list_calls(self) -> list[str]:
        return self.log.read_text().split() if self.log.exists() else []


def find() -> str:
    return find_program(lambda: shutil.which("served"), package="served", advice="Install served.")


@pytest.fixture
def debian(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Debian:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    debian = Debian(tmp_path)
    debian.apt('/bin/cp "$0" "$here/$last"')
    return debian


def test_installed_program_is_found(debian: Debian) -> None:
    shutil.copy(debian.folder / "apt-get", debian.folder / "served")
    assert find() == str(debian.folder / "served")
    assert debian.list_calls() == []


def test_missing_program_without_root_raises_the_advice(
    debian: Debian, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(ProgramMissing, match=r"^Install served\.$"):
        find()
    assert debian.list_calls() == []


def test_missing_program_without_apt_raises_the_advice(debian: Debian) -> None:
    (debian.folder / "apt-get").unlink()
    with pytest.raises(ProgramMissing, match=r"^Install served\.$"):
        find()


def test_missing_program_is_installed_by_root(debian: Debian) -> None:
    assert find() == str(debian.folder / "served")
    assert debian.list_calls() == ["served"]


def test_missing_package_list_is_updated(debian: Debian) -> None:
    debian.apt(
        """[ "$last" = update ] && exec /bin/touch "$here/list"
        [ -e "$here/list" ] && /bin/cp "$0" "$here/$last" """
    )
    assert find() == str(debian.folder / "served")
    assert debian.list_calls() == ["served", "update", "served"]


def test_failed_installation_raises_the_output_of_apt(debian: Debian) -> None:
    debian.apt("echo 'Temporary failure resolving' >&2; exit 100")
    with pytest.raises(
        ProgramMissing, match=r"update failed:\nTemporary failure resolving\nInstall served\."
    ):
        find()


def test_concurrent_calls_install_once(debian: Debian) -> None:
    debian.apt('/bin/sleep 0.5; /bin/cp "$0" "$here/$last"')
    with ThreadPoolExecutor(2) as pool:
        assert [task.result() for task in [pool.submit(find) for _ in "ab"]] == [
            str(debian.folder / "served")
        ] * 2
    assert debian.list_calls() == ["served"]
