"""The messages that workers of pytest-xdist leave out are those that the output does not depend on."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from _pytest.subtests import SubtestContext

from tests.worker_reports import is_printed

Phase = Literal["setup", "call", "teardown"]
Outcome = Literal["passed", "failed", "skipped"]


def build_report(when: Phase, outcome: Outcome) -> pytest.TestReport:
    return pytest.TestReport("a.py::b", ("a.py", 1, "b"), {}, outcome, None, when)


def build_message(config: pytest.Config, report: pytest.TestReport) -> dict[str, Any]:
    """Build the values of the message that a worker sends for a report."""
    return {"data": config.hook.pytest_report_to_serializable(config=config, report=report)}


@pytest.mark.parametrize("outcome", ["passed", "failed", "skipped"])
@pytest.mark.parametrize("when", ["setup", "call", "teardown"])
def test_report_is_printed_unless_it_passed_beside_the_call(
    pytestconfig: pytest.Config, when: Phase, outcome: Outcome
) -> None:
    message = build_message(pytestconfig, build_report(when, outcome))
    assert is_printed("testreport", message) is (when == "call" or outcome != "passed")


@pytest.mark.parametrize("outcome", ["passed", "failed", "skipped"])
def test_subtest_is_printed_unless_it_passed(pytestconfig: pytest.Config, outcome: Outcome) -> None:
    context = SubtestContext(msg="c", kwargs={})
    report = pytest.SubtestReport._new(build_report("call", outcome), context, None, None)
    assert is_printed("testreport", build_message(pytestconfig, report)) is (outcome != "passed")


@pytest.mark.parametrize(
    "event", ["logfinish", "runtest_protocol_complete", "warning_recorded", "internal_error"]
)
def test_other_message_is_sent(event: str) -> None:
    assert is_printed(event, {})


def test_start_of_a_test_is_not_printed() -> None:
    assert not is_printed("logstart", {"nodeid": "a.py::b"})
