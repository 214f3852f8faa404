"""Resets state in the child of a fork, which has copies of locks that no thread releases there."""

from __future__ import annotations

import os
from collections.abc import Callable


def call_in_child(function: Callable[[], None]) -> None:
    """Call a function in the child of every later fork. Windows has none."""
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=function)
