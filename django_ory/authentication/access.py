"""Checks a request against the requirements of a view, and builds the response for a denied request."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from asgiref.sync import sync_to_async
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext_lazy as _

from django_ory.adapter import get_adapter
from django_ory.conf import get_settings
from django_ory.http.htmx import get_htmx_page, is_htmx, redirect_htmx
from django_ory.http.redirects import get_return_page, login_url, page_url, safe_return_to
from django_ory.http.responses import HttpResponseSeeOther, json_error, service_unavailable, wants_json
from django_ory.resilience.log_throttle import throttled_log

from .request import OryRequest, get_ory
from .request_user import is_set
from .requirements import MAY_BE_OUTDATED, AccessDecision, Requirement, evaluate
from .results import SessionState

if TYPE_CHECKING:
    from django.contrib.admin import AdminSite
    from django.http import HttpRequest
    from django.utils.functional import _StrPromise

    from .results import WhoamiResult

logger = logging.getLogger("django_ory")


@dataclass(frozen=True)
class Denial:
    """The response for an access decision.

    ``id`` and ``message``: for programs; Kratos' own id where it has one. ``title`` and ``text``: of the page
    that explains the denial; without them, browsers are redirected.
    """

    status: int
    id: str
    message: str | _StrPromise
    title: str | _StrPromise = ""
    text: str | _StrPromise = ""


DENIALS = {
    AccessDecision.LOGIN: Denial(401, "session_inactive", _("Sign in to continue.")),
    AccessDecision.SECOND_FACTOR: Denial(
        403, "session_aal2_required", _("Confirm with your second factor to continue.")
    ),
    AccessDecision.REAUTHENTICATE: Denial(403, "session_refresh_required", _("Sign in again to continue.")),
    AccessDecision.VERIFY_ADDRESS: Denial(
        403, "session_verified_address_required", _("Verify your email address to continue.")
    ),
    AccessDecision.VERIFY_ADDRESS_FOR_USER: Denial(
        403,
        "session_verified_address_required",
        _("Confirm your email first."),
        _("Confirm your email first"),
        _("This site already has an account with your email address. Confirm the address to use it."),
    ),
    AccessDecision.DENY: Denial(
        403,
        "account_refused",
        _("You cannot use this site with this account."),
        _("You don't have access to this page"),
        _("You are signed in, but this account has no access. Use another account, or contact support."),
    ),
    AccessDecision.TWO_ACCOUNTS: Denial(
        403,
        "two_accounts",
        _("You are signed in to two accounts. Sign out to continue."),
        _("You are signed in to two accounts"),
        _(
            "Sign out, then sign in with the account that you want to use. If you are impersonating another "
            "user, stop impersonating first."
        ),
    ),
}


def check_access(
    request: HttpRequest, requirement: Requirement, *, api: bool | None = None, page: str | None = None
) -> HttpResponse | None:
    """Return None if the request meets the requirement, else the response to send instead of the view's.

    Args:
        api: see ``denial_response``.
        page: see ``denial_response``.
    """
    decision = get_access_decision(request, requirement)
    return (
        None if decision is AccessDecision.ALLOW else denial_response(request, decision, api=api, page=page)
    )


def get_access_decision(request: HttpRequest, requirement: Requirement) -> AccessDecision:
    """Evaluate a requirement for the Kratos session and the user of a request."""
    ory = get_ory(request)
    decision = _evaluate(ory, requirement, ory.whoami)
    if decision in MAY_BE_OUTDATED and ory.whoami.from_cache:
        decision = _evaluate(ory, requirement, ory.refresh())
    if decision is AccessDecision.ALLOW:
        decision = _evaluate_users(ory, requirement, getattr(request, "user", None))
    return decision


def compare_session(request: HttpRequest, identity_id: str | None) -> AccessDecision:
    """Compare the owner of an access token with the Kratos session in the same request, if there is one.

    ``identity_id``: None for a client's own token. Returns ALLOW, TWO_ACCOUNTS or UNAVAILABLE.
    """
    ory = get_ory(request)
    if ory.credential is None or ory.whoami.state is SessionState.ANONYMOUS:
        return AccessDecision.ALLOW
    if ory.whoami.state is SessionState.UNAVAILABLE:
        return AccessDecision.UNAVAILABLE
    session = ory.whoami.session
    is_same = session is not None and session.identity is not None and session.identity.id == identity_id
    return AccessDecision.ALLOW if is_same else AccessDecision.TWO_ACCOUNTS


async def acheck_access(
    request: HttpRequest, requirement: Requirement, *, api: bool | None = None
) -> HttpResponse | None:
    """``check_access`` for async code."""
    ory = await get_ory(request)
    decision = _evaluate(ory, requirement, ory.whoami)
    if decision in MAY_BE_OUTDATED and ory.whoami.from_cache:
        decision = _evaluate(ory, requirement, await ory.arefresh())
    if decision is AccessDecision.ALLOW:
        await ory.auser()  # loads `ory.user`
        user = await request.auser() if hasattr(request, "auser") else None
        replaced = request.__dict__.get("user")  # by code that does not set `auser` (django-impersonate)
        decision = _evaluate_users(ory, requirement, *((user, replaced) if is_set(replaced) else (user,)))
    if decision is AccessDecision.ALLOW:
        return None
    return await sync_to_async(denial_response)(
        request, decision, api=api
    )  # templates may query the database


def evaluate_user(ory: OryRequest) -> AccessDecision:
    """Return the decision about the Django user of a signed-in identity, for the sign-in page.

    Without ``CREATE_USERS``, an identity without a user is allowed.
    """
    if ory.needs_verified_email:
        return AccessDecision.VERIFY_ADDRESS_FOR_USER
    is_missing = ory.user is None and get_settings(ory.alias).create_users
    return AccessDecision.DENY if is_missing or ory.is_blocked else AccessDecision.ALLOW


def denial_response(
    request: HttpRequest, decision: AccessDecision, *, api: bool | None = None, page: str | None = None
) -> HttpResponse:
    """Return the response for any decision but ALLOW: a redirect, a page that explains, or JSON.

    Args:
        api: JSON (True), pages (False), or the format that the client prefers (None).
        page: the page to return to, if not the request's own. Must have passed ``safe_return_to``. The body
            of a POST is not kept, so by default the user returns to the page with the form.
    """
    if decision is AccessDecision.UNAVAILABLE:
        return service_unavailable(request, api=api)
    denial, for_htmx = DENIALS[decision], not api and is_htmx(request)
    as_json = (wants_json(request) if api is None else api) and not for_htmx
    next_url = get_next_url(request, decision, page, as_json=as_json or for_htmx)
    response: HttpResponse
    if for_htmx and next_url is not None and not denial.title:
        response = redirect_htmx(next_url, status=denial.status)
    elif as_json:
        more = {} if next_url is None else {"redirect_browser_to": request.build_absolute_uri(next_url)}
        response = json_error(denial.status, denial.id, denial.message, **more)
        if denial.status == 401:
            response["WWW-Authenticate"] = 'Bearer realm="ory"'  # required by RFC 9110 section 11.6.1
    elif denial.title:
        get_ory(request).suppress_unavailable()
        context = {"title": denial.title, "text": denial.text, "verification_url": next_url}
        content = render_to_string("ory/access_denied.html", context, request)
        response = HttpResponse(content, status=denial.status)
    else:
        is_read = request.method in ("GET", "HEAD")
        response = (HttpResponseRedirect if is_read else HttpResponseSeeOther)(str(next_url))
    add_never_cache_headers(response)
    return response


def admin_login_response(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Return the response of the admin's sign-in page: a redirect to the requested page or to our sign-in
    page, or 403.

    A signed-in user without access to the admin gets the 403. A redirect to the sign-in page would loop.
    """
    index = reverse("admin:index", current_app=site.name)
    requested = request.GET.get(REDIRECT_FIELD_NAME) or request.POST.get(REDIRECT_FIELD_NAME)
    page = safe_return_to(request, requested, alias=get_ory(request).alias)
    page = page or request.build_absolute_uri(index)
    if site.has_permission(request):
        return HttpResponseRedirect(page)
    return check_access(request, Requirement(), page=page) or denial_response(request, AccessDecision.DENY)


