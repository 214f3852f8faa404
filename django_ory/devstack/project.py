"""What development settings ask for: ``ORY = ory_settings()`` follows the stack, on whatever ports it runs.

Imported by settings modules, so nothing here touches Django's settings.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from .errors import DevstackError
from .lock import locked

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = [
    "FOLDER_VARIABLE",
    "URLS_VARIABLE",
    "are_settings_from_stack",
    "data_folder",
    "environment_for",
    "held",
    "make_folder",
    "ory_settings",
    "remember",
    "reset",
]

URLS_VARIABLE: Final = "DJANGO_ORY_DEV_SETTING"
"""Environment variable: ``settings.ORY`` as JSON, set by ``ory_dev`` and in ``OryStack.environment``."""

FOLDER_VARIABLE: Final = "DJANGO_ORY_DEV_FOLDER"
"""Environment variable: the stack's folder, instead of ``.ory`` beside manage.py."""

_STATE = "setting.json"
_LOCK = "ory_dev.lock"
_IGNORE = ".gitignore"
_KEPT = (_LOCK, _IGNORE)  # by reset
_bases: list[object] = []  # one for each call of ory_settings
_DEFAULT: Final[dict[str, dict[str, Any]]] = {
    "default": {
        "KRATOS_PUBLIC_URL": "http://localhost:4433",
        "KRATOS_ADMIN_URL": "http://localhost:4434",
        "HYDRA_PUBLIC_URL": "http://localhost:4444",
        "HYDRA_ADMIN_URL": "http://localhost:4445",
    }
}


def data_folder(base: Path | str | None = None) -> Path:
    """The folder of the stack's data: ``.ory`` in ``base``, by default beside the manage.py that runs."""
    if FOLDER_VARIABLE in os.environ:
        return Path(os.environ[FOLDER_VARIABLE]).resolve()
    if base is None:
        program = Path(sys.argv[0])
        base = program.resolve().parent if program.name == "manage.py" else Path.cwd()
    return Path(base).resolve() / ".ory"


def ory_settings(base: Path | str | None = None, **options: object) -> dict[str, dict[str, Any]]:
    """``settings.ORY`` for development: the URLs of the stack that ``ory_dev`` or a test started.

    Looked up in the environment, then in ``.ory`` beside manage.py (or in ``base``), else Ory's usual ports.
    ``options`` are further keys of the default alias: ``ory_settings(SITE_NAME="Cups")``.
    """
    _bases.append(base)
    setting = _DEFAULT
    file = data_folder(base) / _STATE
    if URLS_VARIABLE in os.environ:
        setting = _parsed(os.environ[URLS_VARIABLE], source=f"The environment variable {URLS_VARIABLE}")
    elif file.exists():
        setting = _parsed(file.read_text(), source=str(file))
    return {**setting, "default": {**setting["default"], **options}}


def are_settings_from_stack() -> bool:
    """Whether the settings of this process were made by ``ory_settings``: it has no other caller."""
    return bool(_bases)


def remember(setting: Mapping[str, Mapping[str, Any]], *, folder: Path) -> None:
    """Write down where the stack is, for the ``manage.py`` of another terminal."""
    (folder / _STATE).write_text(json.dumps(setting, indent=2) + "\n")


def make_folder(folder: Path) -> None:
    """Make the folder of a stack, for this user only, if it does not exist. Git ignores its content."""
    is_ours = folder.name == ".ory" or not folder.exists()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    ignore = folder / _IGNORE
    if is_ours and not ignore.exists():
        ignore.write_text("# Secrets, accounts and mails of the development stack.\n*\n")


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Keep the folder, made if it does not exist, for this process.

    Raises DevstackError if another process has it, or if it cannot be made.
    """

    def refuse() -> None:
        raise DevstackError(
            f"Another ory_dev uses the data in {folder}. End that one, or name another folder in the "
            f"environment variable {FOLDER_VARIABLE}."
        )

    try:
        make_folder(folder)
    except OSError as error:
        raise DevstackError(f"{folder} cannot be made: {error}") from error
    with locked(folder / _LOCK, on_wait=refuse):
        yield


def reset(folder: Path) -> None:
    """Delete the stack's data.

    Raises DevstackError if the folder does not look like one of ours, or if something cannot be deleted.
    """
    try:
        # Not the lock: whoever holds it would hold a file that nobody finds any more.
        found = [path for path in folder.iterdir() if path.name not in _KEPT] if folder.exists() else []
        if found and folder.name != ".ory" and not (folder / _STATE).exists():
            raise DevstackError(f"{folder} is no folder of a development stack; nothing was deleted.")
        for path in found:
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
    except OSError as error:
        raise DevstackError(f"The data in {folder} could not be deleted: {error}") from error


def environment_for(setting: Mapping[str, Mapping[str, Any]], *, folder: Path) -> dict[str, str]:
    """The environment variables that lead another Django process to a stack."""
    return {URLS_VARIABLE: json.dumps(setting), FOLDER_VARIABLE: str(folder)}


def _parsed(text: str, *, source: str) -> dict[str, dict[str, Any]]:
    try:
        setting = json.loads(text)
    except ValueError as error:
        raise DevstackError(f"{source} is not JSON: {error}") from error
    if not isinstance(setting, dict) or not isinstance(setting.get("default"), dict):
        raise DevstackError(f'{source} is not {{"default": {{...}}}}')
    return setting
