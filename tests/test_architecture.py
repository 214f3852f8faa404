"""The import layers: each module is in one, and the documentation shows the checked layers."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
LAYERS = next(contract["layers"] for contract in CONTRACTS if contract["type"] == "layers")
POSITIONS = {name: number for number, line in enumerate(LAYERS) for name in re.findall(r"\w+", line)}


def test_every_module_of_the_package_is_in_one_layer() -> None:
    package = ROOT / "django_ory"
    modules = {path.stem for path in package.glob("*.py")} | {
        path.parent.name for path in package.glob("*/*.py")
    }
    assert POSITIONS.keys() == modules - {"__init__", "migrations"}
    assert len(POSITIONS) == sum(len(re.findall(r"\w+", line)) for line in LAYERS)


def test_documentation_shows_the_layers() -> None:
    page = (ROOT / "docs/architecture.md").read_text()
    shown = re.findall(
        r"^1\. (.+)$", page.partition("## Import layers")[2].partition("\n## ")[0], re.MULTILINE
    )
    assert [line.replace("`", "") for line in shown] == LAYERS


def test_template_tags_are_above_all_that_they_import() -> None:
    source = (ROOT / "django_ory/templatetags/ory.py").read_text()
    imported = set(re.findall(r"^\s*from django_ory\.(\w+)", source, re.MULTILINE))
    assert imported
    assert all(POSITIONS["templatetags"] < POSITIONS[name] for name in imported)
