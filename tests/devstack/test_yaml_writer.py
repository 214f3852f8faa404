from __future__ import annotations

import pytest
import yaml

from django_ory.devstack.config.yaml_writer import deep_merge, nest, render_yaml

DOCUMENT = {
    "text": "yes",
    "number": 3,
    "flag": False,
    "empty": [],
    "deep": {"deeper": {"list": ["a: b", {"id": "é", "url": "x"}]}, "#": "no comment", "on": 1, "X-Key": 2},
}


def test_written_yaml_is_read_back_unchanged() -> None:
    text = render_yaml(DOCUMENT, comments={"deep.deeper": "word " * 60}, title="Title")
    assert yaml.safe_load(text) == DOCUMENT


def test_dotted_paths_become_nested_dictionaries_without_none() -> None:
    values: dict[str, object] = {
        "a.b.c": 1,
        "a.b.d": False,
        "a.e": None,
        "f.g": None,
        "h": {"i.j": None},
        "a.k": [],
    }
    assert nest(values) == {"a": {"b": {"c": 1, "d": False}, "k": []}, "h": {"i.j": None}}


def test_comments_are_above_their_keys_and_wrapped() -> None:
    lines = render_yaml(DOCUMENT, comments={"deep.deeper.list": "word " * 60}, title="Title").splitlines()
    comment = [line for line in lines if line.startswith("    # ")]
    assert len(comment) > 1
    assert max(map(len, lines)) <= 100
    assert lines[lines.index(comment[-1]) + 1] == "    list:"
    assert lines[0] == "# Title"


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        ({}, {"a": {"b": 1, "c": [1]}, "d": 2}),
        ({"a": {"b": 9}}, {"a": {"b": 9, "c": [1]}, "d": 2}),
        ({"a": {"c": [7]}, "e": 5}, {"a": {"b": 1, "c": [7]}, "d": 2, "e": 5}),
        ({"d": {"x": 1}}, {"a": {"b": 1, "c": [1]}, "d": {"x": 1}}),
        ({"a": None}, {"a": None, "d": 2}),
    ],
)
def test_overrides_are_merged(overrides: dict[str, object], expected: dict[str, object]) -> None:
    document = {"a": {"b": 1, "c": [1]}, "d": 2}
    assert deep_merge(document, overrides) == expected
    assert document == {"a": {"b": 1, "c": [1]}, "d": 2}
