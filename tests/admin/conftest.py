"""Kratos and Hydra, as far as the mirror talks to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import responses

from tests.mirror.fakes import HYDRA, KRATOS, FakeOry

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def no_network() -> Iterator[None]:
    with responses.mock:
        yield


@pytest.fixture
def kratos() -> FakeOry:
    return FakeOry(KRATOS, "identities", "id")


@pytest.fixture
def hydra() -> FakeOry:
    return FakeOry(HYDRA, "clients", "client_id")
