"""The page before a change of traits that needs a new sign-in: the browser posts the traits to Kratos."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from django_ory.selfservice.account.sections import SECTIONS_BY_KEY, list_groups
from django_ory.selfservice.forms.fields import Button, FieldGroup, Form, Hidden
from django_ory.selfservice.forms.trait_fields import build_hidden_traits
from django_ory.selfservice.forms.trait_form import get_token

from .flow_page import FlowPage
from .heading import Heading

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django_ory.selfservice.flow_types import AnyFlow

__all__ = ["build_confirmation"]


def build_confirmation(flow: AnyFlow, traits: Mapping[str, Any]) -> FlowPage:
    """Build the page. Kratos keeps the traits of the post while the user signs in, and then saves them."""
    button = Button(
        id="ory-method", name="method", value="profile", label=_("Continue"), style="primary", group="profile"
    )
    form = Form(
        id="ory-form-1",
        action=flow.ui.action,
        method="post",
        group="profile",
        hidden=(
            Hidden(name="csrf_token", value=get_token(flow)),
            build_hidden_traits(traits, group="profile"),
        ),
        groups=(FieldGroup(name="profile", buttons=(button,)),),
        title=_("Profile"),
    )
    heading = Heading(_("Confirm it's you"), _("For your security, sign in again to save this change."))
    return FlowPage(
        step="settings",
        heading=heading,
        notes=(),
        errors=(),
        forms=(form,),
        groups=list_groups(flow),
        section=SECTIONS_BY_KEY["profile"],
    )
