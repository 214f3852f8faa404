"""The fixtures of the plugin, in separate test runs with fake servers."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from django_ory.devstack.ports import is_listening
from django_ory.devstack.servers.specs import SERVERS
from tests.devstack.fakes import SERVER, write_program

if TYPE_CHECKING:
    from collections.abc import Callable

    from django_ory.devstack import OryStack

pytest_plugins = ["pytester"]

#: Plugins of this environment that cost time at start.
UNUSED_PLUGINS = ("hypothesispytest", "playwright", "base_url", "asyncio", "anyio", "schemathesis")

NOTES = """
import json
import pathlib
import time

import pytest

@pytest.fixture(autouse=True)
def note(ory_stack, request):
    port = ory_stack.ports.kratos_public
    seen = {"port": port, "setting": ory_stack.ory_setting, "site": ory_stack.site_url}
    pathlib.Path(f"{request.node.name}.json").write_text(json.dumps(seen))
    # All workers wait for each other, so that they need the stack at the same time.
    deadline = time.monotonic() + 300
    while len(list(pathlib.Path().glob("test_*.json"))) < %d:
        assert time.monotonic() < deadline, "the other worker did not come"
        time.sleep(0.05)
"""


#: Settings of a small site. The admin and the other apps of the tests would be imported by each process.
SETTINGS = """
from tests.settings import *

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django_ory",
]
ROOT_URLCONF = "site_urls"
"""
URLS = """
from django.urls import include, path

urlpatterns = [path("auth/", include("django_ory.urls"))]
"""


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A project with its own test suite."""
    for spec in SERVERS.values():
        monkeypatch.setenv(spec.variable, str(write_program(pytester.path / "bin" / spec.name, SERVER)))
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "site_settings")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join((str(Path(__file__).parents[2]), str(pytester.path))))
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    monkeypatch.setenv("PYTEST_ADDOPTS", " ".join(f"-p no:{name}" for name in UNUSED_PLUGINS))
    pytester.makepyfile(site_settings=SETTINGS, site_urls=URLS)
    pytester.makepyfile(test_one="def test_a(): pass\ndef test_b(): pass\n", test_two="def test_c(): pass\n")
    return pytester


def check_that_one_stack_was_shared(project: pytest.Pytester, *, tests: int) -> None:
    notes = [json.loads(file.read_text()) for file in project.path.glob("test_*.json")]
    assert len(notes) == tests
    assert [note for note in notes if note != notes[0]] == []
    assert notes[0]["site"].startswith("http://localhost:")
    assert not is_listening(notes[0]["port"])


def test_all_workers_share_one_stack(project: pytest.Pytester) -> None:
    project.makeconftest(NOTES % 2)
    project.runpytest_subprocess("-n", "2").assert_outcomes(passed=3)
    check_that_one_stack_was_shared(project, tests=3)


def test_all_tests_of_a_process_share_one_stack_beside_those_of_the_factory(project: pytest.Pytester) -> None:
    project.makeconftest(NOTES % 1)
    project.makepyfile(
        """
        def test_two_stacks(ory_stack_factory, ory_stack):
            one, other = ory_stack_factory(site_url="http://localhost:1"), ory_stack_factory()
            assert one.site_url == "http://localhost:1"
            assert len({stack.kratos_public_url for stack in (one, other, ory_stack)}) == 3
            one.kratos.kill()
            other.kratos.wait_ready()
        """
    )
    project.runpytest_subprocess("-p", "no:randomly").assert_outcomes(passed=4)
    check_that_one_stack_was_shared(project, tests=4)


def test_factory_returns_running_stacks(
    project: pytest.Pytester, ory_stack_factory: Callable[..., OryStack]
) -> None:
    assert project.path.exists()
    stack = ory_stack_factory(site_url="http://localhost:1")
    assert stack.kratos.is_ready()
