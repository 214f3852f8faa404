"""Letting a request pass or answering it: what the decorators, the mixins and the admin's door have in
common.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from asgiref.sync import sync_to_async

from django_ory.adapter import get_adapter

from .refusals import refusal_response
from .request import OryRequest, get_ory
from .requirements import WORTH_ASKING_AGAIN, Requirement, Verdict, judge

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from .answers import Answer

__all__ = ["acheck_request", "check_request"]


def check_request(
    request: HttpRequest, requirement: Requirement, *, api: bool | None = None, page: str | None = None
) -> HttpResponse | None:
    """None if the request meets the requirement, else the response to give instead of the view's.

    ``page``: where to come back to, if not to the request's own page; it must have passed ``safe_return_to``.
    """
    ory = get_ory(request)
    verdict = _judge(ory, requirement, ory.answer)
    if verdict in WORTH_ASKING_AGAIN and ory.answer.remembered:
        verdict = _judge(ory, requirement, ory.refresh())
    if verdict is Verdict.PASS:
        verdict = _judge_user(ory, requirement, getattr(request, "user", None))
    return None if verdict is Verdict.PASS else refusal_response(request, verdict, api=api, page=page)


async def acheck_request(
    request: HttpRequest, requirement: Requirement, *, api: bool | None = None
) -> HttpResponse | None:
    """``check_request`` for async code."""
    ory = await get_ory(request)
    verdict = _judge(ory, requirement, ory.answer)
    if verdict in WORTH_ASKING_AGAIN and ory.answer.remembered:
        verdict = _judge(ory, requirement, await ory.arefresh())
    if verdict is Verdict.PASS:
        await ory.auser()  # from here on `ory.user` is known
        user = await request.auser() if hasattr(request, "auser") else None
        verdict = _judge_user(ory, requirement, user)
    if verdict is Verdict.PASS:
        return None
    return await sync_to_async(refusal_response)(request, verdict, api=api)  # templates may ask the database


def _judge(ory: OryRequest, requirement: Requirement, answer: Answer) -> Verdict:
    return judge(requirement, answer, now=time.time(), is_verified=get_adapter(ory.alias).is_verified)


def _judge_user(ory: OryRequest, requirement: Requirement, user: Any) -> Verdict:
    if ory.needs_verified_email:
        return Verdict.VERIFY_ADDRESS_FOR_USER
    return Verdict.PASS if _may_enter(ory, requirement, user) else Verdict.REFUSE


def _may_enter(ory: OryRequest, requirement: Requirement, user: Any) -> bool:
    """Without a Django user one may enter where none is needed; with one that is shut out, nowhere.

    ``user`` is whom the view will see: if Django's session names another person, what Kratos says of this
    one's second factor or address opens nothing for that one.
    """
    if user is not None and user.is_authenticated and user != ory.user:
        return False
    return ory.user is not None or not (requirement.user or ory.is_shut_out)
