"""HTTP in, HTTP out: each view asks ``flows`` what to do and turns the answer into a response."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from django.conf import settings as django_settings
from django.shortcuts import render
from django.urls import get_script_prefix

from django_ory.authentication.access import denial_response, evaluate_user
from django_ory.authentication.invalidation import invalidate_identity
from django_ory.authentication.request import get_ory
from django_ory.authentication.requirements import AccessDecision
from django_ory.authentication.results import SessionState
from django_ory.authentication.whoami import expect_kratos
from django_ory.client import OryError
from django_ory.conf import get_settings
from django_ory.http.branding import site_name
from django_ory.http.cookies import ory_cookie_header
from django_ory.http.developer_hints import build_block_hint, build_host_hint
from django_ory.http.redirects import TrustedOrigins, login_url, page_url, safe_return_to
from django_ory.http.responses import outage_response, service_unavailable
from django_ory.resilience.log_throttle import once_per_window
from django_ory.selfservice.decisions import flows
from django_ory.selfservice.decisions.errors import is_outage
from django_ory.selfservice.decisions.redirect_loop import (
    EMPTY_GUARD,
    build_restart_stamp,
    is_recent,
    read_guard,
    write_guard,
)
from django_ory.selfservice.decisions.redirects import (
    clean_return_to,
    flow_start_url,
    get_next_url,
    login_redirect_url,
)
from django_ory.selfservice.flow_types import LOGIN, RECOVERY, REGISTRATION, SETTINGS, VERIFICATION, FlowType
from django_ory.selfservice.pages.flow_page import build_page
from django_ory.selfservice.pages.footer import build_footer

from .responses import page_view, redirect_with_get, render_explanation

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from django_ory.selfservice.decisions.redirect_loop import RedirectLoopGuard

__all__ = ["login", "recovery", "registration", "settings", "verification"]

logger = logging.getLogger("django_ory.selfservice")

REDIRECT_LOOP = (
    "Redirect loop with Kratos (project %(alias)s): Kratos reports a session, but its cookie does not reach "
    "this site. Compare Kratos' session.cookie.name with "
    'settings.ORY["%(alias)s"]["SESSION_COOKIE_NAME"] (not Django\'s setting of that name), check that '
    "Kratos' cookies.domain covers this site, and that KRATOS_PUBLIC_URL and KRATOS_BROWSER_URL lead to the "
    "same Kratos."
)

#: States of a flow whose form has changed the identity.
CHANGED = frozenset({"success", "passed_challenge"})

WORDS = {"refresh": ("true",), "aal": ("aal1", "aal2")}


@page_view("GET", "HEAD")
def login(request: HttpRequest) -> HttpResponse:
    """Sign in, confirm with a second factor (``aal=aal2``), or sign in afresh (``refresh=true``)."""
    return _visit(request, LOGIN)


@page_view("GET", "HEAD")
def registration(request: HttpRequest) -> HttpResponse:
    """Create an account."""
    return _visit(request, REGISTRATION)


@page_view("GET", "HEAD")
def recovery(request: HttpRequest) -> HttpResponse:
    """Get back into an account without its password."""
    return _visit(request, RECOVERY)


@page_view("GET", "HEAD")
def verification(request: HttpRequest) -> HttpResponse:
    """Confirm an address."""
    return _visit(request, VERIFICATION)


@page_view("GET", "HEAD")
def settings(request: HttpRequest) -> HttpResponse:
    """Change one's own account. Needs a session."""
    return _visit(request, SETTINGS)


def _visit(request: HttpRequest, kind: FlowType) -> HttpResponse:
    alias = get_ory(request).alias
    asked = _asked(request, kind, alias)
    guard = read_guard(request)
    visitor = _visitor(request)
    if visitor.unavailable:
        decision: flows.FlowDecision = flows.RenderUnavailable()
    elif asked.flow is None:
        decision = flows.decide_without_flow(kind, asked, visitor, guard)
    else:
        result = _fetch(request, kind, asked.flow, alias)
        decision = flows.decide_with_flow(
            kind, asked, visitor, guard, result, TrustedOrigins.from_request(request, alias=alias)
        )
    return _answer(request, kind, asked, guard, decision, alias)


def _asked(request: HttpRequest, kind: FlowType, alias: str) -> flows.FlowRequest:
    query = request.GET
    given = query.get("return_to") or query.get("next")
    return flows.FlowRequest(
        flow=flows.parse_flow_id(query.get("flow")),
        return_to=clean_return_to(request, given, alias=alias),
        parameters=_parameters(request, kind, alias),
        again=is_recent(query.get("again")),
        page=request.build_absolute_uri(),
    )


def _parameters(request: HttpRequest, kind: FlowType, alias: str) -> dict[str, str]:
    """What we pass on to Kratos; words that it would answer with an error page are left out."""
    given = {name: str(request.GET[name]) for name in kind.parameters if request.GET.get(name)}
    known = {name: value for name, value in given.items() if value in WORDS.get(name, (value,))}
    later = clean_return_to(request, known.pop("after_verification_return_to", None), alias=alias)
    return {**known, "after_verification_return_to": later} if later else known


def _visitor(request: HttpRequest) -> flows.BrowserState:
    ory = get_ory(request)
    answer = ory.whoami
    if answer.from_cache:
        answer = ory.refresh()  # before anybody is sent away on the word of a cache
    session = answer.session
    return flows.BrowserState(
        signed_in=answer.state is SessionState.SIGNED_IN,
        aal=session.authenticator_assurance_level if session else None,
        aal2_required=answer.state is SessionState.AAL2_REQUIRED,
        unavailable=answer.state is SessionState.UNAVAILABLE,
        barred=answer.barred,
    )


