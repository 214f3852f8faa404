"""Calls of ``GET /sessions/whoami``, and what their results mean."""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from django_ory.client import AAL2Required, OryDecodeError, OryError, OryUnauthorized
from django_ory.clients import get_client

from .results import UNAVAILABLE, SessionState, WhoamiResult, answer_from_session

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django_ory.client import OryClient

    from .credentials import Credential

__all__ = ["ask_kratos", "expect_kratos"]

OPERATION = "GET /sessions/whoami"

#: Seconds that Kratos' clock may be off. A Date header that says more was not written by Kratos.
MAX_CLOCK_OFFSET = 300.0


def ask_kratos(
    alias: str, credential: Credential, *, tokenize_as: str | None = None, seconds: float | None = None
) -> tuple[WhoamiResult, OryError | None]:
    """Look up the session of a credential. Returns the answer, and the error if Kratos gave no usable one.

    401 is anonymous; 403 ``session_aal2_required`` is a user who owes the second factor; anything else that
    is not a session (timeouts, HTML, other statuses) is "unavailable". ``seconds``: what is left of the
    request's time, if less than ``TIMEOUT``. Never raises OryError.
    """
    arguments: dict[str, Any] = {
        "cookie" if credential.kind == "cookie" else "x_session_token": credential.value
    }
    if tokenize_as:
        arguments["tokenize_as"] = tokenize_as
    client = get_client(alias) if seconds is None else get_client(alias).with_timeout(seconds)
    started = time.time()
    try:
        info = client.with_http_info.to_session(**arguments)
    except OryUnauthorized:
        return WhoamiResult(state=SessionState.ANONYMOUS, asked_at=started), None
    except AAL2Required:
        return WhoamiResult(state=SessionState.AAL2_REQUIRED, asked_at=started), None
    except OryError as error:
        return UNAVAILABLE, error
    identity, named = info.data.identity, info.headers.get("x-kratos-authenticated-identity-id", "")
    if identity is not None and named and named != identity.id:
        return UNAVAILABLE, OryDecodeError("header and body name different identities", operation=OPERATION)
    answer = answer_from_session(
        info.data,
        now=started,
        set_cookies=tuple(info.set_cookies),
        cache_for=_seconds(info.headers),
        clock_offset=_clock_offset(info.headers, time.time()),
    )
    return answer, None


def expect_kratos(client: OryClient) -> None:
    """Call whoami without a credential. Only Kratos responds with a 401 of its own, which is JSON.

    Raises OryError if another server answers, or none.
    """
    try:
        client.to_session()
    except OryUnauthorized as error:
        if isinstance(error.body, dict) and isinstance(error.body.get("error"), dict):
            return
        raise
    raise OryDecodeError("a session was returned without a credential", operation=OPERATION)


def _seconds(headers: Mapping[str, str]) -> float | None:
    value = headers.get("ory-session-cache-for", "").strip()
    return float(value[:9]) if value.isascii() and value.isdigit() else None


def _clock_offset(headers: Mapping[str, str], now: float) -> float:
    """How many seconds Kratos' clock is ahead, by its Date header (whole seconds: less than two is none)."""
    try:
        offset = parsedate_to_datetime(headers.get("date", "")).timestamp() - now
    except (ValueError, TypeError, OverflowError):
        return 0.0
    return offset if 2 <= abs(offset) <= MAX_CLOCK_OFFSET else 0.0
