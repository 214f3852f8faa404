"""Pages of rows with the tokens of Hydra v2.3.0, which count rows."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from django_ory.client.pagination import row_token

from .http import FakeRequest, FakeResponse, build_link_header, json_response

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["build_row_page"]


def build_row_page(
    request: FakeRequest, path: str, rows: Sequence[Any], *, default_size: int, total: int | None = None
) -> FakeResponse:
    """The page that the request asks for. A token that Hydra did not make is the first page.

    ``total``: the number of rows without filters, which Hydra links by and returns.
    """
    total = len(rows) if total is None else total
    size = int(request.get_query("page_size") or default_size)
    start = _parse_row_token(request.get_query("page_token"))
    pages = {"first": {"page_size": str(size), "page_token": row_token(0)}}
    if start + size < total:
        pages["next"] = {"page_size": str(size), "page_token": row_token(start + size)}
    headers = {"Link": build_link_header(path, **pages), "X-Total-Count": str(total)}
    return json_response(list(rows[start : start + size]), headers=headers)


def _parse_row_token(token: str) -> int:
    """The row number in a page token; zero for an unreadable one."""
    try:
        return int(json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))["offset"])
    except (ValueError, KeyError, TypeError):
        return 0
