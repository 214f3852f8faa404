"""What a project's own test suite imports."""

from __future__ import annotations
