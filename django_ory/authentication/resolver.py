"""From a credential to an answer, by the shortest way that is still true: memory, somebody else's call, our
own call.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from django_ory.conf import get_settings
from django_ory.http.responses import report_outage
from django_ory.resilience.fork import call_in_child
from django_ory.resilience.single_flight import Flights

from .results import ANONYMOUS, UNAVAILABLE, SessionState, WhoamiResult
from .session_cache import memory_for
from .whoami import ask_kratos

if TYPE_CHECKING:
    from django.http import HttpRequest

    from .credentials import Credential

__all__ = ["drop_flights", "flights", "resolve"]

#: Calls under way in this process.
flights: Flights[WhoamiResult] = Flights()
call_in_child(flights.clear)

#: Seconds of a request's time that are not worth a shorter timeout.
TOLERANCE = 0.02


def resolve(
    request: HttpRequest,
    alias: str,
    credential: Credential | None,
    *,
    fresh: bool = False,
    stale: bool = False,
    tokenize_as: str | None = None,
    spent: float = 0.0,
) -> WhoamiResult:
    """Who holds this credential. No credential, or no Kratos configured: nobody, and no call.

    ``fresh`` passes the memory by; ``stale`` takes an older answer from it if Kratos does not give one;
    ``tokenize_as`` asks for a JWT of the session, which is never remembered. ``spent``: the seconds of
    ``TIMEOUT`` that this request has used up already.
    """
    settings = get_settings(alias)
    if credential is None or not settings.kratos_public_url:
        return ANONYMOUS
    memory = memory_for(alias)
    deadline = time.monotonic() + settings.timeout - spent
    if not memory.is_on or credential.is_ambiguous:
        return _ask(request, alias, credential, deadline, tokenize_as)
    fingerprint = credential.fingerprint(alias)
    kept = memory.recall(fingerprint)
    if tokenize_as and not (kept is not None and kept.answer.barred):
        return _ask(request, alias, credential, deadline, tokenize_as)
    if kept is not None and (kept.answer.barred or (not fresh and kept.fresh_until > time.time())):
        return kept.answer

    def ask() -> WhoamiResult:
        answer = _ask(request, alias, credential, deadline)
        memory.remember(fingerprint, answer)
        return answer

    def ask_once() -> WhoamiResult:
        # A call of another thread may have ended between the lookup above and this call.
        now_kept = memory.recall(fingerprint)
        return now_kept.answer if now_kept and now_kept.fresh_until > time.time() else ask()

    wait = max(0.0, deadline - time.monotonic()) + TOLERANCE
    # A fresh lookup does not join a call in progress, which may have been answered before.
    answer, shared = (ask(), False) if fresh else flights.share(fingerprint, ask_once, wait=wait)
    if shared and answer.session is not None:
        now_kept = memory.recall(fingerprint)  # meanwhile they may have signed out, or been changed
        if now_kept is not None and now_kept.answer.session is None:
            return now_kept.answer
        if memory.is_outdated(answer):
            answer = ask()
    if answer.state is SessionState.UNAVAILABLE and stale:
        kept = memory.recall(fingerprint)  # not what was there before: this may have taken all of TIMEOUT
        if kept is not None and kept.answer.barred:
            return kept.answer
        if kept is not None and kept.answer.session is not None:
            return kept.answer.as_stale()
    return answer


def drop_flights(fingerprint: str) -> None:
    """Let nobody join a call for this credential that is under way."""
    flights.drop(fingerprint)


def _ask(
    request: HttpRequest, alias: str, credential: Credential, deadline: float, tokenize_as: str | None = None
) -> WhoamiResult:
    left = deadline - time.monotonic()
    if left <= 0:
        return UNAVAILABLE
    is_short = left < get_settings(alias).timeout - TOLERANCE  # part of the time is used up
    answer, error = ask_kratos(alias, credential, tokenize_as=tokenize_as, seconds=left if is_short else None)
    if error is not None:
        report_outage(request, error, alias=alias, what="Session lookup failed")
    return answer
