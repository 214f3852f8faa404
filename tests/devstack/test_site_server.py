from __future__ import annotations

import socket
import sys
from typing import TYPE_CHECKING

from django_ory.devstack.ports import HOST, free_ports
from django_ory.devstack.site_server import SiteServer

from .fakes import SITE, write_program
from .processes import until

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
    assert not site.is_up()
    site.start()
    until(site.is_up)
    assert site.is_ready()
    site.stop()
    assert site.returncode() is not None
    assert not site.is_ready()


def test_it_is_not_up_when_somebody_else_listens_in_its_place(
    guard: Guard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = write_program(tmp_path / "site", "")
    monkeypatch.setattr(SiteServer, "command", lambda _self: [str(program)])
    with socket.create_server((HOST, 0)) as stranger:
        site = SiteServer(port=stranger.getsockname()[1], guard=guard, environment={})
        assert site.is_ready()
        assert not site.is_up()
        site.start()
        until(lambda: site.returncode() is not None)
        assert not site.is_up()
