"""A posted form of traits: its token, and sending it to Kratos as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.crypto import constant_time_compare

from django_ory.client import OryError
from django_ory.schemas.posted import parse_json
from django_ory.schemas.values import TRAITS
from django_ory.selfservice.flow_types import SETTINGS
from django_ory.selfservice.forms.build import BACK_TO_TRAITS
from django_ory.selfservice.forms.trait_form import get_token

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import QueryDict

    from django_ory.client import OryClient
    from django_ory.selfservice.flow_types import AnyFlow, FlowType

__all__ = ["has_token", "read_traits_to_change", "submit_traits"]


def has_token(flow: AnyFlow, data: QueryDict) -> bool:
    """Whether a posted form has the CSRF token of the flow, which only the browser of the flow can fetch."""
    token = get_token(flow)
    return bool(token) and constant_time_compare(data.get("csrf_token", ""), token)


def read_traits_to_change(data: QueryDict) -> dict[str, Any] | None:
    """The traits to enter again, after "Back" on the page of the credentials; None if it was not pressed."""
    if BACK_TO_TRAITS not in data:
        return None
    traits = parse_json(data.get(TRAITS, ""))
    return traits if isinstance(traits, dict) else {}


def submit_traits(
    client: OryClient, flow_type: FlowType, flow: AnyFlow, traits: Mapping[str, Any], *, cookie: str | None
) -> OryError | None:
    """Send the traits to Kratos. Returns the error of the call, or None.

    The first step of a sign-up ends with ``OryBadRequest``, as Kratos then returns the next step.
    """
    body = {"method": "profile", "csrf_token": get_token(flow), "traits": traits}
    submit = (
        client.submit_self_service_settings_flow
        if flow_type is SETTINGS
        else client.submit_self_service_registration_flow
    )
    try:
        submit(flow=flow.id, body=body, cookie=cookie)
    except OryError as error:
        return error
    return None
