"""The live tests on a machine without Redis and PostgreSQL."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.live import backing
from tests.programs import ProgramMissing

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path


@pytest.mark.parametrize("server", [backing.redis_server, backing.postgres_server])
def test_missing_program_raises_what_to_install(
    server: Callable[[], AbstractContextManager[object]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(backing, "DEBIANS_POSTGRES", tmp_path)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(ProgramMissing, match="apt-get install redis-server postgresql"), server():
        pass
