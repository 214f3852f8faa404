"""An answer with what HTTP said around it: ``client.with_http_info.to_session(...)``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["HTTPInfo"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True, repr=False)
class HTTPInfo(Generic[T]):
    """``data`` is what the plain call returns; ``set_cookies`` has the raw Set-Cookie lines."""

    data: T
    status: int
    headers: Mapping[str, str]
    set_cookies: list[str]

    def __repr__(self) -> str:
        return f"<HTTPInfo {self.status}>"  # headers hold cookies, data holds people
