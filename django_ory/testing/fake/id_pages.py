"""Pages of rows with the tokens of Kratos v1.3.1, which name the last row of the page before."""

from __future__ import annotations

import base64
import uuid
from typing import TYPE_CHECKING, Any, TypeVar

from .errors import KratosError
from .http import FakeRequest, FakeResponse, build_link_header, json_response

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["build_id_page"]

Row = TypeVar("Row")


def build_id_page(
    request: FakeRequest,
    path: str,
    rows: Mapping[str, Row],
    *,
    build_json: Callable[[Row], dict[str, Any]],
    default_size: int,
) -> FakeResponse:
    """The page that the request asks for, of rows by id. Raises KratosError (400) for a made-up token."""
    size = int(request.get_query("page_size") or default_size)
    after = _read_token(request.get_query("page_token"))
    ids = list(rows)
    start = ids.index(after) + 1 if after in rows else 0
    page = ids[start : start + size]
    pages = {"first": {"page_size": str(size), "page_token": _build_token(str(uuid.UUID(int=0)))}}
    if len(ids) > start + size:
        pages["next"] = {"page_size": str(size), "page_token": _build_token(page[-1])}
    headers = {"Link": build_link_header(path, **pages), "X-Total-Count": str(len(rows))}
    return json_response([build_json(rows[key]) for key in page], headers=headers)


def _build_token(key: str) -> str:
    """The page token of the rows after the one with this id."""
    return base64.urlsafe_b64encode(f"id={key}".encode()).decode().rstrip("=")


def _read_token(token: str) -> str:
    """The id in a page token; "" for no token. Raises the error of Kratos for another token."""
    if not token:
        return ""
    try:
        text = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode()
    except ValueError:
        text = ""
    if not text.startswith("id="):
        raise KratosError(400, reason="The page token is invalid, do not craft your own page tokens")
    return text.removeprefix("id=")
