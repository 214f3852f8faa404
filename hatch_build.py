"""Build hook of hatchling: compiles the translations and describes the wheel in an SBOM.

The ``.mo`` files are not in the repository. The hook runs for wheels and editable installations. The tests
call ``compile_catalogs`` for a checkout that was not installed.

Two builds of one commit have the same bytes: no file contains the time or the folder of the build.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version as get_installed_version
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from packaging.requirements import Requirement

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # outside a build
    BuildHookInterface = object

LOCALE = Path(__file__).parent / "django_ory" / "locale"
SBOM_NAME = "django_ory.cdx.json"
#: The programs that decide the bytes of a wheel.
BUILD_TOOLS = ("Babel", "hatchling")
#: The time of all files in a wheel of hatchling if SOURCE_DATE_EPOCH is not set.
DEFAULT_EPOCH = "1580601600"


class WheelBuildHook(BuildHookInterface):  # type: ignore[misc]
    """Compiles the catalogs and writes the SBOM before the files of the wheel are collected."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling. The wheel includes the catalogs because of ``artifacts`` in pyproject.toml."""
        compile_catalogs(LOCALE, only_changed=version == "editable")
        self._folder = Path(tempfile.mkdtemp())
        core = self.metadata.core
        sbom = build_sbom(
            name=core.name,
            version=self.metadata.version,
            description=core.description,
            license_expression=core.license_expression,
            source=core.urls["Source"],
            dependencies=core.dependencies,
            tools={name: get_installed_version(name) for name in BUILD_TOOLS},
        )
        path = self._folder / SBOM_NAME
        path.write_text(json.dumps(sbom, indent=2) + "\n")
        build_data["sbom_files"].append(str(path))

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Called by hatchling after the wheel was written."""
        shutil.rmtree(self._folder)


def build_sbom(
    *,
    name: str,
    version: str,
    description: str,
    license_expression: str,
    source: str,
    dependencies: Sequence[str],
    tools: dict[str, str],
) -> dict[str, Any]:
    """The software bill of materials of the wheel (PEP 770, CycloneDX 1.6).

    Dependencies have no version, because the wheel contains none of them: the property has the declared
    range. ``formulation`` has the versions of the build tools, which a second build needs. Time and serial
    number are left out, so that two builds do not differ.
    """
    purl = f"pkg:pypi/{name}@{version}"
    components = [_build_dependency(Requirement(text)) for text in sorted(dependencies, key=str.lower)]
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "lifecycles": [{"phase": "build"}],
            "component": {
                "type": "library",
                "bom-ref": purl,
                "name": name,
                "version": version,
                "description": description,
                "licenses": [{"expression": license_expression}],
                "purl": purl,
                "externalReferences": [{"type": "vcs", "url": source}],
            },
        },
        "components": components,
        "dependencies": [
            {"ref": purl, "dependsOn": [component["bom-ref"] for component in components]},
            *({"ref": component["bom-ref"]} for component in components),
        ],
        "formulation": [
            {
                "components": [
                    {
                        "type": "application",
                        "name": tool,
                        "version": tools[tool],
                        "purl": f"pkg:pypi/{tool.lower()}@{tools[tool]}",
                    }
                    for tool in sorted(tools, key=str.lower)
                ]
            }
        ],
    }


def _build_dependency(requirement: Requirement) -> dict[str, Any]:
    purl = f"pkg:pypi/{requirement.name.lower().replace('_', '-')}"
    return {
        "type": "library",
        "bom-ref": purl,
        "name": requirement.name,
        "scope": "required",
        "purl": purl,
        "properties": [{"name": "django-ory:requirement", "value": str(requirement)}],
    }


def compile_catalogs(folder: Path, *, only_changed: bool = True) -> list[Path]:
    """Compile ``<language>/LC_MESSAGES/*.po`` in a folder. Returns the ``.mo`` files that were written.

    With ``only_changed`` a ``.mo`` file that is newer than its ``.po`` is not compiled again. Files are
    replaced at once, because another process may be reading them. Fuzzy entries are left out, as ``msgfmt``
    does.
    """
    written = []
    for source in sorted(folder.glob("*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if only_changed and target.exists() and target.stat().st_mtime_ns > source.stat().st_mtime_ns:
            continue
        catalog = read_po(io.BytesIO(source.read_bytes()), locale=source.parts[-3])
        # The .po files have no date, and Babel would write the present time.
        catalog.creation_date = datetime.fromtimestamp(
            int(os.environ.get("SOURCE_DATE_EPOCH", DEFAULT_EPOCH)), UTC
        )
        compiled = io.BytesIO()
        write_mo(compiled, catalog)
        _replace(target, compiled.getvalue())
        written.append(target)
    return written


def _replace(path: Path, content: bytes) -> None:
    number, name = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
    with os.fdopen(number, "wb") as file:
        file.write(content)
    Path(name).chmod(0o644)
    Path(name).replace(path)
