"""The stack's data folder, and ``ORY = ory_settings()`` for the settings of a development machine.

Settings modules import this module, so nothing here reads Django's settings at import.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from django_ory.conf import get_settings
from django_ory.devstack.errors import DevstackError
from django_ory.devstack.lock import file_lock
from django_ory.devstack.ports import HOST, Ports
from django_ory.http.redirects import parse_origin

URLS_VARIABLE: Final = "DJANGO_ORY_DEV_SETTING"
"""Environment variable with ``settings.ORY`` as JSON, set by ``ory_dev`` and in ``OryStack.environment``."""

FOLDER_VARIABLE: Final = "DJANGO_ORY_DEV_FOLDER"
"""Environment variable with the stack's folder. Default: ``.ory`` beside manage.py."""

_STATE_FILE = "setting.json"
_LOCK_FILE = "ory_dev.lock"
_GITIGNORE_FILE = ".gitignore"
_ory_settings_calls: list[object] = []  # settings made by ory_settings() always match the stack

_REMEDY = """\
The site would not use the servers of ory_dev, so nothing was started. Let the settings follow them:

    from django_ory.devstack import ory_settings

    ORY = ory_settings(BASE_DIR)  # further keys are arguments: ory_settings(BASE_DIR, SITE_NAME="Cups")

or start the servers on the ports of the settings; for the options see: manage.py ory_dev --help"""


def data_folder(base: Path | str | None = None) -> Path:
    """Return the stack's data folder: ``.ory`` in ``base``, by default beside the current manage.py."""
    if FOLDER_VARIABLE in os.environ:
        return Path(os.environ[FOLDER_VARIABLE]).resolve()
    if base is None:
        program = Path(sys.argv[0])
        base = program.resolve().parent if program.name == "manage.py" else Path.cwd()
    return Path(base).resolve() / ".ory"


def ory_settings(base: Path | str | None = None, **options: object) -> dict[str, dict[str, Any]]:
    """Return ``settings.ORY`` for development: the URLs of the stack that ``ory_dev`` or a test started.

    They are read from the environment, else from ``.ory`` beside manage.py (or in ``base``). Without a stack
    they are Ory's usual ports. ``options`` are further keys: ``ory_settings(SITE_NAME="Cups")``.
    """
    _ory_settings_calls.append(base)
    setting: dict[str, dict[str, Any]] = Ports().ory_setting
    file = data_folder(base) / _STATE_FILE
    if URLS_VARIABLE in os.environ:
        setting = _parse_setting(
            os.environ[URLS_VARIABLE], source=f"The environment variable {URLS_VARIABLE}"
        )
    elif file.exists():
        setting = _parse_setting(file.read_text(), source=str(file))
    return {**setting, "default": {**setting["default"], **options}}


def check_settings(ports: Ports, *, alias: str) -> None:
    """Check that ``settings.ORY`` names the servers on these ports, and not those of another project.

    Raises DevstackError with each wrong setting and the remedy.
    """
    if _ory_settings_calls:
        return
    ory = get_settings(alias)
    problems: dict[str, str] = {}  # by URL: the default browser URL is the public one, and is reported once
    for service in ("kratos", "hydra"):
        for side in ("public", "browser", "admin"):
            key = f"{service}_{side}_url"
            port = getattr(ports, f"{service}_{'admin' if side == 'admin' else 'public'}")
            found = getattr(ory, key)
            if found and not _is_server_url(found, port, is_browser_url=side == "browser"):
                text = f"  {key.upper()} is {found}, but the server will be at http://localhost:{port}."
                problems.setdefault(found, text)
    if problems:
        head = f'settings.ORY["{alias}"] names other servers than those of ory_dev:'
        raise DevstackError("\n".join((head, *problems.values(), _REMEDY)))


def _is_server_url(url: str, port: int, *, is_browser_url: bool) -> bool:
    """Return whether a URL is that of the server. Browsers need the host name of the site, localhost."""
    hosts = ("localhost",) if is_browser_url else ("localhost", HOST, "::1")
    return parse_origin(url) in {("http", host, port) for host in hosts}


def save_state(setting: Mapping[str, Mapping[str, Any]], *, folder: Path) -> None:
    """Store the URLs of the stack, for the ``manage.py`` of another terminal."""
    (folder / _STATE_FILE).write_text(json.dumps(setting, indent=2) + "\n")


def make_folder(folder: Path) -> None:
    """Create the folder of a stack, for this user only, with a .gitignore. An existing folder is kept."""
    is_ours = folder.name == ".ory" or not folder.exists()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    ignore = folder / _GITIGNORE_FILE
    if is_ours and not ignore.exists():
        ignore.write_text("# Secrets, accounts and mails of the development stack.\n*\n")


@contextmanager
def exclusive_folder(folder: Path) -> Iterator[None]:
    """Lock the folder for this process. A missing folder is created.

    Raises DevstackError if another process uses the folder, or if the folder cannot be created.
    """

    def refuse() -> None:
        raise DevstackError(
            f"Another ory_dev uses the data in {folder}. Stop it, or set the environment variable "
            f"{FOLDER_VARIABLE} to another folder."
        )

    try:
        make_folder(folder)
    except OSError as error:
        raise DevstackError(f"Cannot create {folder}: {error}") from error
    with file_lock(folder / _LOCK_FILE, on_wait=refuse):
        yield


def reset_folder(folder: Path) -> None:
    """Delete the stack's data. The lock file, which this process may hold, is kept.

    Raises DevstackError if the folder is not a data folder, or if a file cannot be deleted.
    """
    kept = (_LOCK_FILE, _GITIGNORE_FILE)
    try:
        found = [path for path in folder.iterdir() if path.name not in kept] if folder.exists() else []
        if found and folder.name != ".ory" and not (folder / _STATE_FILE).exists():
            raise DevstackError(f"{folder} is not a data folder of ory_dev; nothing was deleted.")
        for path in found:
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
    except OSError as error:
        raise DevstackError(f"Could not delete the data in {folder}: {error}") from error


def _parse_setting(text: str, *, source: str) -> dict[str, dict[str, Any]]:
    try:
        setting = json.loads(text)
    except ValueError as error:
        raise DevstackError(f"{source} is not JSON: {error}") from error
    if not isinstance(setting, dict) or not isinstance(setting.get("default"), dict):
        raise DevstackError(f'{source} is not {{"default": {{...}}}}')
    return setting
