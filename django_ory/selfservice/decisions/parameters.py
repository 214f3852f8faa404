"""The parameters that links between the pages keep, such as the OAuth2 request and the identity schema."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django_ory.client.models import LoginFlow, RegistrationFlow
from django_ory.http.redirects import page_url
from django_ory.selfservice.flow_types import CARRIED_PARAMETERS, LOGIN, RECOVERY, VERIFICATION

from .redirects import clean_return_to, get_next_url, get_start_parameter

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest

    from django_ory.selfservice.flow_types import AnyFlow, FlowType

__all__ = ["build_page_link", "ignores_schema", "read_parameters"]

#: Parameter -> attribute of a flow. Kratos keeps all of them in the ``request_url`` of a flow, too.
FLOW_ATTRIBUTES: Mapping[str, str] = {
    "identity_schema": "identity_schema",
    "organization": "organization_id",
    "return_to": "return_to",
}


def read_parameters(request: HttpRequest, flow: AnyFlow, *, alias: str) -> dict[str, str]:
    """Read the parameters of a flow that links to other pages keep.

    URLs among them are validated. Kratos keeps the query of the page in the ``request_url`` of the flow.
    """
    found: dict[str, str | None] = {"return_to": get_next_url(flow)}
    for name in CARRIED_PARAMETERS:
        own = getattr(flow, FLOW_ATTRIBUTES.get(name, ""), None)
        found[name] = str(own) if own else get_start_parameter(flow, name)
    found["login_challenge"] = _get_login_challenge(flow) or found["login_challenge"]
    for name in ("return_to", "after_verification_return_to"):
        found[name] = clean_return_to(request, found[name], alias=alias)
    return {name: value for name, value in found.items() if value}


def ignores_schema(flow: AnyFlow) -> bool:
    """Whether Kratos has not used the identity schema with which a sign-up was started."""
    if not isinstance(flow, RegistrationFlow) or flow.identity_schema:
        return False
    return bool(get_start_parameter(flow, "identity_schema"))


def build_page_link(request: HttpRequest, flow_type: FlowType, parameters: Mapping[str, str]) -> str:
    """Build the link to the page of another flow.

    Args:
        request: The request.
        flow_type: The type of the other flow.
        parameters: Those of this flow. The ones that the other flow does not have are left out.

    Kratos forgets an OAuth2 request in a recovery and a verification. These return to the sign-in page, which
    continues the request.
    """
    kept: dict[str, str | None] = {n: value for n, value in parameters.items() if n in flow_type.parameters}
    return_to = parameters.get("return_to")
    if flow_type in (RECOVERY, VERIFICATION) and parameters.get("login_challenge"):
        login = page_url(request, LOGIN.url_name, {"return_to": return_to, **kept})
        return_to = request.build_absolute_uri(login)
    return page_url(request, flow_type.url_name, {"return_to": return_to, **kept})


def _get_login_challenge(flow: AnyFlow) -> str | None:
    if not isinstance(flow, (LoginFlow, RegistrationFlow)):
        return None
    challenge = (flow.oauth2_login_request or {}).get("challenge")
    return str(challenge) if challenge else flow.oauth2_login_challenge
