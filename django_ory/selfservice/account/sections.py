"""The sections of the account area, in one table. A section of the settings shows some groups of nodes.

Kratos redirects every form of the settings to its one ``ui_url``, so the section of a flow is found in the
flow: in its errors, in its ``active`` method, or in the URL that started it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from django_ory.client.models import UiNodeInputAttributes, UiNodeTextAttributes
from django_ory.conf import get_settings
from django_ory.http.redirects import split_url
from django_ory.selfservice.decisions.redirects import get_start_parameter
from django_ory.selfservice.flow_types import SECTION_PARAMETER
from django_ory.selfservice.forms.build import SHARED_GROUPS
from django_ory.selfservice.forms.nodes import is_metadata

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from django_ory.client.models import UiNode
    from django_ory.selfservice.flow_types import AnyFlow

__all__ = [
    "ACCOUNT_ENTRIES",
    "SECTIONS",
    "SECTIONS_BY_KEY",
    "AccountEntry",
    "AccountSection",
    "find_section",
    "get_section",
    "list_groups",
    "list_section_groups",
    "list_sections",
]


@dataclass(frozen=True)
class AccountSection:
    """A section of the account area.

    ``groups``: the groups of nodes that the section shows, in this order; empty for a page without a flow.
    ``url_name``: of the page, in the namespace ``ory``.
    ``is_enabled``: takes the alias of the Ory project. Default: where Kratos has the accounts.
    """

    key: str
    title: Any
    url_name: str
    groups: tuple[str, ...] = ()
    lead: Any = ""
    is_enabled: Callable[[str], bool] = lambda alias: get_settings(alias).oauth2_accounts != "django"


@dataclass(frozen=True)
class AccountEntry:
    """A page that the section "account" links to. ``is_enabled`` takes the alias of the Ory project."""

    title: Any
    lead: Any
    url_name: str
    is_enabled: Callable[[str], bool]
    style: str = "secondary"


#: Message of a settings flow after a recovery.
RECOVERED_MESSAGE = 1060001

#: The section with the groups that no other section has, such as those of a newer Kratos.
OTHER_METHODS = "sign_in"

SECTIONS: tuple[AccountSection, ...] = (
    AccountSection(
        "profile", _("Profile"), "settings_profile", ("profile", *sorted(SHARED_GROUPS - {"profile"}))
    ),
    AccountSection("password", _("Password"), "settings_password", ("password",)),
    AccountSection(OTHER_METHODS, _("Sign-in methods"), "settings_sign_in", ("code", "link", "deviceauthn")),
    AccountSection(
        "two_factor",
        _("Two-factor authentication"),
        "settings_two_factor",
        ("totp", "webauthn", "lookup_secret"),
        _("Confirm sign-ins with something that only you have, such as your phone."),
    ),
    AccountSection("passkeys", _("Passkeys"), "settings_passkeys", ("passkey",)),
    AccountSection("linked", _("Linked accounts"), "settings_linked", ("oidc", "saml")),
    # The context: Django has another translation of the word alone.
    AccountSection("sessions", pgettext_lazy("devices with a signed-in user", "Sessions"), "sessions"),
    AccountSection(
        "apps",
        _("Connected apps"),
        "connected_apps",
        lead=_("Apps and jobs that can use your account. Remove those that you no longer use."),
        is_enabled=lambda alias: bool(get_settings(alias).hydra_admin_url),
    ),
    AccountSection("account", _("Account"), "account"),
)
SECTIONS_BY_KEY: Mapping[str, AccountSection] = {section.key: section for section in SECTIONS}
SECTION_OF_GROUP: Mapping[str, AccountSection] = {
    group: section for section in SECTIONS for group in section.groups
}

#: Part of the URL at Kratos that started a flow -> its group of nodes: a recovery, and an account that was
#: linked, after which the next change starts a flow without a section.
GROUPS_BY_PATH: Mapping[str, str] = {
    "/self-service/recovery": "password",
    "/self-service/methods/oidc/": "oidc",
    "/self-service/methods/saml/": "saml",
}

#: Pages of the section "account", in their order.
ACCOUNT_ENTRIES: tuple[AccountEntry, ...] = (
    AccountEntry(
        _("Download your data"),
        _("Get a copy of everything that we store about you."),
        "account_data",
        lambda alias: get_settings(alias).data_download,
    ),
    AccountEntry(
        _("Delete your account"),
        _("Delete your account and everything that belongs to it."),
        "account_delete",
        lambda alias: get_settings(alias).account_deletion,
        "danger",
    ),
)


def get_section(group: str) -> AccountSection:
    """Return the section that shows a group of nodes."""
    return SECTION_OF_GROUP.get(group, SECTIONS_BY_KEY[OTHER_METHODS])


def list_section_groups(section: AccountSection, groups: Iterable[str]) -> tuple[str, ...]:
    """Return those of the groups that a section shows, each once and in their order."""
    order = {group: index for index, group in enumerate(section.groups)}
    shown = dict.fromkeys(group for group in groups if get_section(group) is section)
    return tuple(sorted(shown, key=lambda group: order.get(group, len(order))))


def list_groups(flow: AnyFlow) -> frozenset[str]:
    """Return the groups with a node that a user can see."""
    return frozenset(node.group for node in flow.ui.nodes if _is_visible(node))


def list_sections(groups: Collection[str], *, alias: str) -> tuple[AccountSection, ...]:
    """Return the sections for these groups of nodes, and the pages without a flow, that are enabled."""
    offered = list_flow_sections(groups)
    return tuple(each for each in SECTIONS if (not each.groups or each in offered) and each.is_enabled(alias))


def list_flow_sections(groups: Collection[str]) -> tuple[AccountSection, ...]:
    """Return the sections of a flow with these groups of nodes."""
    keys = {get_section(group).key for group in groups}
    return tuple(each for each in SECTIONS if each.key in keys)


def find_section(flow: AnyFlow, groups: Collection[str]) -> AccountSection:
    """Return the section of a settings flow. ``groups``: the groups that have a form.

    New backup codes and errors are of the form that was posted last. A flow that no section has started, such
    as one of another application, shows the first section; after a recovery the password.
    """
    offered = list_flow_sections(groups)
    for group in _list_posted_groups(flow.ui.nodes):
        return get_section(group)
    if any(message.id == RECOVERED_MESSAGE for message in flow.ui.messages) and "password" in groups:
        return SECTIONS_BY_KEY["password"]
    if flow.active and flow.active in groups:
        return get_section(flow.active)
    started = SECTIONS_BY_KEY.get(get_start_parameter(flow, SECTION_PARAMETER) or "")
    if started is not None and started.groups:
        return started
    path = split_url(flow.request_url).path
    for part, group in GROUPS_BY_PATH.items():
        if part in path and group in groups:
            return get_section(group)
    return offered[0] if offered else SECTIONS[0]


def _list_posted_groups(nodes: Iterable[UiNode]) -> list[str]:
    return [
        node.group
        for node in nodes
        if (isinstance(node.attributes, UiNodeTextAttributes) and node.attributes.id == "lookup_secret_codes")
        or any(message.type == "error" for message in node.messages)
    ]


def _is_visible(node: UiNode) -> bool:
    attributes = node.attributes
    is_hidden = isinstance(attributes, UiNodeInputAttributes) and attributes.type == "hidden"
    return not is_hidden and not is_metadata(node) and node.type != "script"
