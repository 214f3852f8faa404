"""The methods of the adapter, and the public functions of modules, from signatures and docstrings."""

from __future__ import annotations

import inspect
from importlib import import_module

from django_ory.adapter import OryAdapter

from .markdown import docstring, entry, signature


def adapter_lines() -> list[str]:
    """Return an entry for each method of ``OryAdapter`` that a project may override."""
    found = []
    for name, method in inspect.getmembers(OryAdapter, inspect.isfunction):
        if not name.startswith("_"):
            found += entry(f"`{name}{signature(method)}`", docstring(method), label=f"adapter-{name}")
    return found


def service_lines(modules: str) -> list[str]:
    """Return an entry for each public function of modules. ``modules``: names, separated by spaces."""
    found = []
    for name in modules.split():
        module = import_module(name)
        for function in filter(inspect.isfunction, (getattr(module, public) for public in module.__all__)):
            found += entry(f"`{name}.{function.__name__}{signature(function)}`", docstring(function))
    return found
