"""Each entry of the page has a test, and each test an entry."""

from __future__ import annotations

import re

import pytest
from ory_reference.check_faults import find_message

from .page import PAGE, expect, list_tested, read_entries

#: Entry -> the system check with its message.
CHECKS: dict[str, str] = {
    "unknown-key": "E002",
    "no-middleware": "E015",
    "no-shared-domain": "W007",
    "admin-logout": "W012",
    "local-cache": "W006",
    "csp": "W040",
    "any-host": "E018",
    "courier-unreachable": "W030",
    "admin-url": "W034",
}


def test_each_entry_is_tested_once() -> None:
    assert sorted(list_tested()) == sorted(read_entries())
    assert len(read_entries()) >= 35


def test_each_symptom_of_the_page_has_a_quote() -> None:
    labels = re.findall(r"^\(symptom-([a-z-]+)\)=$", PAGE.read_text(), re.MULTILINE)
    assert labels == list(read_entries())
    assert all(read_entries().values())
    assert len(labels) == PAGE.read_text().count("\n### ")


def test_missing_message_is_an_error() -> None:
    for name in read_entries():
        with pytest.raises(AssertionError, match="is not in"):
            expect(name, "Another message.")


@pytest.mark.parametrize("name", CHECKS)
def test_message_of_a_system_check_is_quoted(name: str) -> None:
    message = find_message(CHECKS[name])
    expect(name, message.msg)
    assert message.hint
