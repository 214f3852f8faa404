"""The live tests on a machine without Redis and PostgreSQL."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.programs import ProgramMissing

from . import services

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path


@pytest.mark.parametrize("server", [services.redis_server, services.postgres_server])
def test_missing_program_raises_what_to_install(
    server: Callable[[], AbstractContextManager[object]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(services, "DEBIANS_POSTGRES", tmp_path)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(ProgramMissing, match="apt-get install redis-server postgresql"), server():
        pass
