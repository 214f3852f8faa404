"""The settings: one section of the account area for each page, all with flows of the same type."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django_ory.http.redirects import MAX_URL_LENGTH
from django_ory.selfservice.account.navigation import build_navigation, remember_offered_groups
from django_ory.selfservice.account.panels import build_panels
from django_ory.selfservice.account.sections import find_section, get_section, list_groups
from django_ory.selfservice.flow_types import SECTION_PARAMETER, SETTINGS
from django_ory.selfservice.forms.build import has_backup_codes

from .flows import FlowView

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django_ory.selfservice.account.sections import AccountSection
    from django_ory.selfservice.decisions.flows import FlowRequest
    from django_ory.selfservice.flow_types import AnyFlow
    from django_ory.selfservice.forms.fields import Form
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
        shown = frozenset(form.group for form in page.forms)
        groups = list_groups(flow) if page.is_confirmation else shown
        section = find_section(flow, groups)
        remember_offered_groups(groups, alias=self.alias)
        context = super().get_context(flow, select_section(page, section))
        return_to, session = context["return_to"], self.ory.whoami.session
        kept = {SECTION_PARAMETER: section.key, "next": return_to if flow.return_to is None else None}
        page = add_to_actions(context["page"], flow.ui.action, kept)
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


def select_section(page: FlowPage, section: AccountSection) -> FlowPage:
    """Return the page with the forms, links and scripts of one section."""

    def is_shown(group: str) -> bool:
        return get_section(group) is section

    def get_rank(form: Form) -> tuple[bool, int]:
        """Return the place of a form. New backup codes are first."""
        known = form.group in section.groups
        return not has_backup_codes(form), section.groups.index(form.group) if known else len(section.groups)

    forms = tuple(sorted((each for each in page.forms if is_shown(each.group)), key=get_rank))
    return replace(
        page,
        forms=forms,
        links=tuple(each for each in page.links if is_shown(each.group)),
        # The script of passkeys is in the group of security keys.
        scripts=page.scripts if any(form.needs_script for form in forms) else (),
    )
