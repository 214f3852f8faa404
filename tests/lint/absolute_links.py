"""Check the absolute links into the documentation and the repository, which Sphinx cannot check.

``python -m tests.lint.absolute_links HTML PATH...`` reads the files, and the Markdown files in folders.
HTML is the folder of the built documentation. Exit status 1 if a page, an anchor or a file does not exist.
"""

from __future__ import annotations

import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTATION = re.compile(
    r"https://django-ory\.readthedocs\.io/(?:en/latest/)?(?P<page>[\w./-]*)(?:#(?P<anchor>[\w.-]+))?"
)
REPOSITORY = re.compile(r"https://github\.com/django-ory/django-ory/(?:blob|tree)/main/(?P<path>[\w./-]*)")


class IdParser(HTMLParser):
    """Collects the ids of an HTML page."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Called for each element."""
        self.ids |= {value for name, value in attrs if name == "id" and value}


def find_broken_links(path: Path, html: Path, *, root: Path = ROOT) -> Iterator[str]:
    """Yield each link of a file that leads nowhere, with the name of the file.

    Args:
        html: the folder of the built documentation.
        root: the folder of the repository.
    """
    text = path.read_text(encoding="utf-8")
    for link in REPOSITORY.finditer(text):
        if not (root / link["path"]).exists():
            yield f"{path}: {link[0]}: no such file"
    for link in DOCUMENTATION.finditer(text):
        page = html / (link["page"] or "index.html")
        if not page.is_file():
            yield f"{path}: {link[0]}: no such page"
        elif link["anchor"]:
            parser = IdParser()
            parser.feed(page.read_text(encoding="utf-8"))
            if link["anchor"] not in parser.ids:
                yield f"{path}: {link[0]}: no such anchor"


def list_files(paths: list[Path]) -> Iterator[Path]:
    """The files, and the Markdown files of the folders."""
    for path in paths:
        yield from (
            sorted(each for each in path.rglob("*") if each.suffix in {".md", ".mdx"})
            if path.is_dir()
            else [path]
        )


def main() -> None:
    """Check the files of the command line."""
    html, *paths = map(Path, sys.argv[1:])
    broken = [link for path in list_files(paths) for link in find_broken_links(path, html)]
    if broken:
        sys.exit("\n".join(broken))
    print("All absolute links lead to a page or a file.")


if __name__ == "__main__":
    main()
