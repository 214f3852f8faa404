"""Real servers for the client: the shared ones, and a pair with short lifespans and client registration."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from django_ory.devstack import OryStack

from .expired import EXPIRING_FLOWS, Expired, create_expired
from .world import World, new_world

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django_ory.devstack import StackAddresses


@pytest.fixture
def world(ory_stack: StackAddresses) -> Iterator[World]:
    """A separate world on the shared servers."""
    world = new_world(ory_stack)
    with world.client:
        yield world


@pytest.fixture(scope="session")
def short_lived_stack() -> Iterator[OryStack]:
    """Servers with client registration, and with flows and challenges of two seconds."""
    flows: dict[str, dict[str, str]] = {flow: {"lifespan": "2s"} for flow in EXPIRING_FLOWS}
    flows["settings"]["privileged_session_max_age"] = "1s"
    kratos = {"selfservice": {"flows": flows}}
    hydra = {
        "oidc": {"dynamic_client_registration": {"enabled": True}},
        "ttl": {"login_consent_request": "2s"},
    }
    with OryStack(config_overrides={"kratos": kratos, "hydra": hydra}) as stack:
        yield stack


@pytest.fixture(scope="session")
def expired(short_lived_stack: OryStack) -> Expired:
    """Expired flows and a challenge of the short-lived servers, which no request changes."""
    world = new_world(short_lived_stack)
    with world.client:
        return create_expired(world)


@pytest.fixture
def short_lived_world(short_lived_stack: OryStack) -> Iterator[World]:
    """A world on the short-lived servers."""
    world = new_world(short_lived_stack)
    with world.client:
        yield world


@pytest.fixture
def expired_world(short_lived_world: World, expired: Expired) -> World:
    """A world on the short-lived servers, with flows that have expired."""
    short_lived_world.expired = expired
    return short_lived_world
