"""The indexes of docs/guides/sync.md, on a real PostgreSQL."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from django_ory.models import Identity

pytestmark = pytest.mark.live

PAGE = Path(__file__).resolve().parents[3] / "docs" / "guides" / "sync.md"
INDEX_NAME = re.compile(r"INDEX CONCURRENTLY (\w+)")


def read_statements() -> list[str]:
    """The statements of the file ``search_indexes.sql`` of the page."""
    [block] = re.findall(
        r":caption: search_indexes\.sql\n\n(.*?)^```$", PAGE.read_text(), re.DOTALL | re.MULTILINE
    )
    return [statement for each in block.split(";") if (statement := each.strip())]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("on_postgres")
def test_search_of_the_admin_uses_the_indexes_of_the_page(settings: Any) -> None:
    settings.ORY = {"default": {"KRATOS_ADMIN_URL": "http://127.0.0.1:9"}}
    statements = read_statements()
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
    Identity.objects.create(
        alias="default", identity_id="9f425a8d-7efc-4768-8f23-7647a74fdf13", label="ann@example.org"
    )
    staff = Client()
    staff.force_login(User.objects.create_superuser("staff"), "django.contrib.auth.backends.ModelBackend")
    with CaptureQueriesContext(connection) as queries:
        found = staff.get(reverse("admin:django_ory_identity_changelist"), {"q": "example"})
    assert b"ann@example.org" in found.content
    [search] = [each["sql"] for each in queries if "LIKE" in each["sql"] and "ORDER BY" in each["sql"]]
    with connection.cursor() as cursor:
        # The planner prefers other ways for a table of one row.
        cursor.execute("SET enable_seqscan = off")
        cursor.execute("SET enable_indexscan = off")
        cursor.execute(f"EXPLAIN {search}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    names = [name for statement in statements for name in INDEX_NAME.findall(statement)]
    assert len(names) == 3
    assert [name for name in names if name not in plan] == [], plan
