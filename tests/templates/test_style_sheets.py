"""The style sheets change nothing outside of the classes of the app."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import django_ory

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(django_ory.__file__).parent
STATIC = PACKAGE / "static" / "ory"
#: A selector has to begin with the root of the pages, alone or in :where(), and not lead to its siblings.
PAGES = re.compile(r"(?:\.ory(?![\w-])|:where\(\.ory(-standalone)?\))(?!\S*\s*[~+])")
#: A class of this app, or Django's class for the admin pages of the app.
ADMIN = re.compile(r"\.ory-[\w-]+|\.app-django_ory(?![\w-])")
#: At-rules with rules inside, and those without selectors.
NESTED = ("@media", "@supports", "@container", "@layer")


def parse_rules(css: str) -> Iterator[tuple[str, str]]:
    """``(selector, declarations)`` of each rule, also of those inside at-rules; keyframes by their name."""
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    position = 0
    while opening := re.compile(r"\s*([^{}]+?)\s*{").match(css, position):
        end = position = opening.end()
        depth = 1
        while depth:
            depth += {"{": 1, "}": -1}.get(css[end], 0)
            end += 1
        inside, prelude = css[position : end - 1], opening[1]
        position = end
        if prelude.startswith(NESTED):
            yield from parse_rules(inside)
        else:
            yield prelude, inside
    assert not css[position:].strip(), f"cannot parse {css[position : position + 80]!r}"


def split_selectors(prelude: str) -> list[str]:
    """The selectors of a list; commas in parentheses do not separate any."""
    return [each.strip() for each in re.split(r",(?![^()]*(?:\([^()]*\)[^()]*)*\))", prelude)]


def find_leaks(css: str, root: re.Pattern[str]) -> list[str]:
    """The selectors that also match elements outside of the root."""
    return [
        selector
        for prelude, _ in parse_rules(css)
        for selector in split_selectors(prelude)
        if not (prelude.startswith("@keyframes ory-") or root.match(selector))
    ]


@pytest.mark.parametrize(
    "css",
    [
        ":root { --ory-accent: red }",
        "html { color: red }",
        "body.ory { margin: 0 }",
        "* { box-sizing: border-box }",
        "a { color: red }",
        ".ory-card { color: red }",
        ".orygami { color: red }",
        ".ory .ory-card, h1 { color: red }",
        ".ory ~ footer { color: red }",
        ":where(.ory)+p { color: red }",
        ":where(.ory, main) h1 { color: red }",
        "@media print { .ory a { color: red } body { color: red } }",
        "@supports (color: light-dark(red, red)) { @media print { :root { color: red } } }",
        "@keyframes turn { to { rotate: 1turn } }",
        "@font-face { font-family: Inter }",
    ],
)
def test_rule_outside_of_the_root_is_found(css: str) -> None:
    assert len(find_leaks(css, PAGES)) == 1


def test_rules_of_the_pages_apply_only_below_their_root() -> None:
    css = (STATIC / "ory.css").read_text()
    assert len(list(parse_rules(css))) > 100
    assert find_leaks(css, PAGES) == []


def test_rules_of_the_admin_apply_only_to_pages_of_the_app() -> None:
    css = (STATIC / "admin.css").read_text()
    assert list(parse_rules(css))
    assert find_leaks(css, ADMIN) == []


def test_no_other_style_sheet_ships() -> None:
    assert {path.name for path in STATIC.glob("*.css")} == {"ory.css", "admin.css"}


def test_rules_win_over_element_rules_of_a_site() -> None:
    """A site may load its style sheet later and write ``input[type=text]``: one class is not enough."""
    single = {
        selector
        for prelude, _ in parse_rules((STATIC / "ory.css").read_text())
        for selector in split_selectors(prelude)
        if not selector.startswith((":where", "@", ".ory :")) and selector.count(".") < 2
    }
    assert single == {".ory"}


def count_classes(selector: str) -> int:
    """The second figure of the specificity: classes, attributes, pseudo-classes; :where() counts nothing."""
    while (shorter := re.sub(r"\([^()]*\)", "", selector)) != selector:
        selector = shorter
    return len(re.findall(r"\.|\[|(?<!:):(?!:|where)", selector))


def test_reset_has_the_lowest_specificity() -> None:
    """The following rules have two classes, so the reset must not have more."""
    reset = {
        selector: count_classes(selector)
        for prelude, inside in parse_rules((STATIC / "ory.css").read_text())
        for selector in split_selectors(prelude)
        if "all: revert" in inside
    }
    assert set(reset.values()) == {2}
    assert count_classes(".ory.ory :where(.a) > :where(p):not([class])") > 2


def test_custom_properties_of_a_site_win() -> None:
    """``.ory { --ory-accent: ... }`` of a site wins in any order of the style sheets."""
    rules = list(parse_rules((STATIC / "ory.css").read_text()))
    setting = {prelude for prelude, inside in rules if re.search(r"(--ory-[\w-]+|color-scheme)\s*:", inside)}
    assert setting - {".ory .ory-card"} == {":where(.ory)", ":where(.ory-standalone)"}  # paper is light


def test_classes_of_the_pages_have_the_prefix_of_the_app() -> None:
    """The style sheet resets the elements that have such a class."""
    others = [
        (path.name, name)
        for path in (PACKAGE / "templates" / "ory").rglob("*.html")
        for names in re.findall(r'class="([^"]*)"', path.read_text())
        for name in re.sub(r"{%.*?%}|{{.*?}}", " ", names).split()
        if not re.fullmatch(r"ory|ory-[\w-]+", name)
    ]
    assert others == []


def test_style_sheet_and_script_of_the_pages_have_at_most_30_kb() -> None:
    sizes = {each.name: each.stat().st_size for each in (STATIC / "ory.css", STATIC / "ory.js")}
    assert sum(sizes.values()) <= 30_000, sizes
