"""The pictures that the guides show are taken. Those of the tutorial are taken by ``test_tutorial.py``."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from tests.gallery.docs_pictures import PICTURES
from tests.support.guides import ROOT

if TYPE_CHECKING:
    from pathlib import Path


def test_pictures_of_the_guides_are_taken(pictures: Path) -> None:
    # In another process, because Django's database cannot be used beside a browser of Playwright.
    command = [sys.executable, "-m", "tests.gallery", str(pictures), "--docs"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    assert {each.stem for each in pictures.glob("*.png")} >= PICTURES.keys()
