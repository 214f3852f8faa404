"""A posted form of traits: its token, its rows, and sending it to Kratos as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.crypto import constant_time_compare

from django_ory.client import OryError
from django_ory.selfservice.flow_types import SETTINGS
from django_ory.selfservice.forms.build import BACK_TO_TRAITS
from django_ory.selfservice.forms.posted_traits import parse_json, read_posted
from django_ory.selfservice.forms.trait_form import get_token
from django_ory.selfservice.forms.trait_values import MAX_LIST_ROWS, TRAITS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import QueryDict

    from django_ory.client import OryClient
    from django_ory.selfservice.flow_types import AnyFlow, FlowType
    from django_ory.selfservice.forms.trait_form import TraitForm

__all__ = ["has_token", "read_rows", "read_traits_to_change", "submit_traits"]

#: Buttons of the rows of a list. Values: the name of the list, and of the row.
ADD_BUTTON = "ory_add"
REMOVE_BUTTON = "ory_remove"


def has_token(flow: AnyFlow, data: QueryDict) -> bool:
    """Whether a posted form has the CSRF token of the flow, which only the browser of the flow can fetch."""
    token = get_token(flow)
    return bool(token) and constant_time_compare(data.get("csrf_token", ""), token)


def read_rows(form: TraitForm, data: QueryDict) -> dict[str, Any] | None:
    """The traits of a posted form with one row more or less; None if no such button was pressed."""
    add, remove = data.get(ADD_BUTTON), data.get(REMOVE_BUTTON)
    if add is None and remove is None:
        return None
    traits = read_posted(form.schema.traits, data, form.stored, keep_blank=True)
    list_name, _, index = (remove or "").rpartition(".")
    path = (add or list_name).split(".")
    if path[0] != TRAITS:
        return traits
    parent: Any = traits
    for name in path[1:-1]:
        parent = parent.setdefault(name, {}) if isinstance(parent, dict) else None
    field = form.schema.find(tuple(path[1:]))
    if field is None or not isinstance(parent, dict):
        return traits
    rows = parent.setdefault(path[-1], [])
    if not isinstance(rows, list):
        return traits
    if add is not None and len(rows) < MAX_LIST_ROWS:
        # The form of an empty list has a row already.
        rows += [{} if field.is_list_of_objects else ""] * (1 if rows else 2)
    elif remove is not None and index.isdecimal() and len(index) < 5 and int(index) < len(rows):
        del rows[int(index)]
    return traits


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
