"""Identities on a real Kratos, and this process as the site."""

from __future__ import annotations

import base64
import contextlib
import json
import secrets
from typing import TYPE_CHECKING, Any

import pytest

from tests.live.client.world import World, new_world
from tests.live.proxy import Proxy
from tests.live.services import redis_server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django_ory.devstack import OryStack, StackAddresses

WHOAMI = "/sessions/whoami"


@contextlib.contextmanager
def use_stack(stack: StackAddresses, settings: Any) -> Iterator[World]:
    """A world on these servers; the settings of this process use the same servers."""
    world = new_world(stack)
    settings.ORY = stack.ory_setting
    settings.ALLOWED_HOSTS = ["*"]
    settings.ROOT_URLCONF = "tests.authentication.urls"
    with world.client:
        yield world


@pytest.fixture
def world(ory_stack: StackAddresses, settings: Any) -> Iterator[World]:
    """A world on the shared servers."""
    with use_stack(ory_stack, settings) as world:
        yield world


@pytest.fixture
def proxy(world: World, settings: Any) -> Iterator[Proxy]:
    """A proxy between this site and Kratos."""
    with Proxy(world.stack.ports.kratos_public).running() as proxy:
        change(settings, KRATOS_PUBLIC_URL=proxy.url)
        yield proxy


def change(settings: Any, **changes: Any) -> None:
    """Change settings of the default alias."""
    settings.ORY = {**settings.ORY, "default": {**settings.ORY["default"], **changes}}


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A Redis for the run."""
    with redis_server() as url:
        yield url


def _signing_key() -> str:
    """Return a key set for the tokenizer, as the configuration of Kratos expects it."""
    secret = base64.urlsafe_b64encode(secrets.token_bytes(64)).rstrip(b"=").decode()
    key = {"kty": "oct", "k": secret, "alg": "HS512", "use": "sig", "kid": "test"}
    return base64.b64encode(json.dumps({"keys": [key]}).encode()).decode()


@pytest.fixture(scope="session")
def short_stack() -> Iterator[OryStack]:
    """A Kratos with sessions that expire after four seconds."""
    from django_ory.devstack import OryStack

    with OryStack(config_overrides={"kratos": {"session": {"lifespan": "4s"}}}) as stack:
        yield stack


@pytest.fixture(scope="session")
def strict_stack() -> Iterator[OryStack]:
    """A Kratos that requires enrolled second factors, with a template for the tokens of sessions."""
    from django_ory.devstack import OryStack

    kratos = {
        "session": {
            "whoami": {
                "required_aal": "highest_available",
                "tokenizer": {
                    "templates": {"short": {"ttl": "1m", "jwks_url": f"base64://{_signing_key()}"}}
                },
            },
        },
        "selfservice": {"methods": {"totp": {"enabled": True}, "lookup_secret": {"enabled": True}}},
    }
    with OryStack(config_overrides={"kratos": kratos}) as stack:
        yield stack


@pytest.fixture(scope="session")
def own_stack() -> Iterator[OryStack]:
    """A Kratos for tests that kill it or change its database."""
    from django_ory.devstack import OryStack

    with OryStack() as stack:
        yield stack


@pytest.fixture
def own_world(own_stack: OryStack, settings: Any) -> Iterator[World]:
    """A world on ``own_stack``, which runs again after the test."""
    with use_stack(own_stack, settings) as world:
        yield world
        own_stack.kratos.start()
        own_stack.kratos.wait_ready()
