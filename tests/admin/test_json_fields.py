from __future__ import annotations

import pytest

from django_ory.admin.json_fields import JSONField


@pytest.mark.parametrize(
    ("initial", "data", "is_changed"),
    [
        ('{"a": 1, "b": 2}', '{"b": 2,\r\n "a": 1.0}', False),
        ("", "null", False),
        ('{"a": 1}', '{"a": true}', True),
        ("[0]", "[false]", True),
        ('{"a": 1}', '{"a": ', True),
    ],
)
def test_json_is_changed_by_another_value_only(initial: str, data: str, is_changed: bool) -> None:
    assert JSONField(required=False).has_changed(initial, data) is is_changed
