"""One client per alias and process."""

from __future__ import annotations

import asyncio
import inspect
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from django.core.exceptions import SynchronousOnlyOperation

from django_ory.client import OryClient, Timeout
from django_ory.clients import get_client, new_client
from tests.support.kratos import ory_settings

if TYPE_CHECKING:
    from pytest_django import Settings


class Subclass(OryClient):
    """A client of a project."""


class RecordingClient(OryClient):
    """A client that records its arguments."""

    arguments: ClassVar[dict[str, Any]] = {}

    def __init__(self, **arguments: Any) -> None:
        type(self).arguments = arguments


def test_client_is_shared_until_settings_change(settings: Settings) -> None:
    first = get_client()
    assert get_client() is get_client("default") is get_client(alias="default") is first
    settings.ORY = ory_settings(TIMEOUT=7)
    assert get_client() is not first


def test_each_alias_has_its_own_client(settings: Settings) -> None:
    settings.ORY = {**settings.ORY, "acme": {"KRATOS_PUBLIC_URL": "http://acme.test"}}
    assert get_client("acme") is not get_client()


def test_each_client_argument_is_a_setting(settings: Settings) -> None:
    arguments = {
        "KRATOS_PUBLIC_URL": "http://kp.test",
        "KRATOS_ADMIN_URL": "http://ka.test",
        "HYDRA_PUBLIC_URL": "http://hp.test",
        "HYDRA_ADMIN_URL": "http://ha.test",
        "KETO_READ_URL": "http://kr.test",
        "KETO_WRITE_URL": "http://kw.test",
        "CONSOLE_URL": "http://c.test",
        "SDK_URL": "http://s.test",
        "API_KEY": "key",
        "MAX_RESPONSE_BYTES": 1000,
        "POOL_SIZE": 3,
        "CA_BUNDLE": "/ca.pem",
        "PROXY": "http://proxy.test:3128",
    }
    settings.ORY = {"default": {**arguments, "TIMEOUT": 7, "CONNECT_TIMEOUT": 2}}
    new_client(RecordingClient, "default")
    assert RecordingClient.arguments == {
        **{key.lower(): value for key, value in arguments.items()},
        "timeout": Timeout(connect=2, total=7),
    }
    assert RecordingClient.arguments.keys() == inspect.signature(OryClient).parameters.keys() - {
        "interceptor"
    }


def test_defaults_are_those_of_the_client() -> None:
    new_client(RecordingClient, "default")
    parameters = inspect.signature(OryClient).parameters
    for name in ("max_response_bytes", "pool_size", "ca_bundle", "proxy"):
        assert RecordingClient.arguments[name] == parameters[name].default


def test_new_client_creates_a_subclass() -> None:
    assert isinstance(new_client(Subclass, "default"), Subclass)


def test_call_in_an_event_loop_raises() -> None:
    async def call() -> None:
        get_client().to_session()

    with pytest.raises(SynchronousOnlyOperation, match="sync_to_async"):
        asyncio.run(call())
