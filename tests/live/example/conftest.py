"""The example site with its API as a process, and members who sign in to it by a scripted browser."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import pytest

from django_ory.client import OryClient
from tests.e2e.servers import build_example_site
from tests.live.provider.browser import Browser
from tests.live.provider.conftest import PASSWORD, Person

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django_ory.devstack import StackAddresses
    from tests.e2e.servers import ServedSite


@pytest.fixture(scope="package")
def toolshelf(ory_stack: StackAddresses, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedSite]:
    """Toolshelf at the site URL of the shared stack. Its tests run in one process, which has the port."""
    site = build_example_site(ory_stack, folder=tmp_path_factory.mktemp("toolshelf"))
    site.start()
    yield site
    site.stop()


@pytest.fixture
def build_member(toolshelf: ServedSite, ory_stack: StackAddresses) -> Iterator[Callable[[], Person]]:
    """Creates members with a verified address."""
    with OryClient(kratos_admin_url=ory_stack.kratos_admin_url, timeout=10.0) as client:

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
