"""The admin's list of identities with 500,000 rows on PostgreSQL: seconds and queries of each page.

``python -m benchmarks changelist``. ``BENCH_ROWS`` changes the number of rows, ``BENCH_DATABASE=sqlite`` the
database. The search is measured again with the indexes of the guide "Sync".
"""

from __future__ import annotations

import os
import re
import statistics
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from .mirror_sites import open_database

GUIDE = Path(__file__).parent.parent / "docs/guides/sync.md"
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
MAX_SECONDS = 1.0

#: name -> query of the list
PAGES = {
    "first page": "",
    "page 20": "p=20",
    "by state": "o=2",
    "by the last sync": "o=-5",
    "filter: inactive": "state=inactive",
    "filter: schema": "schema_id=customer",
    "filter: missing": "missing_since__isempty=0",
    "filter: without a user": "user__isempty=1",
}
SEARCHES = {
    "search: address": "q=person4242%40",
    "search: trait": "q=Number+4242",
    "search: nothing": "q=nobody",
}

COLUMNS = (
    "alias, data, created_at, updated_at, synced_at, missing_since, identity_id, label, user_digest, "
    "filled_fields, schema_id, state, recent_sessions"
)
POSTGRES_ROWS = """
INSERT INTO django_ory_identity ({columns})
SELECT 'default', jsonb_build_object(
    'id', id,
    'traits', jsonb_build_object('email', email, 'name', jsonb_build_object('last', 'Number ' || n)),
    'verifiable_addresses',
      jsonb_build_array(jsonb_build_object('value', email, 'via', 'email', 'verified', true)),
    'recovery_addresses', jsonb_build_array(jsonb_build_object('value', email, 'via', 'email')),
    'metadata_public', jsonb_build_object('plan', 'free')),
  now(), now(), now(), CASE WHEN n % 1000 = 0 THEN now() END, id, email, '', '[]',
  CASE WHEN n % 3 = 0 THEN 'customer' ELSE 'person' END,
  CASE WHEN n % 100 = 0 THEN 'inactive' ELSE 'active' END, '[]'
FROM (SELECT n, gen_random_uuid() AS id, 'person' || n || '@example.org' AS email
      FROM generate_series(1, {count}) AS n) AS people
"""
SQLITE_ROWS = """
WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {count}),
people AS (SELECT n, lower(hex(randomblob(16))) AS id, 'person' || n || '@example.org' AS email FROM numbers)
INSERT INTO django_ory_identity ({columns})
SELECT 'default', json_object(
    'id', id, 'traits', json_object('email', email, 'name', json_object('last', 'Number ' || n)),
    'verifiable_addresses', json_array(json_object('value', email, 'via', 'email', 'verified', 1)),
    'recovery_addresses', json_array(json_object('value', email, 'via', 'email')),
    'metadata_public', json_object('plan', 'free')),
  datetime('now'), datetime('now'), datetime('now'),
  CASE WHEN n % 1000 = 0 THEN datetime('now') END, id, email, '', '[]',
  CASE WHEN n % 3 = 0 THEN 'customer' ELSE 'person' END,
  CASE WHEN n % 100 = 0 THEN 'inactive' ELSE 'active' END, '[]'
FROM people
"""


def create_rows(connection: Any, count: int) -> None:
    """Fill the table of identities by one statement."""
    sql = POSTGRES_ROWS if connection.vendor == "postgresql" else SQLITE_ROWS
    with connection.cursor() as cursor:
        cursor.execute(sql.format(columns=COLUMNS, count=count))
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def measure(pages: dict[str, str]) -> None:
    """Open each page, and print the median of the seconds and the number of queries."""
    from django.contrib.auth import get_user_model
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext
    from django.urls import reverse

    user, _ = get_user_model().objects.get_or_create(
        username="staff", defaults={"is_staff": True, "is_superuser": True}
    )
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    url = reverse("admin:django_ory_identity_changelist")
    for name, query in pages.items():
        seconds = []
        for _round in range(ROUNDS):
            started = time.perf_counter()
            with CaptureQueriesContext(connection) as queries:
                response = client.get(f"{url}?{query}")
            seconds.append(time.perf_counter() - started)
            assert response.status_code == 200, response
        median = statistics.median(seconds)
        reached = "reached" if median <= MAX_SECONDS else "missed"
        print(f"  {name:26} {median:7.3f} s  {len(queries):3} queries   goal {MAX_SECONDS} s {reached}")
        if os.environ.get("BENCH_VERBOSE") == "1":
            for each in sorted(queries.captured_queries, key=lambda item: -float(item["time"]))[:3]:
                sql = re.sub(r"SELECT .{200,}? FROM", "SELECT ... FROM", each["sql"])
                print(f"      {each['time']} s  {sql[:300]}")


def create_search_indexes(connection: Any) -> None:
    """Run the SQL of the guide."""
    [statements] = re.findall(r"```sql\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    with connection.cursor() as cursor:
        for statement in statements.split(";"):
            if statement.strip():
                cursor.execute(statement.replace(" CONCURRENTLY", ""))
        cursor.execute("ANALYZE")


def main() -> None:
    """Create the rows, measure, and print the table."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    count = int(os.environ.get("BENCH_ROWS", "500000"))
    kind = os.environ.get("BENCH_DATABASE", "postgresql")
    with ExitStack() as closing:
        django.setup()
        from django.core.management import call_command
        from django.db import connection, connections

        connections["default"].close()
        connections.settings["default"].update(closing.enter_context(open_database(kind)))
        del connections["default"]
        closing.callback(connection.close)
        call_command("migrate", verbosity=0)
        started = time.perf_counter()
        create_rows(connection, count)
        print(
            f"\nList of {count:,} identities on {kind} (rows made in {time.perf_counter() - started:.0f} s)"
        )
        measure(PAGES | SEARCHES)
        if kind == "postgresql":
            started = time.perf_counter()
            create_search_indexes(connection)
            print(f"With the indexes for searching (made in {time.perf_counter() - started:.0f} s)")
            measure(SEARCHES)
