"""An answer with what HTTP said around it: ``client.with_http_info.to_session(...)``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

__all__ = ["HTTPInfo", "Headers", "set_cookie_lines"]

T = TypeVar("T")


class Headers(Mapping[str, str]):
    """The headers of an answer, by name in any case. ``repr`` shows the names: values may be cookies."""

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
    """``data`` is what the plain call returns; ``set_cookies`` has the raw Set-Cookie lines.

    ``headers`` has names in any case.
    """

    data: T
    status: int
    headers: Mapping[str, str]
    set_cookies: list[str]

    def __repr__(self) -> str:
        return f"<HTTPInfo {self.status}>"  # headers hold cookies, data holds people


def set_cookie_lines(headers: Mapping[str, str]) -> list[str]:
    """The Set-Cookie lines: of urllib3's headers one by one, as a join of them cannot be taken apart."""
    if hasattr(headers, "getlist"):
        return list(headers.getlist("Set-Cookie"))
    return [value for name, value in headers.items() if name.lower() == "set-cookie"]
