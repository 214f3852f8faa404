from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .stage import Stage

if TYPE_CHECKING:
    from django.test import Client

    from django_ory.testing import FakeOry


@pytest.fixture
def stage(client: Client, db: None, ory: FakeOry) -> Stage:
    return Stage(ory, client)
