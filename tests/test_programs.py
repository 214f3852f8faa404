"""What the suites do about a program that is not on the machine."""

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
    """A machine whose PATH is one folder, with an ``apt-get`` that writes down what it is asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder / "apt.log"

    def apt(self, script: str) -> None:
        """What ``apt-get`` does; ``$last`` is its last argument, ``$here`` the folder."""
        program = self.folder / "apt-get"
        head = f'here={self.folder}; for last; do :; done; echo "$last" >> {self.log}'
        program.write_text(f"#!/bin/sh\n{head}\n{script}\n")
        program.chmod(0o755)

    def asked(self) -> list[str]:
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


def test_what_is_there_is_taken(debian: Debian) -> None:
    shutil.copy(debian.folder / "apt-get", debian.folder / "served")
    assert find() == str(debian.folder / "served")
    assert debian.asked() == []


def test_who_may_not_install_is_told_what_to_install(debian: Debian, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(ProgramMissing, match=r"^Install served\.$"):
        find()
    assert debian.asked() == []


def test_so_is_root_where_there_is_no_apt(debian: Debian) -> None:
    (debian.folder / "apt-get").unlink()
    with pytest.raises(ProgramMissing, match=r"^Install served\.$"):
        find()


def test_root_gets_the_package(debian: Debian) -> None:
    assert find() == str(debian.folder / "served")
    assert debian.asked() == ["served"]


def test_a_list_of_packages_is_fetched_where_there_is_none(debian: Debian) -> None:
    debian.apt(
        """[ "$last" = update ] && exec /bin/touch "$here/list"
        [ -e "$here/list" ] && /bin/cp "$0" "$here/$last" """
    )
    assert find() == str(debian.folder / "served")
    assert debian.asked() == ["served", "update", "served"]


def test_what_apt_says_is_passed_on(debian: Debian) -> None:
    debian.apt("echo 'Temporary failure resolving' >&2; exit 100")
    with pytest.raises(
        ProgramMissing, match=r"update failed:\nTemporary failure resolving\nInstall served\."
    ):
        find()


def test_two_at_once_install_once(debian: Debian) -> None:
    debian.apt('/bin/sleep 0.5; /bin/cp "$0" "$here/$last"')
    with ThreadPoolExecutor(2) as pool:
        assert [task.result() for task in [pool.submit(find) for _ in "ab"]] == [
            str(debian.folder / "served")
        ] * 2
    assert debian.asked() == ["served"]
