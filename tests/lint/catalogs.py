"""Check that ``makemessages`` leaves the catalogs as they are. ``--update`` runs it on them.

``python -m tests.lint.catalogs`` needs gettext's xgettext and msgmerge. Without them it says so and checks
nothing: the unit suite finds missing and superfluous texts without gettext.
"""

from __future__ import annotations

import difflib
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "django_ory"
PROGRAMS = ("xgettext", "msgmerge", "msgattrib", "msguniq")
COMMAND = (
    *(sys.executable, "-P", "-m", "django", "makemessages", "--all"),  # -P: the folder has a types.py
    *("--extension=html,txt,py", "--no-location", "--no-wrap", "--no-obsolete"),
)
#: Lines with a date, or without a value, that gettext writes into the header.
CHANGING = re.compile(r'^"(?:POT-Creation-Date|Report-Msgid-Bugs-To):.*\n', re.MULTILINE)
#: Flags such as python-format. Versions of xgettext disagree about them.
FLAGS = re.compile(r"^#, (?!fuzzy).*\n", re.MULTILINE)


def update_catalogs(package: Path) -> None:
    """Run makemessages in a package folder, and remove the lines that would differ in each run."""
    subprocess.run(COMMAND, cwd=package, check=True, stdout=subprocess.DEVNULL)
    for catalog in find_catalogs(package):
        catalog.write_text(CHANGING.sub("", catalog.read_text()))


def find_catalogs(package: Path) -> list[Path]:
    """Return the ``.po`` files of a package folder."""
    return sorted(package.glob("locale/*/LC_MESSAGES/*.po"))


def find_changes(package: Path) -> list[str]:
    """Return the lines by which the catalogs differ after makemessages. Changes no file."""
    changes: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / package.name
        shutil.copytree(package, copy, ignore=shutil.ignore_patterns("__pycache__", "*.mo"))
        update_catalogs(copy)
        for before, after in zip(find_catalogs(package), find_catalogs(copy), strict=True):
            old, new = (FLAGS.sub("", path.read_text()).splitlines() for path in (before, after))
            name = before.relative_to(package).as_posix()
            changes += difflib.unified_diff(old, new, name, name, lineterm="", n=1)
    return changes


def main(arguments: list[str]) -> int:
    """Check or update the catalogs. Returns the exit status."""
    if missing := [name for name in PROGRAMS if not shutil.which(name)]:
        print(f"Catalogs not checked: {', '.join(missing)} not found. On Debian: apt-get install gettext")
        return 1 if arguments else 0
    if arguments == ["--update"]:
        update_catalogs(PACKAGE)
        return 0
    changes = find_changes(PACKAGE)
    if changes:
        print("\n".join(changes[:100]))
        print("The catalogs are out of date. Run: python -m tests.lint.catalogs --update")
    return bool(changes)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
