"""Real servers for the client: those of the run, and a pair in haste that lets anybody register a client."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from django_ory.devstack import OryStack

from .world import World, new_world

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django_ory.devstack import StackAddresses

HASTE = 2.2  # seconds after which flows and challenges of the hasty servers are over
FLOWS = ("login", "registration", "recovery", "verification", "settings")


@pytest.fixture
def world(ory_stack: StackAddresses) -> Iterator[World]:
    """A world of this test's own on the servers of the run."""
    world = new_world(ory_stack)
    with world.client:
        yield world


@pytest.fixture(scope="session")
def hasty_stack() -> Iterator[OryStack]:
    """Servers whose flows and challenges last two seconds, and whose Hydra lets anybody register a client."""
    flows: dict[str, dict[str, str]] = {flow: {"lifespan": "2s"} for flow in FLOWS}
    flows["settings"]["privileged_session_max_age"] = "1s"
    kratos = {"selfservice": {"flows": flows}}
    hydra = {
        "oidc": {"dynamic_client_registration": {"enabled": True}},
        "ttl": {"login_consent_request": "2s"},
    }
    with OryStack(config_overrides={"kratos": kratos, "hydra": hydra}) as stack:
        yield stack


@pytest.fixture
def hasty_world(hasty_stack: OryStack) -> Iterator[World]:
    """A world on those."""
    world = new_world(hasty_stack)
    with world.client:
        yield world
