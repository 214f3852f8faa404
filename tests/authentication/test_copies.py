"""Copies of models: equal, and nothing that can be changed is shared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from pydantic import BaseModel, ConfigDict, PrivateAttr

from django_ory.authentication.copies import CONSTANT, copier

from .stand_in import a_session

if TYPE_CHECKING:
    from collections.abc import Iterator


class Leaf(BaseModel):
    model_config = ConfigDict(extra="allow")

    name: str = "leaf"
    tags: list[str] = []


class Tree(BaseModel):
    model_config = ConfigDict(extra="allow")

    leaves: list[Leaf] = []
    names: dict[str, Leaf] = {}
    numbers: set[int] = set()
    pair: tuple[list[int], int] = ([], 0)
    missing: Leaf | None = None
    _note: list[str] = PrivateAttr(default_factory=list)


def grown() -> Tree:
    tree = Tree(
        leaves=[Leaf(tags=["a"]), Leaf(name="b", color={"rgb": [1, 2]})],
        names={"c": Leaf()},
        numbers={1},
        pair=([1], 2),
        later=[{"deep": [Leaf()]}],
    )
    tree._note.append("mine")
    return tree


def changeable(value: Any) -> Iterator[int]:
    """The ids of everything in a value that could be changed."""
    if type(value) in CONSTANT:
        return
    if not isinstance(value, tuple):
        yield id(value)
    if isinstance(value, BaseModel):
        yield id(value.__pydantic_fields_set__)
        for part in (value.__dict__, value.__pydantic_extra__, value.__pydantic_private__):
            yield from changeable(part)
    elif isinstance(value, dict):
        for part in value.values():
            yield from changeable(part)
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from changeable(part)


@pytest.mark.parametrize(
    "model",
    [grown(), Tree(), Leaf(), a_session(new={"in": ["Kratos"]})],
    ids=["grown", "empty", "leaf", "session"],
)
def test_copies_are_equal_and_share_nothing_changeable(model: BaseModel) -> None:
    copy = copier(model)
    before = model.model_dump_json(exclude_unset=True)
    one, two = copy(), copy()

    for twin in (one, two):
        assert type(twin) is type(model)
        assert twin == model
        assert twin.model_dump_json(exclude_unset=True) == before
        assert twin.model_fields_set == model.model_fields_set
    ids = [set(changeable(each)) for each in (model, one, two)]
    assert ids[0]
    assert not ids[0] & ids[1]
    assert not ids[1] & ids[2]
    assert not ids[0] & ids[2]


def test_what_is_done_to_a_copy_is_not_seen_in_the_next() -> None:
    copy = copier(grown())
    twin = copy()
    twin.leaves[1].color["rgb"].append(3)  # type: ignore[attr-defined]
    twin.leaves[0].tags.clear()
    twin.later[0]["deep"][0].name = "changed"  # type: ignore[attr-defined]
    twin.pair[0].append(9)
    twin.numbers.add(2)
    twin._note.append("theirs")
    twin.missing = Leaf()

    assert copy() == grown()
    assert copy()._note == ["mine"]
    assert copy().model_fields_set == grown().model_fields_set
