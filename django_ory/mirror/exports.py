"""Identities as CSV for spreadsheets and as JSON for programs, in chunks, without credentials."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator
from io import StringIO
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from django_ory.models import Identity

__all__ = ["EXPORT_FORMATS", "build_export", "export_csv", "export_json"]

#: The members of Kratos' identity that are exported. Credentials and ``metadata_admin`` are not.
MEMBERS = (
    *("schema_id", "state", "state_changed_at", "external_id", "organization_id", "traits"),
    *("metadata_public", "verifiable_addresses", "recovery_addresses", "created_at", "updated_at"),
)
#: The members of an address that are exported.
ADDRESS_MEMBERS = ("value", "via", "verified", "verified_at")
#: Characters at the start of a cell that spreadsheets read as a formula; the last four are full-width forms.
FORMULA_STARTS = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
BYTE_ORDER_MARK = "\ufeff"  # without it, Excel does not read UTF-8
MAX_COLUMNS = 1000
LIST_SEPARATOR = "; "
REST = "other"  # the column of all values beyond ``MAX_COLUMNS``, as JSON

Chunks = Callable[[], Iterable[list[Identity]]]  #: returns the rows; called twice for CSV


def build_export(row: Identity) -> dict[str, Any]:
    """Return the JSON of one identity, with the alias of its project as ``project``."""
    data = {name: row.data[name] for name in MEMBERS if name in row.data}
    for name in ("verifiable_addresses", "recovery_addresses"):
        if name in data:
            data[name] = [
                {key: address[key] for key in ADDRESS_MEMBERS if key in address}
                for address in data[name] or []
            ]
    return {"id": str(row.identity_id), "project": row.alias, **data}


def ignore(rows: list[Identity]) -> None:
    """Do nothing: the default of ``before_rows``."""


def export_json(chunks: Chunks, *, before_rows: Callable[[list[Identity]], object] = ignore) -> Iterator[str]:
    """Return the parts of a JSON array with one identity per line.

    ``before_rows`` gets the rows of each part before the part is returned.
    """
    separator = "[\n"
    for rows in chunks():
        lines = [json.dumps(build_export(row), ensure_ascii=False, cls=DjangoJSONEncoder) for row in rows]
        if lines:
            before_rows(rows)
            yield separator + ",\n".join(lines)
            separator = ",\n"
    yield "[]\n" if separator == "[\n" else "\n]\n"


def export_csv(chunks: Chunks, *, before_rows: Callable[[list[Identity]], object] = ignore) -> Iterator[str]:
    """Return the parts of a CSV file. Every text that a spreadsheet would read as a formula gets a ``'``.

    Members of objects are columns, such as ``traits.name.first``. A list is one cell. The rows are read
    twice, first for the columns. ``before_rows`` gets the rows of each part before the part is returned.
    """
    columns = list(_list_columns(chunks))
    yield BYTE_ORDER_MARK + _format_lines([columns])
    for rows in chunks():
        before_rows(rows)
        yield _format_lines([_build_cells(flatten(build_export(row)), columns) for row in rows])


def flatten(value: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return the members of nested objects by their dotted paths. Lists are kept."""
    found: dict[str, Any] = {}
    pending = [(prefix, value)]
    while pending:
        start, members = pending.pop(0)
        for name, member in members.items():
            if isinstance(member, dict) and member:
                pending.append((f"{start}{name}.", member))
            else:
                found[f"{start}{name}"] = member
    return found


def _list_columns(chunks: Chunks) -> dict[str, None]:
    columns: dict[str, None] = {}
    for rows in chunks():
        for row in rows:
            columns |= dict.fromkeys(flatten(build_export(row)))
            if len(columns) > MAX_COLUMNS:
                return {**dict.fromkeys(list(columns)[:MAX_COLUMNS]), REST: None}
    return columns


def _build_cells(values: dict[str, Any], columns: list[str]) -> list[Any]:
    cells = {name: values.pop(name, None) for name in columns}
    if values:
        cells[REST] = json.dumps(values, ensure_ascii=False)
    return list(cells.values())


def _format_lines(rows: Iterable[Iterable[Any]]) -> str:
    lines = StringIO()
    # All cells are quoted: a spreadsheet with another separator must not split one into formulas.
    csv.writer(lines, quoting=csv.QUOTE_ALL).writerows([format_cell(value) for value in row] for row in rows)
    return lines.getvalue()


def format_cell(value: Any) -> str:
    """Return the text of a cell. No text is a formula; numbers are unchanged."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
        case list() if not any(isinstance(item, dict | list) for item in value):
            return LIST_SEPARATOR.join(format_cell(item) for item in value)
        case dict() | list():
            return json.dumps(value, ensure_ascii=False)
    text = str(value)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


#: The content type and the function of each format.
EXPORT_FORMATS: dict[str, tuple[str, Callable[..., Iterator[str]]]] = {
    "csv": ("text/csv; charset=utf-8", export_csv),
    "json": ("application/json", export_json),
}
