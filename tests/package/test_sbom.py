"""The software bill of materials of the wheel. ``check_distributions.py`` validates that of a built wheel."""

from __future__ import annotations

import pytest

from hatch_build import build_sbom


@pytest.mark.parametrize(
    ("requirement", "purl"),
    [
        ("Django>=5.2", "pkg:pypi/django"),
        ("Zope_Interface>=7,<8", "pkg:pypi/zope-interface"),
        ("PyJWT[crypto]>=2.12", "pkg:pypi/pyjwt"),
    ],
)
def test_dependency_is_named_by_its_normalized_name_and_declared_range(requirement: str, purl: str) -> None:
    sbom = build_sbom(
        name="django-ory",
        version="0.2.0",
        description="An app.",
        license_expression="BSD-3-Clause",
        source="https://example.org/django-ory",
        dependencies=[requirement, "requests>=2.32.2"],
        tools={"hatchling": "1.33.0", "Babel": "2.19.0"},
    )
    component = next(each for each in sbom["components"] if each["name"] != "requests")
    assert component["purl"] == purl
    assert sorted(component["properties"][0]["value"]) == sorted(requirement)
    assert sbom["dependencies"][0]["ref"] == "pkg:pypi/django-ory@0.2.0"
    assert set(sbom["dependencies"][0]["dependsOn"]) == {purl, "pkg:pypi/requests"}
    tools = [tool["purl"] for tool in sbom["formulation"][0]["components"]]
    assert tools == ["pkg:pypi/babel@2.19.0", "pkg:pypi/hatchling@1.33.0"]
