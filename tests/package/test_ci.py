"""``.ci/run`` with fake programs for Python and apt."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# Copies itself into new environments, and logs its arguments.
PYTHON = """#!/bin/sh
echo "python $*" >> "$LOG"
case "$*" in
  *ensurepip*) test -e "$HERE/ensurepip" ;;
  "-m venv "*) mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
esac
"""
APT = """#!/bin/sh
echo "apt-get $*" >> "$LOG"
case "$*" in *install*) touch "$HERE/ensurepip" ;; esac
"""


@pytest.mark.parametrize("has_venv", [True, False])
def test_ci_run_calls_the_commands_of_the_readme(tmp_path: Path, has_venv: bool) -> None:
    for name, script in {"python3": PYTHON, "apt-get": APT, "id": "#!/bin/sh\necho 0\n"}.items():
        (tmp_path / name).write_text(script)
        (tmp_path / name).chmod(0o755)
    if has_venv:
        (tmp_path / "ensurepip").touch()
    log = tmp_path / "log"
    subprocess.run(
        [ROOT / ".ci" / "run"],
        env={"PATH": f"{tmp_path}:{os.defpath}", "HERE": str(tmp_path), "LOG": str(log)},
        check=True,
        cwd=tmp_path,
    )
    calls = log.read_text().splitlines()
    installed = [line for line in calls if line.startswith("apt-get")]
    assert [line.split()[-1] for line in installed] == ([] if has_venv else ["-qq", "python3-venv"])
    assert calls[-3:] == ["python --version", "python -m pip install tox", "python -m tox run"]
    assert calls[-4].startswith("python -m venv ")
