from __future__ import annotations

import os
import subprocess
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

#: Ends twice: the first time with the exit code of a process whose files have changed.
MANAGE = """
import os, pathlib, sys

log = pathlib.Path(os.environ["LOG"])
is_first = not log.exists()
with log.open("a") as file:
    print(os.environ.get("RUN_MAIN"), sys.argv, file=file)
sys.exit(3 if is_first else 1)
"""


def test_command_runs_django_without_a_manage_py(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["/usr/bin/django-admin", "ory_dev"])
    assert build_command(8000) == [sys.executable, "-m", "django", "runserver", "localhost:8000"]


def test_command_starts_the_current_manage_py_again_after_each_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manage, log = tmp_path / "site" / "manage.py", tmp_path / "log"
    manage.parent.mkdir()
    manage.write_text(MANAGE)
    monkeypatch.setattr(sys, "argv", [str(manage), "ory_dev"])
    command = build_command(8000)
    done = subprocess.run(command, env={**os.environ, "LOG": str(log)}, timeout=60, check=False)
    assert done.returncode == 1
    assert log.read_text().splitlines() == [f"true ['{manage}', 'runserver', 'localhost:8000']"] * 2


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
