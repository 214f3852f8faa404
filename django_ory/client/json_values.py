"""JSON values that every database and every encoder accepts, and JSON text repaired to such values.

A user can store JSON in Ory that strict parsers reject: half of a surrogate pair, numbers of thousands of
digits, hundreds of nested lists. Ory returns such JSON unchanged.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

#: Larger documents are not repaired: it takes longer than parsing, and users choose the size.
MAX_REPAIRED_BYTES = 256 * 1024
MAX_DEPTH = 64  # MySQL accepts 100 levels, pydantic 200
MAX_DIGITS = 308  # of an integer; with more, a double is infinite

_UNACCEPTABLE = re.compile("[\x00\ud800-\udfff]")
_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False)


def clean_json(value: Any, *, depth: int = MAX_DEPTH) -> Any:
    """Return a JSON value that every database accepts: a clean copy, or ``value`` if it is clean.

    NUL characters are removed (PostgreSQL), half surrogate pairs become U+FFFD. Infinite numbers, integers
    that a double cannot hold, and lists and objects below ``depth`` levels become None.
    """
    return value if _is_clean(value, depth) else _copy_cleanly(value, depth)


def _is_clean(value: Any, depth: int) -> bool:
    """Return whether a value is certainly clean. Much faster than a copy, and nearly all values are clean."""
    try:
        text = _ENCODER.encode(value)
        text.encode()  # UnicodeEncodeError: half a surrogate pair
    except (ValueError, TypeError, RecursionError):
        return False
    if "\\u0000" in text or text.count("{") + text.count("[") > depth:
        return False
    # 300 digits in a row contain one of these pieces whole.
    return not any(text[start : start + 50].isdigit() for start in range(0, len(text), 150))


def _copy_cleanly(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return _UNACCEPTABLE.sub(_replacement, value) if _UNACCEPTABLE.search(value) else value
    if isinstance(value, dict):
        if not depth:
            return None
        return {_copy_cleanly(name, depth): _copy_cleanly(item, depth - 1) for name, item in value.items()}
    if isinstance(value, list):
        return [_copy_cleanly(item, depth - 1) for item in value] if depth else None
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, int):
        return value if -1e308 < value < 1e308 else None
    return value


def repair_json(content: bytes) -> bytes:
    """Return JSON text with the values of ``clean_json``.

    Raises ValueError if it is not JSON, is larger than 256 KiB, or is nested too deeply for Python.
    """
    if len(content) > MAX_REPAIRED_BYTES:
        raise ValueError("too large to be repaired")
    try:
        value = json.loads(content, parse_int=_int, parse_float=_float, parse_constant=_float)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    return json.dumps(clean_json(value), separators=(",", ":")).encode()


def _replacement(match: re.Match[str]) -> str:
    return "" if match[0] == "\x00" else "\ufffd"


def _int(text: str) -> int | None:
    return int(text) if len(text) <= MAX_DIGITS else None


def _float(text: str) -> float | None:
    value = float(text)
    return value if math.isfinite(value) else None
