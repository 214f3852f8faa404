"""The URL names with paths, methods and views."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from django.urls import URLPattern

from .markdown import entry, mark_names, summary

if TYPE_CHECKING:
    from collections.abc import Iterator

METHODS = ("get", "post", "put", "patch", "delete")


class NamedURL(NamedTuple):
    """A URL of the app, below the prefix of the project."""

    name: str
    path: str
    methods: tuple[str, ...]
    view: Any


def list_urls(module: str) -> list[NamedURL]:
    """Return the URLs of a URLconf, such as ``django_ory.urls``."""
    urlconf = import_module(module)
    namespace = getattr(urlconf, "app_name", "")
    return list(_walk(urlconf.urlpatterns, "", f"{namespace}:" if namespace else ""))


def _walk(patterns: list[Any], prefix: str, namespace: str) -> Iterator[NamedURL]:
    for each in patterns:
        path = prefix + str(each.pattern)
        if isinstance(each, URLPattern):
            view = getattr(each.callback, "view_class", each.callback)
            methods = tuple(name.upper() for name in METHODS if hasattr(view, name))
            yield NamedURL(f"{namespace}{each.name}", path, methods, view)
        else:
            yield from _walk(each.url_patterns, path, namespace)


def lines(module: str) -> list[str]:
    """Return an entry for each URL of a URLconf."""
    found = []
    for each in list_urls(module):
        methods = f"Methods: {', '.join(each.methods)}." if each.methods else ""
        text = mark_names(summary(each.view))
        found += entry(
            f"`{each.name}`",
            text,
            f"Path: `{each.path}`. {methods}",
            label=f"url-{each.name}",
        )
    return found
