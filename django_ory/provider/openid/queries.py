"""The query of an authorization request, parsed as Hydra does.

With another reading, the page would show another redirect URI than the one to which Hydra sends the code.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qsl

_INVALID_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


def parse_hydra_query(query: str) -> list[tuple[str, str]]:
    """Return the names and values in their order, also empty ones.

    As in Go, a parameter with a semicolon or an invalid escape does not count. Python would keep both.
    """
    parameters = [each for each in query.split("&") if ";" not in each and not _INVALID_ESCAPE.search(each)]
    return parse_qsl("&".join(parameters), keep_blank_values=True)
