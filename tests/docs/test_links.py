"""Sphinx fails for links inside of the documentation that lead nowhere."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from tests.support.guides import ROOT

if TYPE_CHECKING:
    from pathlib import Path

GOOD = "[an anchor](other.md#names), [a heading](#links) and {doc}`other`"
#: Broken link -> the warning about it.
BROKEN = {
    "[a page](missing.md)": "'missing.md'",
    "[a page of a folder](missing/index.md)": "'missing/index.md'",
    "[an anchor of a page](other.md#ages)": "'ages'",
    "[an anchor of this page](#nothing)": "'nothing'",
    "{doc}`absent`": "unknown document: 'absent'",
    "{ref}`label`": "undefined label: 'label'",
    "![a picture](missing.png)": "missing.png",
}


def build(folder: Path, text: str) -> subprocess.CompletedProcess[str]:
    """Build two pages with the configuration of the documentation, one of them with this text."""
    (folder / "index.md").write_text(f"# Links\n\n{text}\n\n```{{toctree}}\nother\n```\n")
    (folder / "other.md").write_text("# Other\n\n## Names\n\n[Good](index.md#links)\n")
    sphinx = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "dummy"]
    command = [*sphinx, "-c", str(ROOT / "docs"), str(folder), str(folder / "built")]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


def test_good_links_pass(tmp_path: Path) -> None:
    done = build(tmp_path, GOOD)
    assert done.returncode == 0, done.stderr


def test_each_broken_link_fails_the_build(tmp_path: Path) -> None:
    done = build(tmp_path, "\n\n".join(BROKEN))
    assert done.returncode != 0
    warnings = [line for line in done.stderr.splitlines() if "WARNING" in line]
    assert len(warnings) == len(BROKEN), done.stderr
    for problem in BROKEN.values():
        assert [problem in line for line in warnings].count(True) == 1, done.stderr
