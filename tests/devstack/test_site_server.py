from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from django_ory.devstack.errors import DevstackError
from django_ory.devstack.ports import find_free_ports
from django_ory.devstack.stack.site_server import SiteServer

from .fakes import SITE, write_program
from .processes import until

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("program", "expected"),
    [("site/manage.py", ["site/manage.py"]), ("/usr/bin/django-admin", ["-m", "django"])],
)
def test_command_uses_the_current_manage_py(
    monkeypatch: pytest.MonkeyPatch, program: str, expected: list[str]
) -> None:
    monkeypatch.setattr(sys, "argv", [program, "ory_dev"])
    command = SiteServer(port=8000, environment={}).build_command()
    assert command == [sys.executable, *expected, "runserver", "localhost:8000"]


def test_site_listens_between_start_and_stop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (port,) = find_free_ports(1)
    program = write_program(tmp_path / "site", SITE)
    monkeypatch.setattr(SiteServer, "build_command", lambda self: [str(program), str(self.port)])
    site = SiteServer(port=port, environment={"A": "1"})
    site.stop()
    site.check_running()
    assert not site.is_listening()
    site.start()
    until(site.is_listening)
    site.check_running()
    site.stop()
    assert not site.is_listening()
    with pytest.raises(DevstackError, match=r"The site was ended by SIGTERM\. Its output is above\."):
        site.check_running()
