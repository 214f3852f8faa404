"""Bulk actions: chosen in a list, confirmed, run row by row, in the request or later."""

from __future__ import annotations
