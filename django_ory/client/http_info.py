"""An answer with what HTTP said around it: ``client.with_http_info.to_session(...)``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["HTTPInfo"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True, repr=False)
class HTTPInfo(Generic[T]):
    """``data`` as the plain call returns it, ``status``, ``headers`` (names in any case) and ``set_cookies``: the raw lines."""

    data: T
    status: int
    headers: Mapping[str, str]
    set_cookies: list[str]

    def __repr__(self) -> str:
        return f"<HTTPInfo {self.status}>"  # headers hold cookies, data holds people
