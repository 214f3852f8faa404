"""The settings: one section of the account area for each page, all with flows of the same type."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django_ory.http.redirects import MAX_URL_LENGTH
from django_ory.selfservice.account.navigation import build_navigation, remember_offered_groups
from django_ory.selfservice.account.panels import build_panels
from django_ory.selfservice.flow_types import SECTION_PARAMETER, SETTINGS

from .flows import FlowView

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django_ory.selfservice.account.sections import AccountSection
    from django_ory.selfservice.decisions.flows import FlowRequest
    from django_ory.selfservice.flow_types import AnyFlow
    from django_ory.selfservice.pages.flow_page import FlowPage

__all__ = ["SettingsView"]


class SettingsView(FlowView):
    """A section of the settings. ``section``: the one to start with; the flow of ``?flow=`` has its own."""

    flow_type = SETTINGS
    section: AccountSection | None = None

    def parse_query(self) -> FlowRequest:
        query = super().parse_query()
        if self.section is None:
            return query
        return replace(query, parameters={**query.parameters, SECTION_PARAMETER: self.section.key})

    def get_context(self, flow: AnyFlow, page: FlowPage) -> dict[str, Any]:
        section, groups = page.section, page.groups
        assert section is not None  # noqa: S101 (for the type checker)
        remember_offered_groups(groups, alias=self.alias)
        context = super().get_context(flow, page)
        return_to, session = context["return_to"], self.ory.whoami.session
        kept = {SECTION_PARAMETER: section.key, "next": return_to if flow.return_to is None else None}
        page = add_to_actions(page, flow.ui.action, kept)
        return {
            **context,
            "page": page,
            "panels": build_panels(
                page.forms, identity=session.identity if session else None, session=session
            ),
            "section": section,
            "navigation": build_navigation(self.request, section.key, groups=groups, return_to=return_to),
            "layout": "ory/layouts/account.html",
        }


def add_to_actions(page: FlowPage, action: str, parameters: Mapping[str, str | None]) -> FlowPage:
    """Return the page whose forms post parameters in the URL as well.

    After a change, Kratos replaces the flow. The URL of the post is the ``request_url`` of the new flow.
    """
    query = urlencode({name: value for name, value in parameters.items() if value})
    url = f"{action}{'&' if '?' in action else '?'}{query}"
    if len(url) > MAX_URL_LENGTH:
        return page
    return replace(
        page,
        forms=tuple(replace(form, action=url) if form.action == action else form for form in page.forms),
    )
