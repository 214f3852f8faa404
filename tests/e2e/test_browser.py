"""The choice of the Chromium, and the message without one."""

from __future__ import annotations

import os
import tempfile
from typing import TYPE_CHECKING

import pytest

from tests.programs import ProgramMissing

from .browser import find_chromium

if TYPE_CHECKING:
    from pathlib import Path


def write_program(folder: Path, name: str) -> str:
    program = folder / name
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    return str(program)


@pytest.fixture(autouse=True)
def bare_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine without a Chromium, an environment variable and the permission to install packages."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("DJANGO_ORY_CHROMIUM", raising=False)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)


def test_variable_wins_over_path_and_path_over_playwright(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    own = write_program(tmp_path, "playwrights-own")
    assert find_chromium(own) == own
    on_path = write_program(tmp_path, "google-chrome")
    assert find_chromium(own) == on_path
    named = write_program(tmp_path, "my-own")
    monkeypatch.setenv("DJANGO_ORY_CHROMIUM", named)
    assert find_chromium(own) == named


def test_variable_with_a_missing_program_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    write_program(tmp_path, "chromium")
    monkeypatch.setenv("DJANGO_ORY_CHROMIUM", str(tmp_path / "typo"))
    with pytest.raises(ProgramMissing, match=r"DJANGO_ORY_CHROMIUM is .*typo"):
        find_chromium("")


def test_missing_browser_raises_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(ProgramMissing, match="apt-get install chromium"):
        find_chromium(str(tmp_path / "none"))


def test_root_on_debian_installs_the_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    apt = write_program(tmp_path, "apt-get")
    (tmp_path / "apt-get").write_text(
        f'#!/bin/sh\ncase "$*" in *"install"*chromium) /bin/cp {apt} {tmp_path}/chromium;; esac\n'
    )
    assert find_chromium(str(tmp_path / "none")) == str(tmp_path / "chromium")
