from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.fixtures import events

from .django_site import LOGIN_URL, DjangoSite, build_ory_settings
from .provider_site import ProviderSite

if TYPE_CHECKING:
    from django.test import Client
    from pytest_django import Settings

    from django_ory.testing import FakeOry

__all__ = ["events"]


@pytest.fixture
def site(client: Client, db: None, ory: FakeOry) -> ProviderSite:
    return ProviderSite(ory, client)


@pytest.fixture
def django_site(client: Client, db: None, ory: FakeOry, settings: Settings) -> DjangoSite:
    settings.ORY = build_ory_settings()
    settings.LOGIN_URL = LOGIN_URL
    return DjangoSite(ory, client)
