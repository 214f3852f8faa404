from __future__ import annotations

from collections.abc import Iterator

import pytest
import responses
from django.test import Client

from .stage import Stage


@pytest.fixture
def stage(client: Client, db: None) -> Iterator[Stage]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as stubs:
        yield Stage(stubs, client)
