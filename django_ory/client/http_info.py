"""Return values with status and headers: ``client.with_http_info.to_session(...)``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


class Headers(Mapping[str, str]):
    """The headers of a response, by name in any case. ``repr`` shows only names: values may be cookies."""

    __slots__ = ("_fields",)

    def __init__(self, fields: Mapping[str, str]) -> None:
        self._fields = fields

    def __getitem__(self, name: str) -> str:
        return self._fields[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    def __repr__(self) -> str:
        return f"<Headers {', '.join(self)}>"


@dataclass(frozen=True, slots=True, repr=False)
class HTTPInfo(Generic[T]):
    """A response: ``data`` is the return value of the plain operation.

    ``headers`` are found in any case; ``set_cookies`` has the raw Set-Cookie lines.
    """

    data: T
    status: int
    headers: Mapping[str, str]
    set_cookies: list[str]

    def __repr__(self) -> str:
        return f"<HTTPInfo {self.status}>"  # headers contain cookies, data contain personal data


def set_cookie_lines(headers: Mapping[str, str]) -> list[str]:
    """Return the Set-Cookie lines one by one, because joined lines cannot be split again."""
    if hasattr(headers, "getlist"):
        return list(headers.getlist("Set-Cookie"))
    return [value for name, value in headers.items() if name.lower() == "set-cookie"]
