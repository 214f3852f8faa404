"""The example site by itself: the system checks pass, and its pages respond before any server was started."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROJECT = ROOT / "example_project"

VISIT = """
import django
django.setup()
from django.core.management import call_command
from django.test import Client
call_command("migrate", verbosity=0)
for path in {paths!r}:
    response = Client(headers={{"host": "localhost"}}).get(path)
    print(response.status_code, path, response.headers.get("Location", ""))
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
        timeout=60,
    )
    assert finished.returncode == 0, finished.stdout
    return finished.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "--fail-level", "WARNING"),
        ("makemigrations", "--check", "--dry-run"),
        ("spectacular", "--validate", "--fail-on-warn", "--file", os.devnull),
    ],
    ids=lambda arguments: arguments[0],
)
def test_commands_that_check_the_project_pass(arguments: tuple[str, ...]) -> None:
    run("manage.py", *arguments)


def test_public_pages_are_open_and_others_redirect_to_sign_in() -> None:
    printed = run("-c", VISIT.format(paths=["/", "/tools/apple-press/", "/loans/", "/admin/"]))
    assert printed.splitlines() == [
        "200 / ",
        "200 /tools/apple-press/ ",
        "302 /loans/ /auth/login/?next=/loans/",
        "302 /admin/ /admin/login/?next=/admin/",
    ]


def test_tests_of_the_site_pass_without_servers() -> None:
    assert "\nOK\n" in run("manage.py", "test")
