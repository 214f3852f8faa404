"""The rules behind ``manage.py check``, as data. None of them opens a connection."""

from __future__ import annotations
