"""Build hook of hatchling: compiles the translations, whose ``.mo`` files are not in the repository.

Runs for wheels and editable installations. The tests call ``compile_catalogs`` for a checkout that was not
installed.
"""

from __future__ import annotations

import io
import os
import tempfile
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # outside a build
    BuildHookInterface = object

LOCALE = Path(__file__).parent / "django_ory" / "locale"


class CatalogBuildHook(BuildHookInterface):  # type: ignore[misc]
    """Compiles the catalogs before the files of the wheel are collected."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling. The wheel includes the files because of ``artifacts`` in pyproject.toml."""
        compile_catalogs(LOCALE)


def compile_catalogs(folder: Path) -> list[Path]:
    """Compile ``<language>/LC_MESSAGES/*.po`` in a folder. Returns the ``.mo`` files that were written.

    A ``.mo`` file that is newer than its ``.po`` is not compiled again. Files are replaced at once, because
    another process may be reading them. Fuzzy entries are left out, as ``msgfmt`` does.
    """
    written = []
    for source in sorted(folder.glob("*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime_ns > source.stat().st_mtime_ns:
            continue
        compiled = io.BytesIO()
        write_mo(compiled, read_po(io.BytesIO(source.read_bytes()), locale=source.parts[-3]))
        _replace(target, compiled.getvalue())
        written.append(target)
    return written


def _replace(path: Path, content: bytes) -> None:
    number, name = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
    with os.fdopen(number, "wb") as file:
        file.write(content)
    Path(name).chmod(0o644)
    Path(name).replace(path)
