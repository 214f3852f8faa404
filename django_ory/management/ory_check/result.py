"""One line of what ``ory_check`` reports, and how a page's address becomes one."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import validate_host
from django.urls import reverse

from django_ory.client import OryError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Result", "attempt", "failed", "is_here", "origin", "page_result"]

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Result:
    """``ok`` is None for what is there and cannot be compared from outside."""

    alias: str
    what: str
    ok: bool | None
    detail: str
    hint: str = ""  #: what to write into Kratos' or Hydra's configuration

    def as_json(self) -> dict[str, Any]:
        """For ``--json``."""
        return asdict(self)


def attempt(call: Callable[[], T]) -> T | OryError:
    """What the call returns or the OryError that it raises: no comparison takes another one along."""
    try:
        return call()
    except OryError as error:
        return error


def failed(alias: str, what: str, error: OryError) -> Result:
    """Ory gave no answer to compare."""
    return Result(alias=alias, what=what, ok=False, detail=f"could not be compared: {error}")


def page_result(alias: str, what: str, where: str | OryError, *, name: str, key: str) -> Result:
    """Whether ``where`` Ory sends people is our page of that URL name. ``key``: where Ory has it from."""
    if isinstance(where, OryError):
        return failed(alias, what, where)
    expected, parts = reverse(name), urlsplit(where)
    here = is_here(where)
    ok = here and parts.path.rstrip("/") == expected.rstrip("/")
    address = f"{parts.scheme}://{parts.netloc}{parts.path}"
    return Result(
        alias=alias,
        what=what,
        ok=ok,
        detail=f"is {address}" + ("" if ok else f", this site has it at {expected}"),
        hint="" if ok else f"{key}: {origin(where) if here else '<this site>'}{expected}",
    )


def is_here(url: str) -> bool:
    """Whether this site answers for the host."""
    hosts = settings.ALLOWED_HOSTS or [".localhost", "127.0.0.1", "[::1]"]
    return validate_host(urlsplit(url).hostname or "", hosts)


def origin(url: str) -> str:
    """Scheme, host and port."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
