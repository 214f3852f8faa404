"""The guide about theming lists every block, custom property and element with its variables."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import django_ory

PACKAGE = Path(django_ory.__file__).parent
TEMPLATES = PACKAGE / "templates" / "ory"
ELEMENTS = sorted((TEMPLATES / "elements").glob("*.html"))
GUIDE = (Path(__file__).resolve().parents[2] / "docs" / "guides" / "theming.md").read_text()
COMMENT = re.compile(r"{% comment %}(.*?){% endcomment %}", re.DOTALL)
#: Words of the template language.
KEYWORDS = frozenset({"if", "or", "and", "not", "in", "is", "forloop", "with", "as"})


def get_comment(path: Path) -> str:
    found = COMMENT.match(path.read_text())
    assert found, f"{path.name} does not start with a comment"
    return found[1]


def list_variables(source: str) -> set[str]:
    """The variables of the context that a template reads."""
    source = COMMENT.sub("", source)
    tags = re.findall(r"{%\s*(?:if|elif)\s+(.*?)%}|{%\s*for \w+ in (\S+)|{{\s*(.*?)\s*}}", source)
    tags += re.findall(r"{%\s*(?:ory_element|ory_field)\s+(.*?)()()%}", source)
    own = re.findall(r"{% for ([\w, ]+) in|\bas(?:var)? (\w+)|\bwith (\w+)=", source)
    assigned = {name for found in own for name in re.findall(r"\w+", " ".join(found))}
    texts = [re.sub(r"\"[^\"]*\"|'[^']*'|\|\w+|\w+=", " ", "".join(parts)) for parts in tags]
    names = {name for text in texts for name in re.findall(r"(?<![\w.])[a-z_]+", text)}
    return names - KEYWORDS - assigned


def test_guide_lists_every_block() -> None:
    files = [path for path in TEMPLATES.rglob("*.html") if "mails" not in path.parts]
    blocks = {name for path in files for name in re.findall(r"{%\s*block\s+(\w+)", path.read_text())}
    section = GUIDE[GUIDE.index("## Pages and blocks") : GUIDE.index("## Tags for your own templates")]
    listed = {
        name for row in re.findall(r"^\| (`ory_.*?) \|", section, re.MULTILINE) for name in row.split(", ")
    }
    assert {name.strip("`") for name in listed} == blocks


def test_guide_lists_every_custom_property() -> None:
    used = set(re.findall(r"--ory-[a-z-]+", (PACKAGE / "static" / "ory" / "ory.css").read_text()))
    rows = re.findall(r"^\| (`--ory.*?) \|", GUIDE, re.MULTILINE)
    assert {name for row in rows for name in re.findall(r"`(--[a-z-]+)`", row)} == used


def test_guide_lists_every_tag() -> None:
    source = (PACKAGE / "templatetags" / "ory.py").read_text()
    tags = set(re.findall(r"@register\.simple_tag.*?\ndef (\w+)", source))
    listed = set(re.findall(r"{% (ory_\w+)", GUIDE))
    assert tags - {"ory_field"} <= listed


@pytest.mark.parametrize("path", ELEMENTS, ids=lambda path: path.stem)
def test_comment_of_an_element_names_its_variables(path: Path) -> None:
    comment = get_comment(path)
    for other in re.findall(r"(\w+)(?:\.html|'s)", comment):  # "as input's"
        if (path.parent / f"{other}.html").is_file():
            comment += get_comment(path.parent / f"{other}.html")
    assert list_variables(path.read_text()) - set(re.findall(r"\w+", comment)) == set()
