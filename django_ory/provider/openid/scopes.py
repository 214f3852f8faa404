"""The texts for scopes on the consent page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.utils.functional import _StrOrPromise

    from django_ory.adapter import OryAdapter

#: Scopes that the user cannot deselect: without ``openid`` the client cannot sign the user in.
REQUIRED_SCOPES = frozenset({"openid"})

SCOPE_TEXTS: dict[str, tuple[_StrOrPromise, _StrOrPromise]] = {
    "openid": (_("Confirm your identity"), _("The app can recognize you when you return.")),
    "profile": (_("See your profile"), _("Your name and other public profile details.")),
    "email": (_("See your email address"), _("Your email address and whether it is confirmed.")),
    "phone": (_("See your phone number"), _("Your phone number and whether it is confirmed.")),
    "address": (_("See your postal address"), ""),
    "groups": (_("See the groups you belong to"), ""),
    "offline_access": (
        _("Stay connected"),
        _("Access your data while you are offline, until you revoke it."),
    ),
}
_UNDESCRIBED = _("No description provided by the app.")
SCOPE_TEXTS["offline"] = SCOPE_TEXTS["offline_access"]  # Hydra's older name


@dataclass(frozen=True, kw_only=True)
class ScopeChoice:
    """A scope on the consent page. ``locked``: the user cannot deselect it."""

    name: str
    title: _StrOrPromise
    description: _StrOrPromise
    locked: bool


def build_scope_choices(scopes: Iterable[str], *, adapter: OryAdapter) -> list[ScopeChoice]:
    """Describe scopes in the order of the client, by the adapter, the built-in texts or the bare name."""
    choices = []
    for name in dict.fromkeys(scopes):
        title, description = adapter.describe_scope(name) or SCOPE_TEXTS.get(name) or (name, _UNDESCRIBED)
        choices.append(
            ScopeChoice(name=name, title=title, description=description, locked=name in REQUIRED_SCOPES)
        )
    return choices
