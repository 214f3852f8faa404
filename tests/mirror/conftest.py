"""Every test here has its calls answered by ``FakeOry``."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django_ory.testing import FakeOry


@pytest.fixture(autouse=True)
def no_network(ory: FakeOry) -> None:
    """No test reaches a network, with or without the fixture ``ory``."""


@pytest.fixture
def pages_in_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sync reads each page when it needs the page, for tests that use the database during a response."""

    @contextmanager
    def read_in_place(items: Iterator[Any], **_: Any) -> Iterator[Iterator[Any]]:
        yield items

    monkeypatch.setattr("django_ory.mirror.sync.read_ahead", read_in_place)