def _evaluate(ory: OryRequest, requirement: Requirement, answer: WhoamiResult) -> AccessDecision:
    return evaluate(requirement, answer, now=time.time(), is_verified=get_adapter(ory.alias).is_verified)


def _evaluate_users(ory: OryRequest, requirement: Requirement, *users: Any) -> AccessDecision:
    """Compare the users that the view reads with the user of the identity.

    The second factor or the verified address of one account must not give another account access.
    """
    if ory.is_blocked:
        return AccessDecision.DENY
    for user in users:
        if user is not None and user.is_authenticated and user != ory.user:
            identity = ory.identity
            throttled_log.warn(
                logger,
                ("two accounts", ory.alias),
                "Request denied (project %s): request.user is %s, but the Kratos session is of identity %s. "
                "The user must sign out, or end the impersonation.",
                ory.alias,
                user.pk,
                identity.id if identity else None,
            )
            return AccessDecision.TWO_ACCOUNTS
    if ory.needs_verified_email:
        return AccessDecision.VERIFY_ADDRESS_FOR_USER
    return AccessDecision.ALLOW if ory.user is not None or not requirement.user else AccessDecision.DENY


def get_next_url(
    request: HttpRequest, decision: AccessDecision, page: str | None = None, *, as_json: bool
) -> str | None:
    """The page on which the user can do what the decision requires; None if there is none."""
    if decision in (AccessDecision.DENY, AccessDecision.TWO_ACCOUNTS):
        return None
    # The user cannot return to the URL that a script called, but to the page of the script.
    script_page = get_htmx_page(request) or request.META.get("HTTP_REFERER")
    page = page or (script_page if as_json else get_return_page(request))
    alias = get_ory(request).alias
    return_to = safe_return_to(request, page, alias=alias)
    if return_to is None and not as_json:
        return_to = safe_return_to(request, request.get_full_path(), alias=alias)
    if decision in (AccessDecision.VERIFY_ADDRESS, AccessDecision.VERIFY_ADDRESS_FOR_USER):
        return page_url(request, "ory:verification", {"return_to": return_to})
    return login_url(
        request,
        return_to=return_to,
        aal="aal2" if decision is AccessDecision.SECOND_FACTOR else None,
        refresh=decision is AccessDecision.REAUTHENTICATE,
    )
