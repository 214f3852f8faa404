"""The sign-up page, and the links of invitations.

While sign-up is closed, the page refuses a visitor without an open invitation and explains why. Kratos' web
hook is the guarantee, since a client can sign up without this page.
"""

from __future__ import annotations

from django.contrib.auth import get_user_model
from django.http import Http404, HttpRequest, HttpResponse

from django_ory.authentication.request import get_ory
from django_ory.conf import get_settings
from django_ory.http.redirects import INVITATION_PARAMETER, TOKEN_PARAMETER, page_url
from django_ory.http.responses import HttpResponseSeeOther
from django_ory.http.views import PageView
from django_ory.invitations.invitations import (
    build_grant,
    find_by_grant,
    find_by_token,
    find_refusal,
    is_signup_closed,
)
from django_ory.invitations.refusals import Refusal
from django_ory.models import Invitation
from django_ory.selfservice.decisions import flows
from django_ory.selfservice.decisions.redirects import get_start_parameter
from django_ory.selfservice.flow_types import REGISTRATION, AnyFlow

from .error import render_explanation
from .flows import FlowView


class RegistrationView(FlowView):
    """The sign-up page. ``?invitation=`` is the grant of an invitation."""

    flow_type = REGISTRATION
    invitation: Invitation | None = None

    def respond(self, query: flows.FlowRequest, decision: flows.FlowDecision) -> HttpResponse:
        refusal = self._find_refusal(query, decision) if is_signup_closed(self.alias) else None
        if refusal is not None:
            return render_explanation(self.request, refusal.reason)
        return super().respond(query, decision)

    def _find_refusal(self, query: flows.FlowRequest, decision: flows.FlowDecision) -> Refusal | None:
        match decision:
            case flows.StartFlow() | flows.ChooseSchema():
                grant = query.parameters.get(INVITATION_PARAMETER, "")
            case flows.RenderFlow(flow=flow):
                grant = get_start_parameter(flow, INVITATION_PARAMETER) or ""
            case _:
                return None
        if not grant:
            return Refusal.MISSING
        self.invitation = find_by_grant(grant, alias=self.alias)
        refusal = find_refusal(self.invitation)
        if isinstance(decision, flows.RenderFlow) and refusal is Refusal.USED:
            return None  # perhaps by this flow, which Kratos has rejected; the web hook decides
        return refusal

    def get_values(self, flow: AnyFlow) -> dict[str, str]:
        """Enter the address of the invitation into the form, where the user can replace the value."""
        if self.invitation is None or not self.invitation.email:
            return {}
        field = get_user_model().get_email_field_name()
        path = get_settings(self.alias).user_fields.get(field, "email")
        return {f"traits.{path}": self.invitation.email}


class InvitationView(PageView):
    """The link of an invitation: leads to the sign-up page, or explains why not. Uses nothing up."""

    http_method_names = ["get", "head"]  # noqa: RUF012 (as Django declares it)

    def get(self, request: HttpRequest) -> HttpResponse:
        alias = get_ory(request).alias
        if not is_signup_closed(alias):
            raise Http404
        invitation = find_by_token(request.GET.get(TOKEN_PARAMETER, ""), alias=alias)
        refusal = find_refusal(invitation)
        if invitation is None or refusal is not None:
            return render_explanation(request, (refusal or Refusal.INVALID).reason)
        parameters = {INVITATION_PARAMETER: build_grant(invitation)}
        return HttpResponseSeeOther(page_url(request, REGISTRATION.url_name, parameters))
