"""Deep copies of a model, at a fraction of the time of parsing it again. They share immutable values only."""

from __future__ import annotations

from copy import deepcopy
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar, cast

from pydantic import BaseModel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["copier", "count_values"]

M = TypeVar("M", bound=BaseModel)

#: Immutable types: all copies share their values.
CONSTANT = frozenset({str, int, float, bool, type(None), datetime})
#: The depth of nested values. Deeper ones would come near Python's recursion limit.
MAX_DEPTH = 32


def copier(model: M) -> Callable[[], M]:
    """Return a function that makes a deep copy of the model.

    The values to copy are determined once. The model must not be changed afterwards. Raises
    RecursionError if it is nested deeper than ``MAX_DEPTH``.
    """
    return cast("Callable[[], M]", _copier(model, 0))


def count_values(value: Any) -> int:
    """Count the values in parsed JSON, as a measure of its size in memory."""
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + sum(map(count_values, parts))


def _copier(value: Any, depth: int) -> Callable[[], Any]:
    if type(value) in CONSTANT:
        return lambda: value
    if depth > MAX_DEPTH:
        raise RecursionError
    if isinstance(value, BaseModel):
        return _model_copier(value, depth + 1)
    if type(value) is dict:
        return _container_copier(value, value.items(), depth + 1)
    if type(value) is list:
        return _container_copier(value, enumerate(value), depth + 1)
    return partial(deepcopy, value)


def _container_copier(
    original: dict[Any, Any] | list[Any], items: Iterable[tuple[Any, Any]], depth: int
) -> Callable[[], Any]:
    parts = [(key, _copier(value, depth)) for key, value in items if type(value) not in CONSTANT]
    if not parts:
        return original.copy

    def copy() -> Any:
        twin = original.copy()
        for key, part in parts:
            twin[key] = part()
        return twin

    return copy


def _model_copier(model: BaseModel, depth: int) -> Callable[[], BaseModel]:
    """The four slots of every pydantic model, as its own ``__copy__`` sets them."""
    kind, new, put = type(model), object.__new__, object.__setattr__
    values, given = _copier(model.__dict__, depth), model.__pydantic_fields_set__
    extra = _copier(model.__pydantic_extra__, depth)
    private = _copier(model.__pydantic_private__, depth)

    def copy() -> BaseModel:
        twin = new(kind)
        put(twin, "__dict__", values())
        put(twin, "__pydantic_fields_set__", given.copy())
        put(twin, "__pydantic_extra__", extra())
        put(twin, "__pydantic_private__", private())
        return twin

    return copy
