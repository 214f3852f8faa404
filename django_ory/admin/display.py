"""How answers of Ory look on the pages of the admin."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.utils.html import format_html, format_html_join

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.utils.safestring import SafeString

__all__ = ["lines", "pretty_json"]


def pretty_json(value: Any) -> SafeString:
    """JSON with indentation, letters of every language as they are."""
    return format_html(
        '<pre class="ory-json">{}</pre>', json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True)
    )


def lines(items: Iterable[str]) -> SafeString | str:
    """One item a line; Django's dash if there is none."""
    return format_html_join("", "<div>{}</div>", ((item,) for item in items)) or "-"
