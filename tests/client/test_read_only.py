"""Read-only models: no change at any depth, and copies that can be changed."""

from __future__ import annotations

import copy
import json
import pickle
from typing import TYPE_CHECKING, Any

import pytest

from django_ory.client.models import Session
from django_ory.client.models.read_only import make_read_only
from django_ory.testing import build_identity_json, build_session_json

if TYPE_CHECKING:
    from collections.abc import Callable

CHANGES: dict[str, Callable[[Any], object]] = {
    "set a field": lambda session: setattr(session, "active", False),
    "delete a field": lambda session: delattr(session, "active"),
    "set a new attribute": lambda session: setattr(session, "made_up_2", 1),
    "set a field of the identity": lambda session: setattr(session.identity, "traits", {}),
    "set a field in a list": lambda session: setattr(session.devices[0], "location", "x"),
    "set a trait": lambda session: session.identity.traits.__setitem__("email", "eve@example.org"),
    "set a trait in a trait": lambda session: session.identity.traits["name"].update(first="Eve"),
    "set a default of a trait": lambda session: session.identity.traits.setdefault("role", "admin"),
    "remove a trait": lambda session: session.identity.traits.pop("email"),
    "remove all traits": lambda session: session.identity.traits.clear(),
    "merge traits": lambda session: session.identity.traits.__ior__({"email": "eve@example.org"}),
    "append to a list": lambda session: session.identity.metadata_public["a"].append(2),
    "extend a list": lambda session: session.identity.metadata_public["a"].__iadd__([2]),
    "sort a list": lambda session: session.identity.metadata_public["a"].sort(key=str),
    "delete from a list": lambda session: session.devices.__delitem__(0),
    "clear a list": lambda session: session.identity.verifiable_addresses.clear(),
    "append to an empty list": lambda session: session.identity.traits["empty"].append(1),
    "set an attribute in an unknown one": lambda session: session.made_up["b"].append(1),
    "set an unknown attribute": lambda session: session.model_extra.update(made_up=None),
}

COPIES: dict[str, Callable[[Any], Any]] = {
    "model_copy": lambda session: session.model_copy(deep=True),
    "deepcopy": copy.deepcopy,
    "pickle": lambda session: pickle.loads(pickle.dumps(session)),
}


def build() -> Session:
    traits = {"email": "ada@example.org", "name": {"first": "Ada"}, "empty": []}
    identity = build_identity_json(traits, metadata_public={"a": [1, {"b": [1]}]})
    content = {**build_session_json(identity), "id": "1", "made_up": {"b": [1]}}
    return Session.model_validate_json(json.dumps(content))


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_change_of_a_read_only_model_raises_type_error(change: Callable[[Any], object]) -> None:
    session = make_read_only(build())
    before = session.model_dump_json()
    with pytest.raises(TypeError, match="model_copy"):
        change(session)
    assert session.model_dump_json() == before
    change(build())  # possible without make_read_only


@pytest.mark.parametrize("make_copy", COPIES.values(), ids=COPIES)
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_deep_copy_of_a_read_only_model_can_be_changed(
    change: Callable[[Any], object], make_copy: Callable[[Any], Any]
) -> None:
    session = make_read_only(build())
    before = session.model_dump_json()
    mine = make_copy(session)
    change(mine)
    assert not mine.is_read_only
    assert session.model_dump_json() == before


def test_read_only_model_is_equal_and_has_the_same_json() -> None:
    first = build()
    second = Session.model_validate_json(first.model_dump_json())
    assert make_read_only(first) is first
    assert first.is_read_only
    assert first == second
    assert first.model_dump() == second.model_dump()
    assert first.identity is not None
    assert json.loads(json.dumps(first.identity.traits)) == first.identity.traits


def test_read_only_model_made_read_only_again_is_unchanged() -> None:
    session = make_read_only(build())
    assert session.identity is not None
    traits = session.identity.traits
    assert make_read_only(session).identity is session.identity
    assert session.identity.traits is traits


def test_unknown_attribute_with_the_name_of_the_flag_is_no_flag() -> None:
    session: Any = Session.model_validate({"id": "1", "_is_read_only": True, "is_read_only": True})
    assert not session.is_read_only
    session.active = True


def test_deeply_nested_value_is_read_only() -> None:
    depth = 190  # the parser's own limit is 200
    session: Any = Session.model_validate_json(f'{{"id": "1", "made_up": {"[" * depth}{"]" * depth}}}')
    value = make_read_only(session).made_up
    for _ in range(depth - 1):
        value = value[0]
    with pytest.raises(TypeError, match="read-only"):
        value.append(1)
