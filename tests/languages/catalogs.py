"""The texts in the source, found without xgettext, and the catalogs that translate them."""

from __future__ import annotations

import io
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from babel.messages.extract import extract
from babel.messages.pofile import read_po
from django.utils.translation import templatize

from hatch_build import LOCALE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from babel.messages.catalog import Catalog

__all__ = ["LANGUAGES", "LOCALE", "PACKAGE", "Text", "extract_texts", "get_catalog"]

PACKAGE = LOCALE.parent
#: The languages of django_ory besides English, as folders of ``locale``.
LANGUAGES = ("ar", "de", "es", "fr", "it", "ja", "nl", "pl", "pt_BR", "zh_Hans")

#: Django's functions -> the positions of their texts; "c" marks the context.
KEYWORDS: dict[str, Any] = {
    f"{name}{suffix}": positions
    for name, positions in {
        "gettext": (1,),
        "ngettext": (1, 2),
        "pgettext": ((1, "c"), 2),
        "npgettext": ((1, "c"), 2, 3),
    }.items()
    for suffix in ("", "_lazy")
} | {"_": (1,), "gettext_noop": (1,)}


class Text(NamedTuple):
    """A text in the source. ``plural`` and ``context`` are "" if there is none."""

    context: str
    singular: str
    plural: str


@cache
def extract_texts() -> frozenset[Text]:
    """Return the texts of the package that are translated."""
    return frozenset(text for path in _find_sources() for text in _extract(path))


@cache
def get_catalog(language: str) -> Catalog:
    """Return the catalog of a language, with the flags of its messages."""
    content = (LOCALE / language / "LC_MESSAGES" / "django.po").read_bytes()
    return read_po(io.BytesIO(content), locale=language, abort_invalid=True)


def _find_sources() -> Iterator[Path]:
    for path in PACKAGE.rglob("*"):
        if path.suffix in (".py", ".html", ".txt"):
            yield path


def _extract(path: Path) -> Iterator[Text]:
    source = path.read_text()
    if path.suffix != ".py":
        if "trans" not in source:
            return
        # Python calls between "X" for all other text; each call is on one line.
        source = "\n".join(line.strip() for line in templatize(source, origin=str(path)).splitlines())
    elif "_" not in source or "gettext" not in source:
        return
    for _line, message, _comments, context in extract("python", io.BytesIO(source.encode()), KEYWORDS):
        singular, plural = message if isinstance(message, tuple) else (message, "")
        yield Text(context or "", singular, plural)
