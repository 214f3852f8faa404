"""``ory_export_users``: hashes of Kratos to Django's users or to a file, and nothing without a flag."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.hashers import make_password
from django.core.management import CommandError

from django_ory.mirror.imports.password_hashes import convert_to_kratos
from django_ory.models import Identity
from django_ory.testing import FakeOry

from .conftest import add_user, read_lines, run

pytestmark = pytest.mark.django_db

PASSWORD = "a quiet harbor at 5 am"
BCRYPT = "$2a$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW"


@pytest.fixture(autouse=True)
def hashers(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]


def add_identity(
    ory: FakeOry, config: dict[str, Any], *, user: Any = None, state: str = "active", email: str = ""
) -> str:
    """Create an identity with the configuration of a password, and its row."""
    identity = ory.kratos.identities.add(
        {
            "traits": {"email": email or user.email},
            "state": state,
            **({"credentials": {"password": {"config": config}}} if config else {}),
        }
    )
    Identity.objects.create(identity_id=identity["id"], user=user)
    return str(identity["id"])


@pytest.fixture
def moved(ory: FakeOry) -> Any:
    """A user without a password in Django, and with one in Kratos."""
    user = add_user(password="!")
    hashed = convert_to_kratos(make_password(PASSWORD))
    add_identity(ory, {"hashed_password": hashed}, user=user)
    return user


def test_user_signs_in_to_django_with_the_password_of_kratos(moved: Any) -> None:
    assert "1 exported" in run("ory_export_users", "--passwords-to-users")
    name = moved.get_username()
    assert authenticate(username=name, password=PASSWORD) == moved
    assert authenticate(username=name, password="wrong") is None


def test_without_a_flag_nothing_is_written(moved: Any) -> None:
    out = run("ory_export_users")
    assert "1 exported" in out
    assert "Nothing was written" in out
    moved.refresh_from_db()
    assert moved.password == "!"


def test_file_has_hash_and_traits_and_is_private(ory: FakeOry, moved: Any, tmp_path: Path) -> None:
    add_identity(ory, {"hashed_password": BCRYPT}, email="stranger@example.org")
    path, report = tmp_path / "hashes.jsonl", tmp_path / "report.jsonl"
    out = run("ory_export_users", "--passwords-to-file", str(path), "--report", str(report))
    lines = {line["user"]: line for line in read_lines(path)}
    assert lines[str(moved.pk)]["password"].startswith("md5$")
    assert lines[None]["password"] == f"bcrypt${BCRYPT}"
    assert lines[None]["traits"] == {"email": "stranger@example.org"}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for secret in (BCRYPT, lines[str(moved.pk)]["password"][-20:], "stranger"):
        assert secret not in out + report.read_text()


def test_hash_without_a_hasher_is_not_written_to_the_user(ory: FakeOry) -> None:
    user = add_user(password="!")
    add_identity(ory, {"hashed_password": BCRYPT}, user=user)
    with pytest.raises(CommandError, match="cannot sign in"):
        run("ory_export_users", "--passwords-to-users")
    user.refresh_from_db()
    assert user.password == "!"
    assert "BCryptPasswordHasher" in run("ory_export_users")


def test_inactive_identity_deactivates_its_user(ory: FakeOry, moved: Any) -> None:
    identity_id = str(Identity.objects.get().identity_id)
    ory.update_identity(identity_id, state="inactive")
    run("ory_export_users", "--passwords-to-users")
    moved.refresh_from_db()
    assert not moved.is_active
    ory.update_identity(identity_id, state="active")
    run("ory_export_users", "--passwords-to-users")
    moved.refresh_from_db()
    assert not moved.is_active  # the site may have deactivated the user


@pytest.mark.parametrize(
    ("config", "result"),
    [
        ({}, "without password"),
        ({"use_password_migration_hook": True}, "waiting"),
        ({"hashed_password": "$sha1$pf=eA==$eA==$eA=="}, "not convertible"),
        ({"hashed_password": "$2a$12$short"}, "not convertible"),
    ],
)
def test_other_passwords_are_counted(ory: FakeOry, config: dict[str, Any], result: str) -> None:
    user = add_user(password="md5$salt$kept")
    add_identity(ory, config, user=user)
    assert f"1 {result}:" in run("ory_export_users")
    user.refresh_from_db()
    assert user.password == "md5$salt$kept"


def test_outage_raises_command_error(ory: FakeOry) -> None:
    ory.set_fault("kratos", "down")
    with pytest.raises(CommandError, match="could not be reached"):
        run("ory_export_users", "--passwords-to-users")


def test_unsafe_file_raises_command_error(tmp_path: Path) -> None:
    path = tmp_path / "hashes.jsonl"
    path.touch(mode=0o644)
    path.chmod(0o644)
    with pytest.raises(CommandError, match="chmod 600"):
        run("ory_export_users", "--passwords-to-file", str(path))


def test_file_of_another_user_raises_command_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "hashes.jsonl"
    path.touch(mode=0o600)
    monkeypatch.setattr("os.geteuid", lambda: path.stat().st_uid + 1)
    with pytest.raises(CommandError, match="belongs to another user"):
        run("ory_export_users", "--passwords-to-file", str(path))
    assert path.read_text() == ""


def test_pipe_raises_command_error_at_once(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path, 0o600)
    with pytest.raises(CommandError, match="cannot be written"):
        run("ory_export_users", "--passwords-to-file", str(path))
