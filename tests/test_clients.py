"""One client per alias and process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django_ory.client import OryClient
from django_ory.clients import get_client, new_client
from tests.sessions.stand_in import ory_settings

if TYPE_CHECKING:
    from pytest_django import Settings


class Subclass(OryClient):
    """A client that can do more."""


def test_it_is_shared_until_settings_change(settings: Settings) -> None:
    first = get_client()
    assert get_client() is get_client("default") is get_client(alias="default") is first
    settings.ORY = ory_settings(TIMEOUT=7)
    assert get_client() is not first


def test_one_per_alias(settings: Settings) -> None:
    settings.ORY = {**settings.ORY, "acme": {"KRATOS_PUBLIC_URL": "http://acme.test"}}
    assert get_client("acme") is not get_client()


def test_another_kind() -> None:
    assert isinstance(new_client(Subclass, "default"), Subclass)
