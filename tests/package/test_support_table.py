"""``docs/support.md`` names the versions of the metadata, of tox and of the servers."""

from __future__ import annotations

import re
import tomllib
from configparser import ConfigParser
from itertools import product
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import django_ory
from django_ory.devstack.servers.specs import HYDRA, KRATOS, ServerSpec

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "support.md").read_text()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def read_table(first_cell: str) -> list[list[str]]:
    """The rows of a table of the page, named by its first cell. The head is the first row."""
    start = PAGE.index(f"| {first_cell} |")
    lines = PAGE[start:].split("\n\n")[0].splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in (lines[0], *lines[2:])]


def read_classifiers(prefix: str) -> set[str]:
    versions = (line.removeprefix(prefix) for line in PROJECT["classifiers"] if line.startswith(prefix))
    return {version for version in versions if "." in version}


def read_environments() -> set[tuple[str, str]]:
    """The pairs of Python and Django for which tox runs the unit suite."""
    config = ConfigParser(interpolation=None)
    config.read(ROOT / "tox.ini")
    pairs = set()
    for name in re.findall(r"^(py.+)$", config["tox"]["env_list"], re.MULTILINE):
        python, django = re.fullmatch(r"py(\d+)-django\{?([\d, ]+)\}?", name).groups()  # type: ignore[union-attr]
        pairs |= set(product([python], re.findall(r"\d+", django)))
    # The environment "coverage" has the newest Django.
    pairs.add((config["testenv:coverage"]["base_python"].removeprefix("py"), "61"))
    return {(f"{python[0]}.{python[1:]}", f"{django[0]}.{django[1:]}") for python, django in pairs}


def test_matrix_has_the_environments_of_tox_and_the_versions_of_the_metadata() -> None:
    (_, *djangos), *rows = read_table("Python")
    columns = [django.removeprefix("Django ") for django in djangos]
    cells = {
        (row[0].removeprefix("Python "), django): cell
        for row in rows
        for django, cell in zip(columns, row[1:], strict=True)
    }
    assert set(cells.values()) == {"yes", "-"}
    assert {pair for pair, cell in cells.items() if cell == "yes"} == read_environments()
    assert {python for python, _ in cells} == read_classifiers("Programming Language :: Python :: ")
    assert set(columns) == read_classifiers("Framework :: Django :: ")
    lowest = min(
        (python for python, _ in cells), key=lambda version: [int(part) for part in version.split(".")]
    )
    assert PROJECT["requires-python"] == f">={lowest}"


def test_lowest_versions_are_those_of_the_metadata() -> None:
    _, *rows = read_table("requirement")
    declared = [Requirement(text) for text in PROJECT["dependencies"]]
    assert {name: f">={version}" for name, version in rows} == {
        each.name: str(each.specifier) for each in declared
    }


@pytest.mark.parametrize("spec", [KRATOS, HYDRA], ids=lambda spec: spec.name)
def test_real_servers_are_those_of_the_development_stack(spec: ServerSpec) -> None:
    name, version = spec.name.capitalize(), spec.version
    tested = [row for row in read_table("server") if row[0] == name and "the real server" in row[2]]
    assert [row[1] for row in tested] == [version]
    assert f"{name} {version}" in (ROOT / "README.md").read_text()


def test_version_is_the_same_everywhere_and_has_notes() -> None:
    version = PROJECT["version"]
    assert django_ory.__version__ == version
    heading = rf"^## \[{re.escape(version)}\] - \d{{4}}-\d\d-\d\d$"
    assert re.search(heading, (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
