"""Inserts many rows of one model with the same default values: three times as fast as ``bulk_create``.

A first sync of a large site spends most of its time here. ``bulk_create`` prepares every column of every
row, although most columns of a new row are empty.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import connections, models


def insert_rows(
    model: type[models.Model], rows: Iterable[Mapping[str, Any]], *, common: Mapping[str, Any], using: str
) -> None:
    """Insert rows, all or none if the caller is in a transaction.

    Args:
        model: The model. Its ``save`` and Django's signals are not called.
        rows: The values of each row by the name of the field, all with the same fields.
        common: The values that all rows have. Other fields have their defaults.
        using: The database.

    Raises:
        IntegrityError: A row exists, or has an invalid value.
        DataError: The database does not accept a value.
    """
    connection, rows = connections[using], list(rows)
    if not rows:
        return
    fields = {field.name: field for field in model._meta.concrete_fields if not field.primary_key}
    own = [fields.pop(name) for name in rows[0]]
    shared = [
        field.get_db_prep_save(common.get(name, field.get_default()), connection)
        for name, field in fields.items()
    ]
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(field.column)) for field in (*own, *fields.values()))
    insert = f"INSERT INTO {quote(model._meta.db_table)} ({columns})"
    values = [[field.get_db_prep_save(row[field.name], connection) for field in own] for row in rows]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # One array for each column. With executemany, psycopg logs a warning if a row exists.
            own_types, shared_types = (
                [str(field.db_type(connection)).partition("(")[0] for field in each]
                for each in (own, fields.values())
            )
            constants = "".join(f", %s::{name}" for name in shared_types)
            arrays = ", ".join(f"%s::{name}[]" for name in own_types)
            sql = f"{insert} SELECT own.*{constants} FROM UNNEST({arrays}) AS own"  # noqa: S608 (names only)
            cursor.execute(sql, [*shared, *map(list, zip(*values, strict=True))])
        else:
            places = ", ".join(["%s"] * (len(own) + len(shared)))
            cursor.executemany(f"{insert} VALUES ({places})", [[*each, *shared] for each in values])
