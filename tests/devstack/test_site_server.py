from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from django_ory.devstack.errors import DevstackError
from django_ory.devstack.ports import find_free_ports, is_listening
from django_ory.devstack.stack import site_server
from django_ory.devstack.stack.site_server import SiteServer, build_command

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
    assert build_command(8000) == [sys.executable, *expected, "runserver", "localhost:8000"]


def test_site_listens_until_stop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (port,) = find_free_ports(1)
    program = write_program(tmp_path / "site", SITE)
    monkeypatch.setattr(site_server, "build_command", lambda port: [str(program), str(port)])
    site = SiteServer(port=port, environment={"A": "1"})
    until(lambda: is_listening(port))
    site.check_running()
    site.stop()
    assert not is_listening(port)
    with pytest.raises(DevstackError, match=r"The site was ended by SIGTERM\. Its output is above\."):
        site.check_running()
