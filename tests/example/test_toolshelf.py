"""The example site by itself, before any server was started: checks, its tests and its pages."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROJECT = ROOT / "example_project"

PATHS = [
    "/",
    "/tools/apple-press/",
    "/loans/",
    "/admin/",
    "/desk/",
    "/api/",
    "/api/schema/",
    "/api/tools/",
    "/.well-known/oauth-protected-resource/api",
]
#: Checks the site, visits pages, then runs ``manage.py test``: in one process, as the imports take longest. A
#: failed check or test ends the process with an error.
VISIT = """
import os
import runpy
import sys
import django
django.setup()
from django.core.management import call_command
from django.test import Client
call_command("check", fail_level="WARNING")
call_command("makemigrations", check=True, dry_run=True)
call_command("spectacular", validate=True, fail_on_warn=True, file=os.devnull)
call_command("migrate", verbosity=0)
for path in {paths!r}:
    response = Client(headers={{"host": "localhost"}}).get(path)
    print(response.status_code, path, response.headers.get("Location", ""))
print("tests:", flush=True)
sys.argv = ["manage.py", "test"]
runpy.run_path("manage.py", run_name="__main__")
"""


def run(*command: str) -> str:
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "toolshelf.settings",
        "PYTHONPATH": f"{ROOT}{os.pathsep}{PROJECT}",
        "PYTHONWARNINGS": "error",
        "SQLITE_PATH": ":memory:",
    }
    finished = subprocess.run(
        [sys.executable, *command],
        cwd=PROJECT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=180,
    )
    assert finished.returncode == 0, finished.stdout
    return finished.stdout


def test_checks_and_tests_of_the_site_pass_and_only_public_pages_are_open() -> None:
    visited, _, tested = run("-c", VISIT.format(paths=PATHS)).partition("tests:\n")
    assert visited.splitlines() == [
        "System check identified no issues (0 silenced).",
        "No changes detected",
        "200 / ",
        "200 /tools/apple-press/ ",
        "302 /loans/ /auth/login/?next=/loans/",
        "302 /admin/ /admin/login/?next=/admin/",
        "200 /desk/ ",
        "200 /api/ ",
        "200 /api/schema/ ",
        "200 /api/tools/ ",
        "200 /.well-known/oauth-protected-resource/api ",
    ]
    assert "\nOK\n" in tested


def test_readme_installs_what_the_example_needs() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    (command,) = re.findall(r"python -m pip install (.+?) &&", (PROJECT / "README.md").read_text())
    (extras,) = re.findall(r'"django-ory\[(.+)\]"', command)
    requirements = command.split()
    for extra in extras.split(","):
        requirements += project["project"]["optional-dependencies"][extra]
    needed = project["dependency-groups"]["example"]
    assert {get_name(each) for each in needed} <= {get_name(each) for each in requirements}


def get_name(requirement: str) -> str:
    return re.split(r"[\[<>=]", requirement.strip('"'))[0].lower()