def _fetch(request: HttpRequest, kind: FlowType, flow: str, alias: str) -> Any:
    """The flow, or the error that came instead."""
    operation = getattr(get_ory(request).client, kind.operation)
    try:
        return operation(id=flow, cookie=ory_cookie_header(request, alias=alias) or None)
    except OryError as error:
        return error


def _answer(
    request: HttpRequest,
    kind: FlowType,
    asked: flows.FlowRequest,
    guard: RedirectLoopGuard,
    decision: flows.FlowDecision,
    alias: str,
) -> HttpResponse:
    match decision:
        case flows.RenderFlow(flow=flow, reason=reason):
            return _show(request, kind, flow, reason, alias)
        case flows.StartFlow():
            return _start(request, decision, guard, alias)
        case flows.RestartFlow(reason=reason, return_to=return_to, flow=flow):
            return_to = clean_return_to(request, return_to, alias=alias)
            over = {**asked.parameters, "return_to": return_to, "again": build_restart_stamp()}
            response = redirect_with_get(page_url(request, kind.url_name, {"flow": flow} if flow else over))
            write_guard(request, response, guard.after_restart(reason))
            return response
        case flows.RedirectToLogin(return_to=return_to, refresh=refresh):
            target = safe_return_to(request, return_to, alias=alias)
            return redirect_with_get(login_url(request, return_to=target, refresh=refresh))
        case flows.RedirectBack(return_to=return_to):
            access = evaluate_user(get_ory(request))
            if access is not AccessDecision.ALLOW:  # the next page would only redirect back
                return denial_response(request, access, api=False, page=return_to)
            target = clean_return_to(request, return_to, alias=alias)
            response = redirect_with_get(
                target or login_redirect_url(request, alias=alias) or get_script_prefix()
            )
            write_guard(
                request, response, guard.after_leaving(decision.fingerprint) if target else EMPTY_GUARD
            )
            return response
        case flows.RedirectToOry(url=url):
            return redirect_with_get(url)
        case flows.RenderExplanation(reason=reason, reference=reference):
            again = page_url(request, kind.url_name, {**asked.parameters, "return_to": asked.return_to})
            hint = _hint(reason, alias)
            response = render_explanation(request, reason, again=again, reference=reference, hint=hint)
            write_guard(request, response, EMPTY_GUARD)
            return response
        case flows.RenderUnavailable(error=error):
            return outage_response(request, error, alias=alias) if error else service_unavailable(request)


def _hint(reason: str, alias: str) -> str:
    """What the people who run the site can do about it: always in the log, on the page in development."""
    if reason != "redirect_loop":
        return ""
    text = REDIRECT_LOOP % {"alias": alias}
    once_per_window.warn(logger, ("redirect_loop", alias), "%s", text)
    return text if django_settings.DEBUG else ""


def _start(
    request: HttpRequest, start: flows.StartFlow, guard: RedirectLoopGuard, alias: str
) -> HttpResponse:
    """Send the browser to Kratos if it is there: otherwise it would only show an error page of its own."""
    url, hint = build_host_hint(request, alias)
    if hint:
        once_per_window.warn(logger, ("host", alias), "%s", hint)
        return render_explanation(request, "other_host", again=url, hint=hint)
    try:
        get_ory(request).client.is_alive(service="kratos_public")
    except OryError as error:
        if is_outage(error) or not _is_kratos(request, alias):
            return outage_response(request, error, alias=alias)
    parameters = dict(start.parameters)
    if start.kind in (LOGIN, REGISTRATION):
        parameters.setdefault("return_to", login_redirect_url(request, alias=alias) or "")
    given = {name: value for name, value in parameters.items() if value}
    response = redirect_with_get(flow_start_url(start.kind, given, alias=alias))
    write_guard(request, response, guard.after_sending(start.fingerprint))
    return response


def _is_kratos(request: HttpRequest, alias: str) -> bool:
    """Whether the server at KRATOS_PUBLIC_URL is Kratos.

    Gateways may hide the health endpoints, and Ory Network does.
    """
    if get_settings(alias).sdk_url:
        return True
    try:
        expect_kratos(get_ory(request).client)
    except OryError:
        return False
    return True


def _show(request: HttpRequest, kind: FlowType, flow: Any, reason: str, alias: str) -> HttpResponse:
    site = site_name(request, alias=alias)
    answer = get_ory(request).whoami
    identity = answer.session.identity if answer.session else None
    if identity is not None and (kind is SETTINGS or str(flow.state) in CHANGED):
        # Their other browsers must not go on with what was. From settings Kratos may send this one straight
        # to the return_to, past us: until the flow is over, a change may come at any moment.
        ends = flow.expires_at if kind is SETTINGS else None
        over = ends.timestamp() - answer.clock_offset if ends else 0.0
        invalidate_identity(identity.id, alias=alias, until=over)
    origins = TrustedOrigins.from_request(request, alias=alias)
    page = build_page(kind, flow, origins=origins, site=site, reason=reason, identity=identity)
    context = {
        "page": page,
        "flow": flow,
        "footer": build_footer(request, kind, flow, page, alias=alias),
        "return_to": clean_return_to(request, get_next_url(flow), alias=alias),
    }
    response = render(request, f"ory/selfservice/{kind.name}.html", context)
    if hint := build_block_hint(response.content):
        once_per_window.warn(logger, ("blocks", alias), "%s", hint)
    write_guard(request, response, EMPTY_GUARD)
    return response
