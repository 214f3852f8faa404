"""The reference page of the documentation: a section for each area, and the requirements of operations."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from django_ory.client import OryClient

DOCS = Path(__file__).parents[2] / "docs"
PAGE = DOCS / "reference" / "client.md"


def test_every_mixin_is_on_the_page_once() -> None:
    listed = re.findall(r"\{ory-operations\} (\w+)", PAGE.read_text())
    mixins = [
        kind.__name__
        for kind in OryClient.__mro__
        if any(hasattr(value, "paging") for value in vars(kind).values())
    ]
    assert sorted(listed) == sorted(mixins)


@pytest.fixture
def entries(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """The lines that the page gets for each operation, made without Sphinx."""

    def module(name: str, **names: Any) -> ModuleType:
        made = ModuleType(name)
        vars(made).update(names)
        monkeypatch.setitem(sys.modules, name, made)
        return made

    module("code_reference", Generated=object)
    module("docutils.parsers.rst", directives=SimpleNamespace(class_option=None))
    spec = importlib.util.spec_from_file_location("operations", DOCS / "_ext" / "operations.py")
    assert spec is not None
    assert spec.loader is not None
    extension: Any = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "operations", extension)
    spec.loader.exec_module(extension)
    return {
        entry.name: extension.lines(entry) for area in extension.areas() for entry in extension.entries(area)
    }


def test_each_operation_has_route_version_and_errors(entries: dict[str, list[str]]) -> None:
    assert len(entries) == 173
    for name, lines in entries.items():
        facts = lines[-2]
        assert re.search(r"`[A-Z]+ /\S+`. URL: `[^`]+`. ", facts), name
        assert re.search(r"(Kratos|Hydra|Keto).*, first in v|Ory Network\.", facts), name
        assert re.search(r"Errors of its own: \w+|No errors of its own\.$", facts), name
        assert not any("Source:" in line or "first in" in line for line in lines[:-2]), name


def test_operation_names_the_url_of_its_service(entries: dict[str, list[str]]) -> None:
    assert "URL: `kratos_admin_url`. Kratos, first in v0.10.1." in entries["admin_get_identity"][-2]
    assert "URL: `hydra_public_url`. Hydra, first in v2.0.3." in entries["get_oidc_user_info"][-2]
    assert "URL: `any of them, by service=`. Kratos and Hydra, first in" in entries["is_alive"][-2]
    assert "URL: `console_url`. Ory Network." in entries["list_projects"][-2]


def test_signature_on_the_page_is_that_of_the_code(entries: dict[str, list[str]]) -> None:
    assert entries["is_alive"][3] == (
        ": `is_alive(*, service: str = 'kratos_public')` returns `models.HealthStatus`"
    )
    assert entries["admin_delete_identity"][3] == ": `admin_delete_identity(id: str)` returns `None`"
    assert entries["admin_get_identity"][3] == (
        ": `admin_get_identity(id: str, *, include_credential: Sequence[str] | None = None)` "
        "returns `models.Identity`"
    )
