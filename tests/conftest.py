"""The start of each test: an empty cache, and a process without failures of Kratos."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.core.cache import cache

from django_ory.authentication.resolver import clear_process_state
from tests.probes import probes

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["probes"]


@pytest.fixture(autouse=True)
def _clean_process() -> Iterator[None]:
    clear_process_state()
    cache.clear()
    yield
    clear_process_state()
