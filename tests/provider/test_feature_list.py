"""The list of the provider's features names tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
FEATURES = TESTS / "live" / "provider" / "README.md"


def read_defined_tests() -> set[str]:
    found: set[str] = set()
    for file in TESTS.rglob("test_*.py"):
        found.update(re.findall(r"^ *(?:async )?def (test_\w+)\(", file.read_text(), re.MULTILINE))
    return found


def test_each_feature_names_tests_that_exist() -> None:
    rows = [line for line in FEATURES.read_text().splitlines() if line.startswith("| ") and "---" not in line]
    assert len(rows) > 30
    defined = read_defined_tests()
    for row in rows[1:]:
        named = re.findall(r"`(test_\w+)`", row.rpartition(" | ")[2])
        assert named, row
        assert set(named) <= defined, f"{row}: {set(named) - defined}"
