from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from django_ory.devstack.ports import free_ports
from django_ory.devstack.site_server import SiteServer

from .fakes import SITE, write_program

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from django_ory.devstack.process import Guard


def test_the_command_is_the_manage_py_that_runs(guard: Guard, monkeypatch: pytest.MonkeyPatch) -> None:
    site = SiteServer(port=8000, guard=guard, environment={})
    monkeypatch.setattr(sys, "argv", ["site/manage.py", "ory_dev"])
    assert site.command() == [sys.executable, "site/manage.py", "runserver", "localhost:8000"]
    monkeypatch.setattr(sys, "argv", ["/usr/bin/django-admin", "ory_dev"])
    assert site.command() == [sys.executable, "-m", "django", "runserver", "localhost:8000"]


def test_a_life(guard: Guard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (port,) = free_ports(1)
    program = write_program(tmp_path / "site", SITE)
    monkeypatch.setattr(SiteServer, "command", lambda self: [str(program), str(self.port)])
    site = SiteServer(port=port, guard=guard, environment={"A": "1"})
    site.stop()
    assert site.returncode() is None
    assert not site.is_ready()
    site.start()
    site.wait_ready()
    assert site.is_ready()
    site.stop()
    assert site.returncode() is not None
    site.wait_ready(0.1)
    assert not site.is_ready()
