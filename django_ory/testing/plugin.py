"""The pytest plugin of django_ory. Pytest loads it where the package is installed.

The fixture ``ory_stack`` is a real Kratos, a real Hydra and a mailbox on free ports of this machine, made
from your URLconf and settings, started when a test first asks: once a test run, however many xdist workers::

    def test_sign_in(ory_stack, settings):
        settings.ORY = ory_stack.ory_setting     # {"default": {"KRATOS_PUBLIC_URL": ..., ...}}
        ory_stack.kratos_public_url              # and kratos_admin_url, hydra_public_url, hydra_admin_url
        ory_stack.site_url                       # http://localhost:PORT, where the servers send people to
        ory_stack.mails[-1].subject              # .to .subject .text .html .received_at .id
        ory_stack.wait_for_mail("eva@example.com", "verify", timeout=10)

No server listens at ``site_url``: give Django's test client ``SERVER_NAME="localhost"`` and its port, or
serve there. The servers need the extra ``django-ory[dev]``; they are looked up as ``manage.py ory_dev`` does.

A test that stops or changes a server takes a stack of its own, which ends with the test::

    def test_kratos_down(ory_stack_factory):
        stack = ory_stack_factory(site_url="http://localhost:8000", config_overrides={"kratos": {...}})
        stack.kratos.pause()                     # resume() stop() kill() start() restart() wait_ready() .pid

The fixture ``ory`` is a ``FakeOry``: Kratos and Hydra in memory, for tests that need no server. ``ory_login``
signs a user in at a Django test client.

Outside of fixtures: ``with django_ory.devstack.OryStack(...) as stack:``.
"""

from __future__ import annotations

import os
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django_ory.devstack import OryStack, StackAddresses
    from django_ory.testing import FakeOry
    from django_ory.testing.fake.sessions import StoredSession

__all__ = ["ory", "ory_login", "ory_stack", "ory_stack_factory"]


@pytest.fixture
def ory() -> Iterator[FakeOry]:
    """An in-memory Kratos and Hydra that answer every client of django_ory during the test."""
    from django_ory.testing import FakeOry

    with FakeOry() as fake:
        yield fake


@pytest.fixture
def ory_login(ory: FakeOry) -> Callable[..., StoredSession]:
    """``FakeOry.login``: ``ory_login(client, traits={"email": "ann@example.com"}, aal="aal2")``."""
    return ory.login


@pytest.fixture(scope="session")
def ory_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StackAddresses]:
    """Kratos, Hydra and a mailbox, shared by the whole test run and all its xdist workers."""
    from django_ory.devstack.stack.shared import join_stack

    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent  # each worker has a folder of its own in the one of the run
    with join_stack(folder / "ory-stack") as stack:
        yield stack


@pytest.fixture
def ory_stack_factory() -> Iterator[Callable[..., OryStack]]:
    """Starts stacks that belong to one test. Takes the arguments of ``django_ory.devstack.OryStack``."""
    from django_ory.devstack import OryStack

    with ExitStack() as closing:

        def start(**options: Any) -> OryStack:
            return closing.enter_context(OryStack(**options))

        yield start
