"""Fewer messages from the workers of pytest-xdist to the process that prints the results.

A worker sends six messages for each test, and one for each subtest. Writing and reading them took longer than
the shortest tests. The output does not need those about the start of a test and about what passed before and
after its call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pytest

__all__ = ["is_printed", "send_fewer_reports"]


def is_printed(event: str, values: dict[str, Any]) -> bool:
    """Whether the output of the test run depends on the message of a worker."""
    if event != "testreport":
        return event != "logstart"
    report = values["data"]
    is_result = report["when"] == "call" and "_subtest.context" not in report
    return is_result or report["outcome"] != "passed"


def send_fewer_reports(config: pytest.Config) -> None:
    """Let the worker of pytest-xdist in this process send only the messages that are printed."""
    [worker] = (plugin for plugin in config.pluginmanager.get_plugins() if hasattr(plugin, "sendevent"))
    send = worker.sendevent

    def send_printed(name: str, **values: Any) -> None:
        if is_printed(name, values):
            send(name, **values)

    worker.sendevent = send_printed
