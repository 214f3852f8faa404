"""Users to import, and the commands with their output."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command

from django_ory.mirror.imports import identity_creation
from tests.mirror.conftest import no_network

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["add_user", "no_network", "read_lines", "run", "waits"]

HASH = "pbkdf2_sha256$1000$c29tZXNhbHQ$5Iq5QkpPaJbeaBAaJSfRMnj8gHVvuM6mMpV1yQLcsM0="


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The waits between attempts, which take no time."""
    seconds: list[float] = []
    monkeypatch.setattr(identity_creation, "sleep", seconds.append)
    return seconds


def add_user(email: str = "ann@example.org", *, password: str = HASH, **fields: Any) -> Any:
    """Create a user of any user model. The user name is the e-mail address, or ``username``."""
    model: Any = get_user_model()
    email_field = model.get_email_field_name()
    name = fields.pop("username", email)
    values = {model.USERNAME_FIELD: name, email_field: email, "password": password, **fields}
    return model.objects.create(**values)


def run(*arguments: str) -> str:
    """Run a command and return its output."""
    out = StringIO()
    call_command(*arguments, stdout=out, stderr=StringIO(), no_color=True)
    return out.getvalue()


def read_lines(path: Path) -> list[dict[str, Any]]:
    """Return the lines of a report."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def import_users(tmp_path: Path) -> Callable[..., dict[str, dict[str, Any]]]:
    """Import users and return the last line of the report for each of them, by key."""

    def do(*arguments: str) -> dict[str, dict[str, Any]]:
        path = tmp_path / "report.jsonl"
        try:
            run("ory_import_users", "--report", str(path), *arguments)
        finally:
            lines = read_lines(path) if path.exists() else []
        return {line["user"]: line for line in lines}

    return do
