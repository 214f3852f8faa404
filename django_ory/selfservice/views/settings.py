"""The settings: one section of the account area for each page, all with flows of the same type."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django_ory.selfservice.account.navigation import build_navigation, remember_offered_groups
from django_ory.selfservice.account.panels import build_panels
from django_ory.selfservice.account.sections import find_section, get_section, list_groups
from django_ory.selfservice.flow_types import SECTION_PARAMETER, SETTINGS
from django_ory.selfservice.forms.build import has_backup_codes

from .flows import FlowView

if TYPE_CHECKING:
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
        section, groups = find_section(flow), list_groups(flow)
        remember_offered_groups(groups, alias=self.alias)
        page, session = select_section(page, section), self.ory.whoami.session
        identity = session.identity if session else None
        context = {
            **super().get_context(flow, page),
            "panels": build_panels(page.forms, identity=identity, session=session),
        }
        navigation = build_navigation(
            self.request, section.key, groups=groups, return_to=context["return_to"]
        )
        return {**context, "section": section, "navigation": navigation, "layout": "ory/layouts/account.html"}


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
