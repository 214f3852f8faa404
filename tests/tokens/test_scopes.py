from __future__ import annotations

import pytest

from django_ory.tokens.scopes import is_scope_granted


@pytest.mark.parametrize(
    ("strategy", "granted", "required", "expected"),
    [
        ("exact", "photos", "photos", True),
        ("exact", "photos", "photos.read", False),
        ("exact", "photos.*", "photos.read", False),
        ("hierarchic", "photos", "photos", True),
        ("hierarchic", "photos", "photos.read", True),
        ("hierarchic", "photos.read", "photos", False),
        ("hierarchic", "photo", "photos", False),
        ("hierarchic", "", "photos", False),
        ("wildcard", "photos", "photos", True),
        ("wildcard", "photos", "photos.read", False),
        ("wildcard", "photos.*", "photos.read", True),
        ("wildcard", "photos.*", "photos.read.all", True),
        ("wildcard", "photos.*", "photos", False),
        ("wildcard", "photos.*", "photos.", False),
        ("wildcard", "*", "photos", True),
        ("wildcard", "*", "photos.read", True),
        ("wildcard", "*.read", "photos.read", True),
        ("wildcard", "*.read", "photos.write", False),
        ("wildcard", "*.read", "photos.read.all", False),
        ("wildcard", "a.*.c", "a.b.c", True),
        ("wildcard", "a.*.c", "a..c", False),
        ("wildcard", "", "photos", False),
    ],
)
def test_granted_scope_contains_a_required_one(
    strategy: str, granted: str, required: str, expected: bool
) -> None:
    assert is_scope_granted([granted], required, strategy=strategy) is expected
    assert is_scope_granted(["other", granted], required, strategy=strategy) is expected
    assert not is_scope_granted([], required, strategy=strategy)
