"""Programs that run the lines of a Python shell or of a database shell, as blocks of a page show them."""

from __future__ import annotations

__all__ = ["PYTHON_SHELL", "SQL_SHELL"]

#: Compares each result with the page, as doctest does. ``...`` is any text.
PYTHON_SHELL = """
import doctest, pathlib, sys
_lines = pathlib.Path({path!r}).read_text()
_test = doctest.DocTestParser().get_doctest(_lines, globals(), "page", None, 0)
if doctest.DocTestRunner(optionflags=doctest.ELLIPSIS, verbose=False).run(_test).failed:
    sys.exit(1)
"""

#: Prints rows as ``sqlite3`` and ``psql --no-align --tuples-only`` do.
SQL_SHELL = """
import pathlib, sqlparse
from django.db import connection
with connection.cursor() as _cursor:
    for _statement in sqlparse.split(pathlib.Path({path!r}).read_text()):
        _cursor.execute(_statement)
        for _row in _cursor.fetchall() if _cursor.description else ():
            print("|".join("" if value is None else str(value) for value in _row))
"""
