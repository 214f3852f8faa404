"""Sites with a mirror: their settings, their databases, and their actions in processes of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["MirrorSite", "configure_site", "open_database"]

ROOT = Path(__file__).parent.parent


def configure_site(database: dict[str, Any], ory: dict[str, Any], **more: Any) -> None:
    """Set Django up. ``ory``: the settings of the default project. ``more``: further settings."""
    import django
    from django.conf import settings

    settings.configure(
        SECRET_KEY="benchmark",
        INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django_ory"],
        DATABASES={"default": database},
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        USE_TZ=True,
        SILENCED_SYSTEM_CHECKS=["django_ory"],
        ORY={"default": ory},
        **more,
    )
    django.setup()


@contextmanager
def open_database(kind: str) -> Iterator[dict[str, Any]]:
    """Yield the settings of an empty database: ``"postgresql"``, or ``"sqlite"`` in a file."""
    if kind == "postgresql":
        from tests.live.services import postgres_server

        with postgres_server() as database:
            yield database
    else:
        with tempfile.TemporaryDirectory() as folder:
            yield {"ENGINE": "django.db.backends.sqlite3", "NAME": f"{folder}/mirror.sqlite3"}


class MirrorSite:
    """A site of which each action runs in a process of its own."""

    module: str  #: the module that runs the actions

    def __init__(self, *, kratos: str, database: dict[str, Any], **environment: str) -> None:
        """``kratos``: the URL of the admin API. ``environment``: further variables of the processes."""
        self._environment = {
            **os.environ,
            "BENCH_KRATOS": kratos,
            "BENCH_DATABASE": json.dumps(database),
            "PYTHONPATH": str(ROOT),
            **environment,
        }

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        """Start an action."""
        command = [sys.executable, "-m", self.module, *arguments]
        env = {**self._environment, **environment}
        return subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True, cwd=ROOT)

    def run(self, action: str) -> dict[str, Any]:
        """Run an action and return its result, the JSON in the last line; {} if nothing is printed."""
        with self.start(action) as process:
            lines = (process.communicate()[0] or "").splitlines()
        if process.returncode:
            raise SystemExit(f"{action} failed with {process.returncode}.")
        result: dict[str, Any] = json.loads(lines[-1]) if lines else {}
        return result
