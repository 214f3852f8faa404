"""The table of check rules, and the view of the project that the rules get."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Any, NamedTuple

from django.conf import settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.urls import NoReverseMatch, reverse
from django.utils.module_loading import import_string

from django_ory.conf import KEYS, OrySettings


class Finding(NamedTuple):
    """A problem, and the remedy: usually a line to paste."""

    message: str
    hint: str


class CheckContext:
    """The settings of the project. Reading them never raises, however wrong they are."""

    @cached_property
    def raw(self) -> Mapping[str, Mapping[str, Any]]:
        """The entries of ``settings.ORY`` that are dictionaries."""
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

    @property
    def has_kratos(self) -> bool:
        """Whether a project has a Kratos. Without one, users sign in with Django only."""
        return any(project.kratos_public_url for project in self.projects)

    @cached_property
    def middleware(self) -> list[type[Any]]:
        """The middleware classes in their order, without functions and invalid paths."""
        return import_classes(settings.MIDDLEWARE)

    def position(self, middleware: type[Any]) -> int | None:
        """The index of a middleware class or of its first subclass; None if missing."""
        matches = (index for index, each in enumerate(self.middleware) if issubclass(each, middleware))
        return next(matches, None)


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A system check: its id, one sentence for the documentation, and the function that yields findings."""

    id: str
    summary: str
    check: Callable[[CheckContext], Iterable[Finding]]
    deploy: bool = False  #: only with ``check --deploy``

    def run(self, context: CheckContext) -> list[checks.CheckMessage]:
        """Return the messages for Django. The first letter of the id is their level."""
        level = {"E": checks.ERROR, "W": checks.WARNING, "I": checks.INFO}[self.id[0]]
        return [
            checks.CheckMessage(level, finding.message, hint=finding.hint, id=f"django_ory.{self.id}")
            for finding in self.check(context)
        ]


#: Every rule by its id. The modules of this package fill it on import.
RULES: dict[str, Rule] = {}

RuleFunction = Callable[[CheckContext], Iterable[Finding]]
ProjectFunction = Callable[[OrySettings], Iterable[Finding]]


def rule(rule_id: str, summary: str, *, deploy: bool = False) -> Callable[[RuleFunction], RuleFunction]:
    """Add the decorated function, which checks the whole project, to ``RULES``."""

    def add(check: RuleFunction) -> RuleFunction:
        if rule_id in RULES:
            raise ValueError(f"There are two rules with the id {rule_id}.")
        RULES[rule_id] = Rule(id=rule_id, summary=summary, check=check, deploy=deploy)
        return check

    return add


def project_rule(
    rule_id: str, summary: str, *, deploy: bool = False
) -> Callable[[ProjectFunction], ProjectFunction]:
    """Add the decorated function, which checks the settings of one alias, to ``RULES``."""

    def add(check: ProjectFunction) -> ProjectFunction:
        rule(rule_id, summary, deploy=deploy)(
            lambda context: chain.from_iterable(map(check, context.projects))
        )
        return check

    return add


def setting_path(alias: str, key: str = "") -> str:
    """Return the name of a setting in a message, such as ``settings.ORY["default"]["TIMEOUT"]``."""
    return f'settings.ORY["{alias}"]' + (f'["{key}"]' if key else "")


def setting_line(alias: str, key: str, value: str) -> str:
    """Return the line to paste into the settings; ``value`` is Python."""
    return f'ORY["{alias}"]["{key}"] = {value}'


def setting_finding(project: OrySettings, key: str, problem: str, value: str) -> Finding:
    """Return a finding about one setting, with the line that sets it to ``value`` (Python)."""
    return Finding(f"{setting_path(project.alias, key)} {problem}", setting_line(project.alias, key, value))


def default_value(key: str) -> Any:
    """Return the default of a key of ``settings.ORY["default"]``."""
    field = KEYS[key]
    return field.default_factory() if callable(field.default_factory) else field.default


def expected_types(key: str) -> tuple[type[Any], ...]:
    """Return the types that a key of ``settings.ORY["default"]`` may have, by its default."""
    default = default_value(key)
    if isinstance(default, bool):
        return (bool,)
    if isinstance(default, int | float):
        return (int, float)
    return (list, tuple, set, frozenset) if isinstance(default, list) else (type(default),)


def import_classes(paths: Iterable[str]) -> list[type[Any]]:
    """Return the classes at dotted paths. Invalid paths are left out, because Django reports them."""
    found = []
    for path in paths:
        try:
            found.append(import_string(path))
        except ImportError:
            continue
    return [each for each in found if isinstance(each, type)]


def login_path() -> str:
    """Return ``LOGIN_URL``; the path of a URL name, as by ``url_path``."""
    current = str(settings.LOGIN_URL)
    return current if current.startswith(("/", "http")) else url_path(current)


def url_path(name: str) -> str:
    """Return the path of a URL name; "" if the URLconf has no such name or cannot be imported."""
    try:
        return reverse(name)
    except (NoReverseMatch, ImportError, ImproperlyConfigured):
        return ""
