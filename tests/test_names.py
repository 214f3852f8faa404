"""One name, one concept: rules for the names of the package."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from pathlib import Path

import pytest

Modules = dict[Path, ast.Module]

PACKAGE = Path(__file__).parent.parent / "django_ory"
#: Django prescribes the first name; the rows carry the names of the resources that they mirror.
SHARED = {"Command", "Identity", "OAuth2Client"}
#: Type variables are named by convention.
NAMELESS = {"P", "R", "T", "M", "K", "V"}


@pytest.fixture(scope="module")
def modules() -> Modules:
    """The parsed modules of the package."""
    return {
        path.relative_to(PACKAGE): ast.parse(path.read_text())
        for path in PACKAGE.rglob("*.py")
        if "migrations" not in path.parts
    }


def defined_names(tree: ast.Module) -> set[str]:
    """Classes and constants of a module."""
    names = {node.name for node in tree.body if isinstance(node, ast.ClassDef)}
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else ()
        targets = [node.target] if isinstance(node, ast.AnnAssign) else targets
        found = {each.id for target in targets for each in ast.walk(target) if isinstance(each, ast.Name)}
        names |= {name for name in found if re.fullmatch(r"_?[A-Z][A-Z0-9_]*", name)}
    return names - NAMELESS


def test_classes_and_constants_have_names_of_their_own(modules: Modules) -> None:
    places: dict[str, list[str]] = defaultdict(list)
    for path, tree in sorted(modules.items()):
        for name in defined_names(tree) - SHARED:
            places[name].append(str(path))
    assert {name: paths for name, paths in places.items() if len(paths) > 1} == {}


def test_functions_are_not_named_by_a_noun_and_of(modules: Modules) -> None:
    assert [
        f"{path}: {node.name}"
        for path, tree in modules.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and re.fullmatch(r"\w+_of", node.name)
    ] == []


def test_template_tags_start_with_the_name_of_the_app(modules: Modules) -> None:
    tags = [
        node.name
        for node in ast.walk(modules[Path("templatetags/ory.py")])
        if isinstance(node, ast.FunctionDef) and node.decorator_list
    ]
    assert tags
    assert [name for name in tags if not name.startswith("ory_")] == []
