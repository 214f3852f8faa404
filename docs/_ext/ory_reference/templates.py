"""The template tags, and the templates with their context and blocks, from docstrings and comments."""

from __future__ import annotations

import inspect
import re
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import django_ory
from django_ory.templatetags import ory

from .markdown import docstring, entry, mark_names

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

TEMPLATES = Path(django_ory.__file__).parent / "templates" / "ory"
COMMENT = re.compile(r"{% comment %}(.*?){% endcomment %}", re.DOTALL)
BLOCK = re.compile(r"{% block (\w+) %}")
PARENT = re.compile(r'{% extends (?:\w+\|default:)?"ory/([^"]+)" %}')


def list_tags() -> dict[str, Callable[..., Any]]:
    """Return the functions of the template tags and filters by their names."""
    names = sorted({*ory.register.tags, *ory.register.filters})
    return {name: getattr(import_module(ory.__name__), name) for name in names}


def tag_lines() -> list[str]:
    """Return an entry for each template tag."""
    found = []
    for name, function in list_tags().items():
        shown = " ".join(["{%", name, *_list_arguments(function), "%}"])
        text = re.sub(r"- `context`: .*\n", "", docstring(function))
        found += entry(f"`{shown}`", text, label=f"tag-{name}")
    return found


def _list_arguments(function: Callable[..., Any]) -> list[str]:
    """Return the arguments of a tag as a template has them: ``name``, ``return_to=None``, ``**values``."""
    parameters = inspect.signature(function).parameters.values()
    return [str(each.replace(annotation=each.empty)) for each in parameters if each.name != "context"]


def element_lines() -> list[str]:
    """Return an entry for each element template, with its context."""
    found = []
    for path in sorted((TEMPLATES / "elements").glob("*.html")):
        found += entry(f"`{path.name}`", read_comment(path))
    return found


def list_pages() -> list[Path]:
    """Return the templates of pages and their layouts."""
    found = [path for path in TEMPLATES.rglob("*.html") if not {"elements", "mails"} & set(path.parts)]
    return sorted(found, key=lambda path: (path.parent.name != "layouts", path))


def page_lines() -> list[str]:
    """Return an entry for each page template: context, the template that it extends, and its blocks."""
    found = []
    for path in list_pages():
        text = path.read_text()
        parent, blocks = PARENT.search(text), sorted(set(BLOCK.findall(text)))
        facts = [f"Extends `ory/{parent[1]}`."] if parent else []
        facts += [f"Blocks: {', '.join(f'`{name}`' for name in blocks)}."] if blocks else []
        comment = mark_names(read_comment(path)).replace("{", r"\{")
        found += entry(f"`ory/{path.relative_to(TEMPLATES)}`", comment, " ".join(facts))
    return found


def read_comment(path: Path) -> str:
    """Return the comment of a template that describes its context; "" if there is none."""
    comment = COMMENT.search(path.read_text())
    return " ".join(comment[1].split()) if comment else ""
