"""A rule, what it finds, and what it looks at."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from django.conf import settings
from django.core import checks
from django.utils.module_loading import import_string

from django_ory.conf import KEYS, OrySettings

__all__ = ["EXAMPLES", "Finding", "Rule", "Site", "at", "expected_types", "paste"]

#: A value for each key whose default is empty, as Python.
EXAMPLES: dict[str, str] = {
    "KRATOS_PUBLIC_URL": '"http://localhost:4433"',
    "KRATOS_ADMIN_URL": '"http://localhost:4434"',
    "KRATOS_BROWSER_URL": '"https://auth.example.org"',
    "HYDRA_PUBLIC_URL": '"http://localhost:4444"',
    "HYDRA_ADMIN_URL": '"http://localhost:4445"',
    "HYDRA_BROWSER_URL": '"https://oauth.example.org"',
    "KETO_READ_URL": '"http://localhost:4466"',
    "KETO_WRITE_URL": '"http://localhost:4467"',
    "CONSOLE_URL": '"https://api.console.ory.sh"',
    "SDK_URL": '"https://<slug>.projects.oryapis.com"',
    "API_KEY": '"ory_pat_..."',
    "CA_BUNDLE": '"/etc/ssl/certs/ca-certificates.crt"',
    "PROXY": '"http://proxy.example.org:3128"',
    "SESSION_COOKIE_NAME": '"ory_kratos_session"',
    "TOKENIZE_AS": '"my_template"',
    "HOSTS": '["shop.example.org"]',
    "SITE_NAME": '"Example"',
    "ALLOWED_RETURN_HOSTS": '["shop.example.org"]',
}


class Finding(NamedTuple):
    """What is wrong, and the line to paste."""

    message: str
    hint: str


class Site:
    """The project as the rules see it. Reading it never raises, however wrong the settings are."""

    @cached_property
    def raw(self) -> Mapping[str, Mapping[str, Any]]:
        """``settings.ORY`` as far as it has the right shape."""
        configured = getattr(settings, "ORY", None)
        if not isinstance(configured, Mapping):
            return {}
        return {str(alias): values for alias, values in configured.items() if isinstance(values, Mapping)}

    @cached_property
    def projects(self) -> list[OrySettings]:
        """The settings of every alias; values of the wrong type count as not set."""
        projects = []
        for alias, values in self.raw.items():
            usable = {
                key.lower(): value
                for key, value in values.items()
                if key in KEYS and isinstance(value, expected_types(key))
            }
            projects.append(OrySettings(alias=alias, **usable))
        return projects

    @cached_property
    def middleware(self) -> list[type[Any]]:
        """The middleware classes in their order; functions and what cannot be imported are left out."""
        return [each for each in map(_imported, settings.MIDDLEWARE) if isinstance(each, type)]

    def position(self, middleware: type[Any]) -> int | None:
        """Where a middleware, or a subclass of it, stands."""
        for index, each in enumerate(self.middleware):
            if issubclass(each, middleware):
                return index
        return None


@dataclass(frozen=True, kw_only=True)
class Rule:
    """``about`` is one sentence for the documentation, ``find`` yields what is wrong."""

    id: str
    about: str
    find: Callable[[Site], Iterator[Finding]]
    deploy: bool = False  #: only with ``check --deploy``

    @property
    def level(self) -> int:
        """Django's level, by the letter of the id."""
        return {"E": checks.ERROR, "W": checks.WARNING, "I": checks.INFO}[self.id[0]]

    def run(self, site: Site) -> list[checks.CheckMessage]:
        """What Django's check framework wants."""
        return [
            checks.CheckMessage(self.level, finding.message, hint=finding.hint, id=f"django_ory.{self.id}")
            for finding in self.find(site)
        ]


def expected_types(key: str) -> tuple[type[Any], ...]:
    """The types that a key of ``settings.ORY["default"]`` may have, by its default."""
    field = KEYS[key]
    default = field.default_factory() if callable(field.default_factory) else field.default
    if isinstance(default, bool):
        return (bool,)
    if isinstance(default, int | float):
        return (int, float)
    return (list, tuple, set, frozenset) if isinstance(default, list) else (type(default),)


def at(project: OrySettings, key: str = "") -> str:
    """How a message names a place in the settings."""
    return f'settings.ORY["{project.alias}"]' + (f'["{key}"]' if key else "")


def paste(alias: str, key: str, value: str) -> str:
    """The line to paste into the settings; ``value`` is Python."""
    return f'ORY["{alias}"]["{key}"] = {value}'


def _imported(path: str) -> Any:
    try:
        return import_string(path)
    except ImportError:
        return None  # Django says so itself
