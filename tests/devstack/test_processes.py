from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from . import processes
from .processes import below, is_alive, until

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(
    params=[
        pytest.param(
            "proc",
            marks=pytest.mark.skipif(not (processes._PROC / "self").exists(), reason="only Linux has /proc"),
        ),
        pytest.param(
            "ps", marks=pytest.mark.skipif(shutil.which("ps") is None, reason="this system has no ps")
        ),
    ]
)
def source(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """Both sources, if this system has them."""
    name: str = request.param
    if name == "ps":
        monkeypatch.setattr(processes, "_PROC", tmp_path)
    return name


@pytest.mark.usefixtures("source")
def test_children_are_listed_until_they_end() -> None:
    command = [sys.executable, "-IS", "-c", "import sys; sys.stdin.read()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as child:
        until(lambda: "sys.stdin.read()" in "".join(one.command for one in below(os.getpid())))
        assert is_alive(child.pid)
        (seen,) = [one for one in below(os.getpid()) if one.pid == child.pid]
        assert seen.parent == os.getpid()
        assert child.stdin is not None
        child.stdin.close()
        until(lambda: not is_alive(child.pid))  # a zombie: not waited for
    assert child.pid not in [one.pid for one in below(os.getpid())]
