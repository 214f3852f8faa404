"""Settings of the live tests: they run the real probes of the circuit breaker."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def probes() -> None:
    """Replaces the unit suite's fixture of this name, which stops the probes."""
