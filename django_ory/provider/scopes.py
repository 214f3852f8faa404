"""The texts for scopes on the consent page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.utils.functional import _StrOrPromise

    from django_ory.adapter import OryAdapter

__all__ = ["REQUIRED", "ScopeChoice", "scope_choices"]

#: A grant without it would not be a sign-in, so it cannot be unticked when the client asks for it.
REQUIRED = frozenset({"openid"})

SCOPES: dict[str, tuple[_StrOrPromise, _StrOrPromise]] = {
    "openid": (_("Confirm your identity"), _("The app can recognize you when you return.")),
    "profile": (_("See your profile"), _("Your name and other public profile details.")),
    "email": (_("See your email address"), _("And whether it is confirmed.")),
    "phone": (_("See your phone number"), _("And whether it is confirmed.")),
    "address": (_("See your postal address"), ""),
    "groups": (_("See the groups you belong to"), ""),
    "offline_access": (
        _("Stay connected"),
        _("Access your data while you are offline, until you revoke it."),
    ),
}
_UNDESCRIBED = _("No description provided by the app.")
SCOPES["offline"] = SCOPES["offline_access"]  # Hydra's older name for the same


@dataclass(frozen=True, kw_only=True)
class ScopeChoice:
    """One line of the consent page. ``locked``: shown, but not up for choice."""

    name: str
    title: _StrOrPromise
    description: _StrOrPromise
    locked: bool


def scope_choices(scopes: Iterable[str], *, adapter: OryAdapter) -> list[ScopeChoice]:
    """The lines of the consent page in the client's order: in the adapter's words, in ours, or by name."""
    choices = []
    for name in dict.fromkeys(scopes):
        title, description = adapter.describe_scope(name) or SCOPES.get(name) or (name, _UNDESCRIBED)
        choices.append(ScopeChoice(name=name, title=title, description=description, locked=name in REQUIRED))
    return choices
