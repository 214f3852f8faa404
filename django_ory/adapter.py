"""Every extension point is one method of ``OryAdapter``: subclass it and name it in ``ORY["default"]["ADAPTER"]``."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, cast

from django.core.signals import setting_changed
from django.utils.module_loading import import_string

from .conf import DEFAULT_ALIAS, aliases, get_settings

if TYPE_CHECKING:
    from django.http import HttpRequest

__all__ = ["OryAdapter", "get_adapter"]


class OryAdapter:
    """The defaults. Each method says what it is given and what it must return."""

    def __init__(self, alias: str = DEFAULT_ALIAS) -> None:
        self.alias = alias
        self.settings = get_settings(alias)

    def resolve_alias(self, request: HttpRequest) -> str:
        """Which Ory project serves this request: the alias whose HOSTS name the host, else ``"default"``."""
        host = request.get_host().rpartition(":")[0] or request.get_host()
        for alias in aliases():
            if host in get_settings(alias).hosts:
                return alias
        return DEFAULT_ALIAS

    def get_subject(self, identity_id: str) -> str:
        """The OAuth2 subject of an identity. Stable and never reassigned; the identity id unless you must keep another."""
        return identity_id


@cache
def get_adapter(alias: str = DEFAULT_ALIAS) -> OryAdapter:
    """The adapter of one Ory project, made once."""
    cls = cast("type[Any]", import_string(get_settings(alias).adapter))
    return cast("OryAdapter", cls(alias))


def _forget(*, setting: str, **_: object) -> None:
    if setting == "ORY":
        get_adapter.cache_clear()


setting_changed.connect(_forget, dispatch_uid="django_ory.adapter")
