"""The reference page of the documentation: a section for each area, and the requirements of operations."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from ory_reference import client_operations

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


@pytest.fixture(scope="module")
def entries() -> dict[str, list[str]]:
    """The lines that the page gets for each operation."""
    areas = client_operations.areas()
    found = [one for area in areas for one in client_operations.entries(area)]
    return {one.name: client_operations.entry_lines(one) for one in found}


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
