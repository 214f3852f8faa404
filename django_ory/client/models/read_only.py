"""Makes a model read-only at every depth, so that requests can share it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from pydantic import BaseModel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .model import OryModel

__all__ = ["READ_ONLY", "ReadOnlyDict", "make_read_only"]

READ_ONLY = "This is read-only, because other requests use it as well. Change a copy: model_copy(deep=True)."

M = TypeVar("M", bound="OryModel")


def make_read_only(model: M) -> M:
    """Make a model read-only at every depth, and return it. Changes raise TypeError.

    Lists and dictionaries in it are replaced by read-only ones, which are still lists and dictionaries.
    ``model.model_copy(deep=True)`` returns a copy that can be changed.
    """
    pending: list[Any] = [] if model.is_read_only else [model]
    while pending:  # without recursion: the sender chooses the depth
        value = pending.pop()
        container: Any
        put: Callable[..., None]
        items: Iterable[tuple[Any, Any]]
        if type(value) is _ReadOnlyList:
            container, put, items = value, list.__setitem__, enumerate(value)
        elif type(value) is ReadOnlyDict:
            container, put, items = value, dict.__setitem__, value.items()
        else:
            # The type of the extra fields marks the model itself: a slot would make every model larger.
            extra = ReadOnlyDict(value.__pydantic_extra__ or {})
            object.__setattr__(value, "__pydantic_extra__", extra)
            pending.append(extra)
            container, put, items = value.__dict__, dict.__setitem__, value.__dict__.items()
        for key, item in items:
            if (kind := _READ_ONLY_TYPES.get(type(item))) is not None:
                put(container, key, replacement := kind(item))
                pending.append(replacement)
            elif isinstance(item, BaseModel):
                pending.append(item)
    return model


def _refuse(self: object, *_: object, **__: object) -> NoReturn:
    raise TypeError(READ_ONLY)


class ReadOnlyDict(dict[Any, Any]):
    """A dictionary without changes. As extra fields of a model, it makes the model read-only as well."""

    __slots__ = ()
    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __reduce_ex__(self, protocol: Any) -> Any:
        return dict, (dict(self),)  # for copies and pickles


class _ReadOnlyList(list[Any]):
    __slots__ = ()
    __setitem__ = __delitem__ = __iadd__ = __imul__ = _refuse
    append = clear = extend = insert = pop = remove = reverse = sort = _refuse

    def __reduce_ex__(self, protocol: Any) -> Any:
        return list, (list(self),)  # for copies and pickles


_READ_ONLY_TYPES: dict[type, Any] = {dict: ReadOnlyDict, list: _ReadOnlyList}
