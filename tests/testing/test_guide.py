"""The guide "Test your views and APIs", followed to the letter: its code blocks run as a project's tests."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
EXAMPLES = 10
#: Plugins of this environment that cost time at start.
UNUSED_PLUGINS = ("hypothesispytest", "playwright", "base_url", "asyncio", "anyio", "schemathesis")
GUIDE = ROOT / "docs/guides/testing.md"
#: The URLs of the quickstart, and not those that ``FakeOry`` has without settings.
ORY = {
    "KRATOS_PUBLIC_URL": "http://localhost:4433",
    "KRATOS_ADMIN_URL": "http://localhost:4434",
    "HYDRA_PUBLIC_URL": "http://localhost:4444",
    "HYDRA_ADMIN_URL": "http://localhost:4445",
    "OAUTH2_RESOURCES": {"/api": {"scopes": ["loans.read", "loans.write"]}},
    "OAUTH2_VERIFICATION": "auto",
}


def test_examples_pass(tmp_path: Path) -> None:
    blocks = re.findall(r"```python\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    assert len(blocks) == EXAMPLES
    for number, block in enumerate(blocks):
        (tmp_path / f"test_example_{number}.py").write_text(block)
    (tmp_path / "project_settings.py").write_text(
        "from tests.settings import *\n\n"
        "ROOT_URLCONF = 'tests.testing.guide_urls'\n"
        f"ORY = {{'default': {ORY!r}}}\n"
    )
    result = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "--import-mode=importlib", "-p", "no:randomly"),
            *(option for name in UNUSED_PLUGINS for option in ("-p", f"no:{name}")),
            *("--ds=project_settings", f"--rootdir={tmp_path}", "-p", "no:cacheprovider"),
            str(tmp_path),
        ],
        env={**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert f"{EXAMPLES} passed" in result.stdout
