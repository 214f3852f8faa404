"""Markdown for texts of the code: inline code, paragraphs of docstrings, entries with a permanent link."""

from __future__ import annotations

import inspect
import re
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from django.core.management import get_commands
from django.urls import get_resolver

from django_ory.conf import KEYS

if TYPE_CHECKING:
    from collections.abc import Callable

#: Options, and names of settings, URLs, commands and template tags, in a text.
NAMES = re.compile(r"(?<!\S)--[a-z][a-z-]+|\b[A-Z][A-Z0-9]*_[A-Z0-9_]+\b|\b[a-z_]*ory:\w+|\bory_\w+\*?")


def code(text: str) -> str:
    """Return a text as inline code. The text may have backticks."""
    longest = max((len(found) for found in re.findall(r"`+", text)), default=0)
    fence = "`" * (longest + 1)
    space = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{space}{text}{space}{fence}"


def mark_names(text: str, *, without: str = "") -> str:
    """Return a help text with the names of the code as inline code, with links to their entries.

    ``without``: the name of the present entry, which gets no link to itself.
    """
    parts = re.split(r"(`[^`]*`|'[^']*'|\"[^\"]*\")", text)
    return "".join(
        part if index % 2 else re.sub(r"([<*])(?!\w*`)", r"\\\1", NAMES.sub(partial(_link, without), part))
        for index, part in enumerate(parts)
    )


def _link(without: str, found: re.Match[str]) -> str:
    name = found[0]
    label = {} if name == without else _list_labels()
    return f"[`{name}`](#{label[name]})" if name in label else f"`{name}`"


@cache
def _list_labels() -> dict[str, str]:
    """Return the labels of the settings, commands and URL names by their names."""
    settings = {key: build_label(f"setting-{key}") for key in KEYS}
    commands = {
        name: build_label(f"command-{name}") for name, app in get_commands().items() if app == "django_ory"
    }
    names = filter(lambda name: isinstance(name, str), get_resolver("django_ory.urls").reverse_dict)
    urls = {f"ory:{name}": f"url-ory-{name}" for name in names}
    return settings | commands | {name: build_label(label) for name, label in urls.items()}


def build_label(name: str) -> str:
    """Return the name of a permanent link, as the link has it."""
    return re.sub("[_:.]", "-", name.lower())


def entry(term: str, *paragraphs: str, label: str = "") -> list[str]:
    """Return an entry of a definition list. ``label``: the name of its permanent link."""
    first, *others = [text.replace("\n", "\n  ") for text in paragraphs if text]
    target = [f"({build_label(label)})=", ""] if label else []
    return [*target, term, f": {first}", "", *(line for text in others for line in (f"  {text}", ""))]


def docstring(documented: object) -> str:
    """Return a docstring as Markdown; its sections of arguments become lists."""
    text = (inspect.getdoc(documented) or "").replace("``", "`")
    text = re.sub(r"^Args:$", "Arguments:", text, flags=re.MULTILINE)
    text = re.sub(r"^(Arguments|Returns|Raises):\n", r"\1:\n\n", text, flags=re.MULTILINE)
    return re.sub(r"^    (\w+): ", r"- `\1`: ", text, flags=re.MULTILINE)


def summary(documented: object) -> str:
    """Return the first paragraph of a docstring in one line."""
    return " ".join(docstring(documented).partition("\n\n")[0].split())


def signature(function: Callable[..., Any], *, without: tuple[str, ...] = ("self",)) -> str:
    """Return the signature for callers and for overriding methods."""
    found = inspect.signature(function)
    kept = [each for name, each in found.parameters.items() if name not in without]
    text = str(found.replace(parameters=kept)).replace("'", "")
    return text.replace("_StrOrPromise", "str")
