"""Follows the pages of the documentation like a reader: see ``GuideRun``, and CONTRIBUTING.md."""

from __future__ import annotations

from .blocks import Block, GuideError, read_blocks, read_pictures
from .environments import ROOT, Environments
from .run import GuideRun

__all__ = ["ROOT", "Block", "Environments", "GuideError", "GuideRun", "read_blocks", "read_pictures"]
