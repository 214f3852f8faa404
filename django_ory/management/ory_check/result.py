"""The results of ``ory_check``, and the comparison of a URL from Ory with a page of this site."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import validate_host
from django.urls import reverse

from django_ory.client import OryError

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Result:
    """The result of one check. ``ok`` is None for a value that cannot be compared from outside."""

    check: str
    ok: bool | None
    detail: str
    hint: str = ""  #: the line for the configuration of Kratos, Hydra or Django


def attempt(call: Callable[[], T]) -> T | OryError:
    """Return the result of a call, or the OryError that it raises."""
    try:
        return call()
    except OryError as error:
        return error


def not_compared(check: str, error: OryError) -> Result:
    """Return the failed result of a check without a usable response from Ory."""
    return Result(check=check, ok=False, detail=f"could not be compared: {error}")


def compare_page(check: str, url: str | OryError, *, name: str, key: str) -> Result:
    """Compare the URL to which Ory redirects with our page of that URL name.

    ``key`` is the setting of Kratos or Hydra that holds the URL.
    """
    if isinstance(url, OryError):
        return not_compared(check, url)
    expected, parts, here = reverse(name), urlsplit(url), is_here(url)
    if here and parts.path.rstrip("/") == expected.rstrip("/"):
        return Result(check=check, ok=True, detail=f"{get_origin(url)}{parts.path}")
    return Result(
        check=check,
        ok=False,
        detail=f"{get_origin(url)}{parts.path}, but {expected} on this site",
        hint=f"{key}: {get_origin(url) if here else '<this site>'}{expected}",
    )


def is_here(url: str) -> bool:
    """Return whether the host of a URL is one of this site."""
    hosts = settings.ALLOWED_HOSTS or [".localhost", "127.0.0.1", "[::1]"]
    return validate_host(urlsplit(url).hostname or "", hosts)


def get_origin(url: str) -> str:
    """Return scheme, host and port of a URL."""
    return urlsplit(url)._replace(path="", query="", fragment="").geturl()
