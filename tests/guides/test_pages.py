"""The pages of the docs that build a project are followed. Commands that need a server are skipped.

``tests/live/test_guides.py`` follows the same pages with real servers.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.support.guides import GuideRun

GUIDES = Path(__file__).resolve().parents[2] / "docs" / "guides"

#: Page -> starts of the commands that need Hydra or a served site.
PAGES: dict[str, list[str]] = {
    "apis.md": [],
    "machines.md": [
        "python manage.py runserver",
        "python create_client.py",
        "python machine.py",
        "python trust_key.py",
        "python backend.py",
    ],
    "mcp.md": ["python -m uvicorn", "python create_client.py", "python agent.py"],
}


@pytest.mark.skipif(
    sys.version_info[:2] != (3, 13),
    reason="a page is followed once per version of Django, and tox runs all of them with Python 3.13",
)
@pytest.mark.parametrize("name", PAGES)
def test_page_is_followed(name: str, tmp_path: Path) -> None:
    with GuideRun(GUIDES / name, tmp_path, skip=PAGES[name]) as run:
        run.follow()
    assert run.illustrations == []
    assert len(run.skipped) == len(PAGES[name])
