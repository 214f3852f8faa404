from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import responses

from .stage import Stage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.test import Client


@pytest.fixture
def stage(client: Client, db: None) -> Iterator[Stage]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as stubs:
        yield Stage(stubs, client)
