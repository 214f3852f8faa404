"""The settings: ``ORY = {"default": {...}}``, one dictionary per Ory project. Read on use, never at import.

An unknown key raises an error with the nearest valid key. The keys are the fields of ``OrySettings``.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import fields
from functools import cache, update_wrapper
from typing import Any, ClassVar, Generic, TypeVar

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed

from .setting_fields import DEFAULT_ALIAS, TOPICS, OrySettings

__all__ = ["DEFAULT_ALIAS", "OryConfigurationError", "OrySettings", "aliases", "get_settings"]

T = TypeVar("T")


class OryConfigurationError(ImproperlyConfigured):
    """``settings.ORY`` is invalid. Not an ``OryError``, so that no handler of call errors hides it."""


class PerAlias(Generic[T]):
    """Decorator: caches the results of a function by alias until ``settings.ORY`` changes.

    In contrast to ``functools.cache``, a call without an alias is a call for the default alias.
    """

    _all: ClassVar[list[PerAlias[Any]]] = []

    def __init__(self, make: Callable[[str], T]) -> None:
        update_wrapper(self, make)
        self._make = make
        self._made: dict[str, T] = {}
        self._all.append(self)

    def __call__(self, alias: str = DEFAULT_ALIAS) -> T:
        try:
            return self._made[alias]
        except KeyError:
            return self._made.setdefault(alias, self._make(alias))

    def results(self) -> list[T]:
        """Return the cached results."""
        return list(self._made.values())

    def clear(self) -> None:
        """Forget the cached results."""
        self._made.clear()

    @classmethod
    def clear_all(cls) -> None:
        """Forget the cached results of every function."""
        for each in cls._all:
            each.clear()


#: Key -> field, topic by topic.
KEYS = {f.name.upper(): f for topic in TOPICS.values() for f in fields(topic)}


@cache
def aliases() -> tuple[str, ...]:
    """Return the names of the configured Ory projects, ``"default"`` first."""
    configured = _configured()
    return tuple(sorted(configured, key=lambda alias: (alias != DEFAULT_ALIAS, alias)))


@PerAlias
def get_settings(alias: str) -> OrySettings:
    """Return the settings of one Ory project.

    Raises OryConfigurationError if ``settings.ORY`` has no such alias, a key that does not exist, or a text
    instead of a list or dictionary.
    """
    configured = _configured()
    if alias not in configured:
        raise OryConfigurationError(
            f'settings.ORY has no "{alias}". It has: {", ".join(sorted(configured)) or "nothing"}.'
        )
    values = configured[alias]
    unknown = [key for key in values if key not in KEYS]
    if unknown:
        raise OryConfigurationError("; ".join(get_unknown_key_text(alias, key) for key in unknown))
    for key, value in values.items():
        _reject_text_for_items(alias, key, value)
    return OrySettings(alias=alias, **{key.lower(): value for key, value in values.items()})


def _reject_text_for_items(alias: str, key: str, value: object) -> None:
    """Raise OryConfigurationError: each character of the text would be a secret, a host or an audience."""
    make_default = KEYS[key].default_factory
    if callable(make_default) and isinstance(value, str | bytes):
        kind = "dictionary" if isinstance(make_default(), dict) else "list"
        raise OryConfigurationError(f'settings.ORY["{alias}"]["{key}"] must be a {kind}, not a text.')


def get_unknown_key_text(alias: str, key: object) -> str:
    """Return the error text for an unknown key, with the nearest valid key."""
    near = find_nearest_key(key)
    hint = f' Did you mean "{near}"?' if near else ""
    return f'settings.ORY["{alias}"] has no key "{key}".{hint}'


def find_nearest_key(key: object) -> str:
    """Return the valid key that is most similar to an unknown one, or "".

    A key with all words of the unknown key is preferred to one of similar spelling. Of several keys the first
    one in the documentation counts: KRATOS_URL is KRATOS_PUBLIC_URL, never KRATOS_ADMIN_URL.
    """
    name = str(key).upper()
    words = set(name.split("_"))
    with_all_words = (each for each in KEYS if words <= set(each.split("_")))
    return next(with_all_words, next(iter(difflib.get_close_matches(name, KEYS, n=1)), ""))


def _configured() -> Mapping[str, Mapping[str, Any]]:
    configured = getattr(settings, "ORY", None)
    if not isinstance(configured, Mapping) or not all(
        isinstance(value, Mapping) for value in configured.values()
    ):
        raise OryConfigurationError(
            'settings.ORY must be a dictionary of dictionaries: ORY = {"default": {...}}.'
        )
    return configured


def _clear_caches(*, setting: str, **_: object) -> None:
    if setting == "ORY":
        PerAlias.clear_all()
        aliases.cache_clear()


setting_changed.connect(_clear_caches, dispatch_uid="django_ory.conf")
