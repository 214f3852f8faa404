"""Letting a request pass or answering it: what the decorators, the mixins and the admin's door have in
common.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Any

from asgiref.sync import sync_to_async

from django_ory.adapter import get_adapter
from django_ory.conf import get_settings
from django_ory.resilience.log_throttle import once_per_window

from .denials import refusal_response
from .request import OryRequest, get_ory
from .request_user import is_set
from .requirements import WORTH_ASKING_AGAIN, Requirement, Verdict, judge

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from .results import WhoamiResult

__all__ = ["acheck_request", "check_request", "judge_missing_user"]

logger = logging.getLogger("django_ory")


def check_request(
    request: HttpRequest, requirement: Requirement, *, api: bool | None = None, page: str | None = None
) -> HttpResponse | None:
    """None if the request meets the requirement, else the response to give instead of the view's.

    ``page``: where to come back to, if not to the request's own page; it must have passed ``safe_return_to``.
    """
    ory = get_ory(request)
    verdict = _judge(ory, requirement, ory.whoami)
    if verdict in WORTH_ASKING_AGAIN and ory.whoami.from_cache:
        verdict = _judge(ory, requirement, ory.refresh())
    if verdict is Verdict.PASS:
        verdict = _judge_user(ory, requirement, getattr(request, "user", None))
    return None if verdict is Verdict.PASS else refusal_response(request, verdict, api=api, page=page)


async def acheck_request(
    request: HttpRequest, requirement: Requirement, *, api: bool | None = None
) -> HttpResponse | None:
    """``check_request`` for async code."""
    ory = await get_ory(request)
    verdict = _judge(ory, requirement, ory.whoami)
    if verdict in WORTH_ASKING_AGAIN and ory.whoami.from_cache:
        verdict = _judge(ory, requirement, await ory.arefresh())
    if verdict is Verdict.PASS:
        await ory.auser()  # from here on `ory.user` is known
        user = await request.auser() if hasattr(request, "auser") else None
        replaced = request.__dict__.get("user")  # by code that does not set `auser` (django-impersonate)
        verdict = _judge_user(ory, requirement, *((user, replaced) if is_set(replaced) else (user,)))
    if verdict is Verdict.PASS:
        return None
    return await sync_to_async(refusal_response)(request, verdict, api=api)  # templates may ask the database


def judge_missing_user(ory: OryRequest) -> Verdict:
    """The verdict on a signed-in visitor of the sign-in page without a Django user; PASS if none is missing.

    Without ``CREATE_USERS``, identities without a user are normal.
    """
    if ory.needs_verified_email:
        return Verdict.VERIFY_ADDRESS_FOR_USER
    is_failure = ory.user is None and get_settings(ory.alias).create_users
    return Verdict.REFUSE if is_failure or ory.is_blocked else Verdict.PASS


def _judge(ory: OryRequest, requirement: Requirement, answer: WhoamiResult) -> Verdict:
    return judge(requirement, answer, now=time.time(), is_verified=get_adapter(ory.alias).is_verified)


def _judge_user(ory: OryRequest, requirement: Requirement, *users: Any) -> Verdict:
    """Check the users that the view will see against the user of the identity.

    The second factor or the verified address of one account must not open a view for another account.
    """
    if ory.is_blocked:
        return Verdict.REFUSE
    for user in users:
        if user is not None and user.is_authenticated and user != ory.user:
            identity = ory.identity
            once_per_window.warn(
                logger,
                ("two accounts", ory.alias),
                "Request refused (project %s): request.user is %s, but the Kratos session is of identity %s. "
                "The user must sign out, or end the impersonation.",
                ory.alias,
                user.pk,
                identity.id if identity else None,
            )
            return Verdict.TWO_ACCOUNTS
    if ory.needs_verified_email:
        return Verdict.VERIFY_ADDRESS_FOR_USER
    return Verdict.PASS if ory.user is not None or not requirement.user else Verdict.REFUSE
