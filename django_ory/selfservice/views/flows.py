"""The pages of the flows. ``decisions.flows`` decides; the view turns the decision into a response."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from django.conf import settings as django_settings
from django.shortcuts import render
from django.urls import get_script_prefix
from django.utils.decorators import classonlymethod
from django.utils.functional import cached_property
from django.utils.translation import get_language
from django.views.decorators.csrf import csrf_exempt

from django_ory.authentication.access import denial_response, evaluate_user
from django_ory.authentication.request import get_ory
from django_ory.authentication.requirements import AccessDecision
from django_ory.authentication.resolver import expect_kratos, read_clock_offset
from django_ory.authentication.results import SessionState
from django_ory.client import HTTPInfo, OryBadRequest, OryError, SessionRefreshRequired
from django_ory.client.identifiers import parse_uuid
from django_ory.conf import get_settings
from django_ory.http.cookies import ory_cookie_header
from django_ory.http.developer_hints import build_block_hint, build_host_hint
from django_ory.http.htmx import get_htmx_page, is_htmx, redirect_htmx
from django_ory.http.redirects import (
    LANGUAGE_PARAMETER,
    LOGIN_HINT_PARAMETER,
    TrustedOrigins,
    clean_login_hint,
    login_url,
    page_url,
    safe_return_to,
)
from django_ory.http.responses import HttpResponseSeeOther, outage_response, service_unavailable
from django_ory.http.views import PrivateView
from django_ory.resilience.log_throttle import throttled_log
from django_ory.schemas.posted import read_posted, read_rows
from django_ory.selfservice.account.sections import SECTIONS_BY_KEY
from django_ory.selfservice.decisions import flows
from django_ory.selfservice.decisions.parameters import build_page_link, ignores_schema
from django_ory.selfservice.decisions.redirect_loop import (
    EMPTY_GUARD,
    RedirectLoopGuard,
    build_restart_stamp,
    is_recent_stamp,
)
from django_ory.selfservice.decisions.redirects import (
    clean_return_to,
    flow_start_url,
    get_next_url,
    get_start_parameter,
    get_success_url,
)
from django_ory.selfservice.flow_types import LOGIN, REGISTRATION, SECTION_PARAMETER, SETTINGS
from django_ory.selfservice.forms.schema_choice import find_schema
from django_ory.selfservice.forms.trait_form import TraitForm
from django_ory.selfservice.pages.confirmation import build_confirmation
from django_ory.selfservice.pages.flow_user import FlowUser
from django_ory.selfservice.pages.footer import FooterLink, build_footer
from django_ory.selfservice.pages.request_page import build_request_page, find_session_user

from .changed_identity import invalidate_changed
from .entered_traits import forget_entered, read_entered, save_entered
from .error import render_explanation
from .known_user import KnownUser, read_user, save_user
from .traits import has_token, read_traits_to_change, submit_traits

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase

    from django_ory.selfservice.flow_types import AnyFlow, FlowType
    from django_ory.selfservice.pages.flow_page import FlowPage

__all__ = ["FlowView"]

logger = logging.getLogger("django_ory.selfservice")

REDIRECT_LOOP_HINT = (
    "Redirect loop with Kratos (project %(alias)s): Kratos reports a session, but its cookie does not reach "
    "this site. Compare Kratos' session.cookie.name with "
    'settings.ORY["%(alias)s"]["SESSION_COOKIE_NAME"] (not Django\'s setting of that name), check that '
    "Kratos' cookies.domain covers this site, and that KRATOS_PUBLIC_URL and KRATOS_BROWSER_URL lead to the "
    "same Kratos."
)

IGNORED_SCHEMA = (
    "Kratos ignored the identity schema of a sign-up and uses its default one: IDENTITY_SCHEMAS needs Kratos "
    "v25.4 or later."
)

#: Parameters with fixed values. Kratos shows an error page for other values.
PARAMETER_VALUES = {
    "refresh": ("true",),
    "aal": ("aal1", "aal2"),
    SECTION_PARAMETER: tuple(SECTIONS_BY_KEY),
}


class FlowView(PrivateView):
    """The page of one type of flow: starts a flow at Kratos, or shows the flow of ``?flow=``.

    A post is a form of traits that Kratos cannot read from a browser. It is exempt from Django's CSRF check,
    since the form is Kratos': it has the CSRF token of its flow, which is compared here, and then by Kratos
    with the cookie of the browser.
    """

    http_method_names = ["get", "head", "post"]  # noqa: RUF012 (as Django declares it)
    flow_type: FlowType = LOGIN
    clock_offset = 0.0  #: seconds that Kratos' clock is ahead of this machine's

    @classonlymethod
    def as_view(cls, **initkwargs: Any) -> Callable[..., HttpResponseBase]:
        return csrf_exempt(super().as_view(**initkwargs))

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.ory = get_ory(request)
        self.alias = self.ory.alias
        self.guard = RedirectLoopGuard.from_request(request)

    def get(self, request: HttpRequest) -> HttpResponse:
        if is_htmx(request):
            return self._redirect_htmx()
        query = self.parse_query()
        decision = self._decide(query)
        return self.respond(query, decision) if decision else service_unavailable(request)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Change the rows of a list, or send the traits of the form to Kratos."""
        request.encoding = "utf-8"  # a client could name a codec that makes surrogates of the text
        query = self.parse_query()
        if query.flow_id is None or self.flow_type not in (REGISTRATION, SETTINGS):
            return self.http_method_not_allowed(request)
        decision = self._decide(query)
        if decision is None:
            return service_unavailable(request)
        if not isinstance(decision, flows.RenderFlow):
            return self.respond(query, decision)
        flow, url = decision.flow, self._build_flow_url(query.flow_id)
        schema = find_schema(flow, alias=self.alias)
        form = TraitForm.from_flow(self.flow_type, flow, schema, can_post_here=True, is_entered=False)
        if form is None or not form.posts_here or not has_token(flow, request.POST):
            return HttpResponseSeeOther(url)
        traits = read_traits_to_change(request.POST) if form.is_split else None
        if traits is None:
            traits = read_rows(form.schema, request.POST, form.stored)
        if traits is not None:
            return self._render_flow(flow, "", traits=traits, is_entered=False)
        traits = read_posted(form.schema.traits, request.POST, form.stored)
        if form.is_split:
            response = self._render_flow(flow, "", traits=traits, is_entered=True)
            save_entered(request, response, traits, flow_id=flow.id)
            return response
        cookie = ory_cookie_header(request, alias=self.alias) or None
        result = submit_traits(self.ory.client, self.flow_type, flow, traits, cookie=cookie)
        match result:
            case None:
                return HttpResponseSeeOther(url)
            case OryBadRequest(flow=new) if new is not None and parse_uuid(new.id):
                return HttpResponseSeeOther(self._build_flow_url(new.id))
            case SessionRefreshRequired():
                return self._render_confirmation(flow, traits)
        decision = self._decide_with_flow(query, result)
        return self.respond(query, decision) if decision else service_unavailable(request)

    def _build_flow_url(self, flow_id: str) -> str:
        return page_url(self.request, self.flow_type.url_name, {"flow": flow_id})

    def _decide(self, query: flows.FlowRequest) -> flows.FlowDecision | None:
        """Decide about the request; None while Kratos does not answer.

        A cached session is enough to show a form, but never to redirect.
        """
        ory, flow_id = self.ory, query.flow_id
        if flow_id is None or self.flow_type is SETTINGS:
            if ory.whoami.from_cache:
                ory.refresh()
            if ory.whoami.state is SessionState.UNAVAILABLE:
                return None
        if flow_id is None:
            schemas = get_settings(self.alias).identity_schemas
            browser = self._get_browser_state()
            return flows.decide_without_flow(self.flow_type, query, browser, self.guard, schemas=schemas)
        return self._decide_with_flow(query, self._fetch(flow_id))

    def _decide_with_flow(
        self, query: flows.FlowRequest, result: AnyFlow | OryError
    ) -> flows.FlowDecision | None:
        signed_in = False
        if flows.is_for_anonymous(self.flow_type, result) and (self._known is None or self._known.signed_in):
            whoami = self.ory.whoami
            if whoami.from_cache and whoami.state is SessionState.SIGNED_IN:
                whoami = self.ory.refresh()
            if whoami.state is SessionState.UNAVAILABLE:
                return None
            signed_in = whoami.state is SessionState.SIGNED_IN
        origins = TrustedOrigins.from_request(self.request, alias=self.alias)
        return flows.decide_with_flow(self.flow_type, query, self.guard, result, origins, signed_in=signed_in)

    @cached_property
    def _known(self) -> KnownUser | None:
        return read_user(self.request, self.ory)

    def _find_user(self) -> FlowUser:
        return find_session_user(self.ory) if self._known is None else self._known.user

    def _get_browser_state(self) -> flows.BrowserState:
        whoami = self.ory.whoami
        session = whoami.session
        return flows.BrowserState(
            signed_in=whoami.state is SessionState.SIGNED_IN,
            aal=session.authenticator_assurance_level if session else None,
            aal2_required=whoami.state is SessionState.AAL2_REQUIRED,
        )

    def _redirect_htmx(self) -> HttpResponse:
        """Show this page in place of the user's page, not inside of it. Afterwards the user returns there."""
        query = self.request.GET.copy()
        page = safe_return_to(self.request, get_htmx_page(self.request), alias=self.alias)
        if page is not None and "flow" not in query:
            query.pop("next", None)
            query["return_to"] = page
        return redirect_htmx(f"{self.request.path}?{query.urlencode()}", status=200)

    def parse_query(self) -> flows.FlowRequest:
        """Return the validated query."""
        query = self.request.GET
        flow_id = query.get("flow")
        given = {name: str(query[name]) for name in self.flow_type.parameters if query.get(name)}
        parameters = {
            name: value for name, value in given.items() if value in PARAMETER_VALUES.get(name, (value,))
        }
        if later := self._clean(parameters.pop("after_verification_return_to", None)):
            parameters["after_verification_return_to"] = later
        return flows.FlowRequest(
            flow_id=flow_id if parse_uuid(flow_id) else None,  # no other id is sent to Kratos
            return_to=self._clean(query.get("return_to") or query.get("next")),
            parameters=parameters,
            is_restart=is_recent_stamp(query.get("again")),
            url=self.request.build_absolute_uri(),
        )

    def _clean(self, return_to: str | None) -> str | None:
        return clean_return_to(self.request, return_to, alias=self.alias)

    def _fetch(self, flow_id: str) -> AnyFlow | OryError:
        operation = getattr(self.ory.client.with_http_info, self.flow_type.operation)
        cookie = ory_cookie_header(self.request, alias=self.alias) or None
        try:
            info: HTTPInfo[AnyFlow] = operation(id=flow_id, cookie=cookie)
        except OryError as error:
            return error
        self.clock_offset = read_clock_offset(info.headers)
        return info.data

    def respond(self, query: flows.FlowRequest, decision: flows.FlowDecision) -> HttpResponse:
        """Turn a decision into a response."""
        request, alias = self.request, self.alias
        guard = EMPTY_GUARD
        parameters: dict[str, str | None]
        match decision:
            case flows.RenderFlow(flow=flow, reason=reason):
                entered = read_entered(request, flow_id=flow.id)
                response = self._render_flow(flow, reason, traits=entered)
                if entered is None:
                    forget_entered(request, response)
            case flows.RenderExplanation(reason=reason, reference=reference):
                hint = self._build_loop_hint() if reason == "redirect_loop" else ""
                parameters = {**query.parameters, "return_to": query.return_to}
                start_url = page_url(request, self.flow_type.url_name, parameters)
                response = render_explanation(
                    request, reason, again=start_url, reference=reference, hint=hint
                )
            case flows.StartFlow():
                return self._start_flow(decision)
            case flows.ChooseSchema(parameters=chosen):
                response = self._render_choice(chosen)
            case flows.RestartFlow(reason=reason, return_to=return_to, flow_id=flow_id):
                guard = self.guard.after_restart(reason)
                again = {"return_to": self._clean(return_to), "again": build_restart_stamp()}
                parameters = {"flow": flow_id} if flow_id else {**query.parameters, **again}
                response = HttpResponseSeeOther(page_url(request, self.flow_type.url_name, parameters))
            case flows.RedirectBack(return_to=return_to):
                access = evaluate_user(self.ory)
                if access is not AccessDecision.ALLOW:  # the next page would only redirect back
                    return denial_response(request, access, api=False, page=return_to)
                target = self._clean(return_to)
                if target:
                    guard = self.guard.after_redirect_back(decision.fingerprint)
                default = get_success_url(request, flow_name=LOGIN.name, alias=alias)
                response = HttpResponseSeeOther(target or default or get_script_prefix())
            case flows.RedirectToLogin(return_to=return_to, refresh=refresh):
                target = safe_return_to(request, return_to, alias=alias)
                return HttpResponseSeeOther(login_url(request, return_to=target, refresh=refresh))
            case flows.DenyAccess():
                response = denial_response(request, AccessDecision.DENY, api=False)
            case flows.RedirectToOry(url=url):
                return HttpResponseSeeOther(url)
            case flows.RenderUnavailable(error=error):
                return outage_response(request, error, alias=alias)
        guard.save(request, response)
        return response

    def _build_loop_hint(self) -> str:
        """Log the settings to compare. Returns the text for the page, empty unless DEBUG is on."""
        hint = REDIRECT_LOOP_HINT % {"alias": self.alias}
        throttled_log.warn(logger, ("redirect loop", self.alias), "%s", hint)
        return hint if django_settings.DEBUG else ""

    def _start_flow(self, start: flows.StartFlow) -> HttpResponse:
        """Redirect to Kratos if available. Otherwise the browser would only show its own error page."""
        request, alias = self.request, self.alias
        url, hint = build_host_hint(request, alias)
        if hint:
            throttled_log.warn(logger, ("host", alias), "%s", hint)
            return render_explanation(request, "other_host", again=url, hint=hint)
        try:
            expect_kratos(self.ory.client)
        except OryError as error:
            return outage_response(request, error, alias=alias)
        parameters = dict(start.parameters)
        if "return_to" not in parameters:
            default = get_success_url(request, flow_name=start.flow_type.name, alias=alias)
            parameters["return_to"] = default or ""
        ory = get_settings(alias)
        if ory.courier_secrets or ory.webhook_secrets:  # for the texts of mails and of the adapter
            parameters.setdefault(LANGUAGE_PARAMETER, get_language() or "")
        parameters = {name: value for name, value in parameters.items() if value}
        response = HttpResponseSeeOther(flow_start_url(start.flow_type, parameters, alias=alias))
        if start.flow_type is not SETTINGS:  # its page needs the session itself
            save_user(request, response, self.ory)
        self.guard.after_redirect(start.fingerprint).save(request, response)
        return response

    def _render_choice(self, parameters: Mapping[str, str]) -> HttpResponse:
        """Let the user choose the identity schema of a sign-up. Every link keeps the parameters."""
        request = self.request
        choices = [
            FooterLink(title, build_page_link(request, REGISTRATION, {**parameters, "identity_schema": name}))
            for name, title in get_settings(self.alias).identity_schemas.items()
        ]
        context = {"choices": choices, "login_url": build_page_link(request, LOGIN, parameters)}
        return render(request, "ory/selfservice/choose_schema.html", context)

    def _render_flow(
        self,
        flow: AnyFlow,
        reason: str,
        *,
        traits: Mapping[str, Any] | None = None,
        is_entered: bool | None = None,
    ) -> HttpResponse:
        """``traits``, ``is_entered``: see ``build_page``."""
        invalidate_changed(self.ory, self.flow_type, flow, clock_offset=self.clock_offset)
        if ignores_schema(flow):
            throttled_log.warn(logger, ("schema", self.alias), IGNORED_SCHEMA)
        page = build_request_page(
            self.request,
            self.flow_type,
            flow,
            reason=reason,
            traits=traits,
            is_entered=is_entered,
            values=self.get_values(flow),
            find_user=self._find_user,
            clock_offset=self.clock_offset,
        )
        return self._render_page(flow, page)

    def _render_confirmation(self, flow: AnyFlow, traits: Mapping[str, Any]) -> HttpResponse:
        """Let the browser post the traits to Kratos, which asks for a new sign-in and then saves them."""
        return self._render_page(flow, build_confirmation(flow, traits))

    def _render_page(self, flow: AnyFlow, page: FlowPage) -> HttpResponse:
        context = self.get_context(flow, page)
        response = render(self.request, f"ory/selfservice/{self.flow_type.name}.html", context)
        if hint := build_block_hint(response.content):
            throttled_log.warn(logger, ("blocks", self.alias), "%s", hint)
        return response

    def get_values(self, flow: AnyFlow) -> dict[str, str]:
        """Return the values that this site enters into empty inputs, by the name of the input."""
        hint = clean_login_hint(get_start_parameter(flow, LOGIN_HINT_PARAMETER))
        return dict.fromkeys(self.flow_type.hint_fields, hint) if hint else {}

    def get_context(self, flow: AnyFlow, page: FlowPage) -> dict[str, Any]:
        """Return the context of the template."""
        return {
            "page": page,
            "flow": flow,
            "footer": build_footer(self.request, self.flow_type, flow, page, alias=self.alias),
            "return_to": self._clean(get_next_url(flow)),
        }
