"""Each operation of the seeds outside the console has a scenario; its documented errors have attempts.

These tests need no server.
"""

from __future__ import annotations

import inspect

from django_ory.client import OryAPIError, OryClient
from tests.client.spec import MODERN, SEED

from . import expiry_errors, flow_errors, hydra_errors, kratos_errors  # noqa: F401 (they register)
from .attempts import ATTEMPTS
from .test_success import SEEDS
from .unprovoked import REASONS
from .world import SCENARIOS


def test_each_of_the_85_operations_has_a_scenario() -> None:
    assert len(SEEDS) == 85
    assert {operation.name for operation in SEEDS} - set(SCENARIOS) == set()


def test_each_scenario_belongs_to_an_operation() -> None:
    assert set(SCENARIOS) <= {operation.name for operation in [*SEED, *MODERN]}


def test_each_documented_error_has_an_attempt_or_a_reason() -> None:
    documented = {
        (operation.name, status)
        for operation in SEEDS
        for status in operation.responses
        if status[0] not in "23" and status != "500"
    }
    attempted = {(attempt.operation, str(attempt.status)) for attempt in ATTEMPTS}
    # "default" in Hydra's specification: errors of all statuses have this shape.
    provoked = attempted | {(operation, "default") for operation, _ in attempted}
    assert documented - provoked == set(REASONS)
    assert {operation for operation, _ in attempted} <= {operation.name for operation in SEEDS}


def test_each_error_is_in_the_docs_of_its_operation() -> None:
    unnamed = {
        attempt.operation: attempt.kind.__name__
        for attempt in ATTEMPTS
        if not any(
            kind.__name__ in (inspect.getdoc(getattr(OryClient, attempt.operation)) or "")
            for kind in attempt.kind.__mro__
            if issubclass(kind, OryAPIError) and kind is not OryAPIError
        )
    }
    assert unnamed == {}
