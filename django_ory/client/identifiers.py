"""Ids of Ory: UUIDs in their usual form. Values of URLs, cookies and tokens may be anything else."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

UUID_PATTERN = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")


def parse_uuid(value: Any) -> UUID | None:
    """Return the UUID of a text such as ``"9f425a8d-7efc-4768-8f23-7647a74fdf13"``; None for anything else.

    In contrast to ``UUID(value)``, braces, a prefix ``urn:uuid:`` and missing hyphens make a text invalid.
    """
    return UUID(value) if isinstance(value, str) and UUID_PATTERN.fullmatch(value) else None
