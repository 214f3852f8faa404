"""The example site with its API as a process, and members who sign in to it by a scripted browser."""

from __future__ import annotations

import json
import os
import secrets
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from django_ory.client import OryClient
from django_ory.devstack import OryStack
from django_ory.devstack.ports import find_free_ports
from tests.e2e.servers import build_example_site
from tests.live.provider.browser import Browser
from tests.live.provider.conftest import PASSWORD, Person

from .command_line import CommandLine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.e2e.servers import ServedSite


@pytest.fixture(scope="package")
def stack() -> Iterator[OryStack]:
    """A stack of this test process: only one process can serve the site URL of the shared stack."""
    with OryStack(site_url=f"http://localhost:{find_free_ports(1)[0]}") as started:
        yield started


@pytest.fixture(scope="package")
def toolshelf(stack: OryStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedSite]:
    """Toolshelf at the site URL of the stack."""
    site = build_example_site(stack, folder=tmp_path_factory.mktemp("toolshelf"))
    site.environment["API_RATE"] = "100000/min"  # all requests of a test have one principal or address
    setting = json.loads(site.environment["DJANGO_ORY_DEV_SETTING"])
    setting["default"]["TIMEOUT"] = 10.0  # on a busy machine, slow responses are no outage
    site.environment["DJANGO_ORY_DEV_SETTING"] = json.dumps(setting)
    site.start()
    yield site
    site.stop()


@pytest.fixture
def build_member(toolshelf: ServedSite, stack: OryStack) -> Iterator[Callable[[], Person]]:
    """Creates members with a verified address."""
    with OryClient(kratos_admin_url=stack.kratos_admin_url, timeout=10.0) as client:

        def build() -> Person:
            email = f"p{secrets.token_hex(6)}@example.org"
            identity = client.admin_create_identity(
                body={
                    "schema_id": "person",
                    "traits": {"email": email},
                    "credentials": {"password": {"config": {"password": PASSWORD}}},
                    "verifiable_addresses": [
                        {"value": email, "verified": True, "via": "email", "status": "completed"}
                    ],
                }
            )
            return Person(identity.id, email, Browser(toolshelf.url, is_served=True))

        yield build


@pytest.fixture(scope="package")
def environment(toolshelf: ServedSite, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of the clients, with the values that ``create_clients`` wrote."""
    folder = tmp_path_factory.mktemp("clients")
    file = Path(toolshelf.environment["DJANGO_ORY_DEV_FOLDER"]) / "clients.env"
    toolshelf.manage("create_clients", "--site-url", toolshelf.url)
    first = file.read_text()
    printed = toolshelf.manage("create_clients", "--site-url", toolshelf.url)
    assert "toolshelf-cli, toolshelf-reminders, fix-it-friday" in printed
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.read_text() != first  # clients that exist get new secrets
    values = dict(line.split("=", 1) for line in file.read_text().splitlines())
    return {**os.environ, **values, "NO_PROXY": "*", "TOOLSHELF_TOKEN_FILE": str(folder / "state" / "token")}


@pytest.fixture
def command_line(environment: dict[str, str], build_member: Callable[[], Person]) -> CommandLine:
    made = CommandLine(environment, build_member())
    made.token_file.unlink(missing_ok=True)
    return made
