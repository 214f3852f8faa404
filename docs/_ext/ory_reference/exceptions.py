"""The exceptions for projects, from their docstrings and base classes."""

from __future__ import annotations

from importlib import import_module

from .markdown import docstring, entry

#: Modules with public exceptions.
MODULES = (
    "django_ory.exceptions",
    "django_ory.client",
    "django_ory.accounts.deletion",
    "django_ory.courier.messages",
    "django_ory.devstack",
    "django_ory.ninja",
    "django_ory.provider.job_tokens.errors",
    "django_ory.testing",
    "django_ory.tokens.access_token",
)


def list_exceptions(module: str) -> list[type[Exception]]:
    """Return the public exceptions of a module, each after its base class."""
    names = import_module(module).__all__
    values = [getattr(import_module(module), name) for name in names]
    found = [each for each in values if isinstance(each, type) and issubclass(each, Exception)]
    return sorted(found, key=lambda each: [base.__name__ for base in reversed(each.__mro__)])


def lines(module: str) -> list[str]:
    """Return an entry for each public exception of a module."""
    found = []
    for kind in list_exceptions(module):
        base = kind.__bases__[0].__name__
        found += entry(
            f"`{kind.__name__}`",
            docstring(kind),
            f"Base class: `{base}`.",
            label=f"exception-{kind.__name__}",
        )
    return found
