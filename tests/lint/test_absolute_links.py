"""The check of absolute links."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.lint.absolute_links import find_broken_links, list_files

if TYPE_CHECKING:
    from pathlib import Path

DOCS = "https://django-ory.readthedocs.io"
CODE = "https://github.com/django-ory/django-ory"


@pytest.mark.parametrize(
    ("link", "problem"),
    [
        (f"{DOCS}/", ""),
        (f"{DOCS}/en/latest/guides/users.html", ""),
        (f"{DOCS}/en/latest/guides/users.html#names", ""),
        (f"{DOCS}/en/latest/guides/users.html#ages", "no such anchor"),
        (f"{DOCS}/en/latest/guides/people.html", "no such page"),
        (f"{DOCS}/en/latest/guides", "no such page"),
        (f"{CODE}/blob/main/README.md", ""),
        (f"{CODE}/tree/main/html", ""),
        (f"{CODE}/blob/main/MISSING.md", "no such file"),
        (f"{CODE}/issues", ""),
        ("https://example.org/missing.html#anchor", ""),
    ],
)
def test_link_of_a_file(tmp_path: Path, link: str, problem: str) -> None:
    html = tmp_path / "html"
    (html / "guides").mkdir(parents=True)
    (html / "index.html").write_text("<h1>Index</h1>")
    (html / "guides" / "users.html").write_text('<h1>Users</h1><section id="names"></section>')
    readme = tmp_path / "README.md"
    readme.write_text(f"See [the page]({link}), and more.\n")
    found = list(find_broken_links(readme, html, root=tmp_path))
    assert found == ([f"{readme}: {link}: {problem}"] if problem else [])


def test_folder_is_searched_for_markdown(tmp_path: Path) -> None:
    for name in ("a.md", "b.mdx", "c.txt"):
        (tmp_path / name).touch()
    assert [path.name for path in list_files([tmp_path, tmp_path / "c.txt"])] == ["a.md", "b.mdx", "c.txt"]
