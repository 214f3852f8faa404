"""Differences of two JSON values as a patch, and the changes of two people in one value."""

from __future__ import annotations

from typing import Any

import pytest

from django_ory.mirror.json_patch import build_json_patch, is_same_json, list_changes, merge_json


@pytest.mark.parametrize(
    ("before", "after", "steps"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": 1.0}, []),
        ({"a": 1}, {"a": True}, [("add", "/a", True)]),
        ({"a": [1, {"b": 2}]}, {"a": [1, {"b": 2.0}]}, []),
        ({"a": [1, 2]}, {"a": [1]}, [("add", "/a", [1])]),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 1}}, [("remove", "/a/c", None)]),
        ({"a": {"b": None}}, {"a": {}}, [("remove", "/a/b", None)]),
        ({"a": {}}, {"a": {"b": None}}, [("add", "/a/b", None)]),
        ({"a": None}, {"a": {"b": 1}}, [("add", "/a", {"b": 1})]),
        ({"a": {"b": 1}}, {"a": None}, [("add", "/a", None)]),
        ({"a": {"b": {"c": 1}}}, {"a": {"b": 5}}, [("add", "/a/b", 5)]),
        ({"a": {}}, {"a": {"b": {"c": 1}}}, [("add", "/a/b", {"c": 1})]),
        ({"a": {}}, {"a": {"x/y~z": 1, "": 2}}, [("add", "/a/x~1y~0z", 1), ("add", "/a/", 2)]),
        ({"a": 1, "b": 2}, {"a": 3}, [("add", "/a", 3)]),  # a member that is not given does not change
        ({}, {"a": None}, []),
    ],
)
def test_patch_has_only_the_differences(before: Any, after: Any, steps: list[tuple[str, str, Any]]) -> None:
    found = [(step["op"], step["path"], step.get("value")) for step in build_json_patch(before, after)]
    assert found == steps
    assert all(("value" in step) == (step["op"] != "remove") for step in build_json_patch(before, after))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (1, True, False),
        (0, False, False),
        (1, 1.0, True),
        ("1", 1, False),
        ([], {}, False),
        (None, {}, False),
    ],
)
def test_types_of_equal_values_differ(one: Any, other: Any, same: bool) -> None:
    assert (
        is_same_json(one, other)
        is is_same_json([one], [other])
        is is_same_json({"a": one}, {"a": other})
        is same
    )


@pytest.mark.parametrize(
    ("base", "mine", "theirs", "merged"),
    [
        ({"a": 1, "b": 1}, {"a": 2, "b": 1}, {"a": 1, "b": 3}, {"a": 2, "b": 3}),
        ({"a": 1}, {"a": 2}, {"a": 3}, {"a": 2}),
        ({"a": 1, "b": 1}, {"b": 1}, {"a": 3, "b": 1}, {"b": 1}),
        ({"a": 1, "b": 1}, {"a": 1, "b": 1}, {"b": 1}, {"b": 1}),
        ({"a": 1}, {"a": 2}, {}, {"a": 2}),
        ({}, {"a": 1}, {"a": 2, "b": 3}, {"a": 1, "b": 3}),
        ({"n": {"f": 1, "l": 1}}, {"n": {"f": 2, "l": 1}}, {"n": {"f": 1, "l": 2}}, {"n": {"f": 2, "l": 2}}),
        ({"n": {"f": 1}}, {"n": {"f": 2}}, {"n": "text"}, {"n": {"f": 2}}),
        ({"n": [1]}, {"n": [1]}, {"n": [2]}, {"n": [2]}),
        (None, {"a": 1}, {"b": 1}, {"a": 1}),
    ],
)
def test_changes_of_two_people_are_merged(base: Any, mine: Any, theirs: Any, merged: Any) -> None:
    assert merge_json(base, mine, theirs) == merged


def test_changes_have_paths_and_both_values() -> None:
    changes = list_changes({"a": {"b": 1, "c": 1}, "d": 1}, {"a": {"b": 2, "e": 3}, "d": 1})
    assert changes == {("a", "c"): (1, None), ("a", "b"): (1, 2), ("a", "e"): (None, 3)}
