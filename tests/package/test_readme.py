"""The README, which PyPI shows outside of the repository."""

from __future__ import annotations

import re
from pathlib import Path

README = Path(__file__).parents[2] / "README.md"


def test_links_work_anywhere() -> None:
    links = re.findall(r"\]\(([^)]*)\)", README.read_text())
    assert links
    assert [link for link in links if not link.startswith("https://")] == []
