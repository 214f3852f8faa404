from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .provider_site import ProviderSite

if TYPE_CHECKING:
    from django.test import Client

    from django_ory.testing import FakeOry


@pytest.fixture
def site(client: Client, db: None, ory: FakeOry) -> ProviderSite:
    return ProviderSite(ory, client)
