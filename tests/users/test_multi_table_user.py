"""A user model in several tables (multi-table inheritance). In a process with its own settings."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

MODELS = """
from django.contrib.auth.models import AbstractUser
from django.db import models

class Person(AbstractUser):
    born = models.DateField(null=True)

class Member(Person):
    fee = models.DecimalField(max_digits=5, decimal_places=2, default=1)
    joined = models.DateTimeField(null=True)
"""
PROGRAM = """
import datetime
import django
from django.conf import settings

settings.configure(
    AUTH_USER_MODEL="club.Member",
    INSTALLED_APPS=[
        "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "club", "django_ory"
    ],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    ORY={"default": {"KRATOS_PUBLIC_URL": "http://kratos.test"}},
)
django.setup()
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_ory.testing import build_identity
from django_ory.users.lookup import resolve_user

call_command("migrate", run_syncdb=True, verbosity=0)
identity = build_identity(traits={"email": "ann@example.org"})
user = resolve_user(identity, alias="default").user
user.born, user.joined = datetime.date(2000, 1, 2), timezone.now()
user.save()
user.refresh_from_db()
with CaptureQueriesContext(connection) as queries:
    again = resolve_user(identity, alias="default").user
    values = [[getattr(each, f.attname) for f in each._meta.concrete_fields] for each in (user, again)]
assert values[0] == values[1], values
assert len(queries) == 1, queries.captured_queries
"""


def test_user_in_several_tables_is_loaded_with_one_query(tmp_path: Path) -> None:
    (tmp_path / "club").mkdir()
    (tmp_path / "club/__init__.py").touch()
    (tmp_path / "club/models.py").write_text(MODELS)
    (tmp_path / "program.py").write_text(PROGRAM)
    done = subprocess.run(
        [sys.executable, str(tmp_path / "program.py")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
