"""The comparison of an output with the part of it that a page shows."""

from __future__ import annotations

import pytest

from tests.support.guides.outputs import contains_json, contains_lines

OUTPUT = "Created 3 rows\n  at 10:15:22\nin 4 s, without errors\nDone\n"


@pytest.mark.parametrize(
    ("expected", "is_contained"),
    [
        (OUTPUT, True),
        ("Created 3 rows\nDone", True),
        ("at 10:...\n...\nDone\n", True),
        ("without errors", True),
        ("Done\nCreated 3 rows", False),
        ("Created 3 rows\nCreated 3 rows", False),
        ("Created ... Done", False),
        ("created 3 rows", False),
        ("Created . rows", False),
        ("...\n", False),
    ],
)
def test_lines_of_an_output(expected: str, is_contained: bool) -> None:
    assert contains_lines(OUTPUT, expected) is is_contained


@pytest.mark.parametrize(
    ("output", "expected", "is_contained"),
    [
        ('{"a": 1, "b": {"c": [1, 2]}}', '{"b": {"c": [2]}}', True),
        ('{"a": 1}', '{"b": 1}', False),
        ('{"a": true}', '{"a": 1}', False),
        ('{"a": "id-17"}', '{"a": "id-..."}', True),
        ('{"a": "id-17"}', '{"a": "id"}', False),
        ('{"a": null}', '{"a": "..."}', False),
        ("[1, 2, 3]", "[1, 3]", True),
        ("[1, 2, 3]", "[3, 1]", False),
        ('{"0": 1}', "[1]", False),
        ("not JSON", "{}", False),
    ],
)
def test_json_of_an_output(output: str, expected: str, is_contained: bool) -> None:
    assert contains_json(output, expected) is is_contained
