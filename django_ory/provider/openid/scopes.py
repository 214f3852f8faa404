"""Scopes: their texts on the consent page, and those that a client has registered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from django_ory.provider.client_profile import clean_name
from django_ory.tokens.scopes import SCOPE_STRATEGIES, is_scope_granted

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

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
    """A scope on the consent page.

    ``locked``: the user cannot deselect it. ``checked``: selected when the page opens. ``is_new``: the user
    has consented to the client before, and was not asked for this scope then.
    """

    name: str
    title: _StrOrPromise
    description: _StrOrPromise
    locked: bool = False
    checked: bool = True
    is_new: bool = False


def build_scope_choices(
    scopes: Iterable[str],
    *,
    adapter: OryAdapter,
    required: Collection[str] = REQUIRED_SCOPES,
    granted: Collection[str] | None = None,
    known: Collection[str] = (),
) -> list[ScopeChoice]:
    """Describe scopes in the order of the client, by the adapter, the built-in texts or the bare name.

    Args:
        scopes: The scopes that the user is asked for.
        adapter: The adapter of the Ory project.
        required: The scopes that the user cannot deselect.
        granted: The scopes of the user's earlier consent, which are selected; None without one. Then all are.
        known: The scopes that the user was asked for at that time.
    """
    choices = []
    for name in dict.fromkeys(scopes):
        texts = adapter.describe_scope(name) or SCOPE_TEXTS.get(name)
        title, description = texts or (clean_name(name) or "?", _UNDESCRIBED)
        choices.append(
            ScopeChoice(
                name=name,
                title=title,
                description=description,
                locked=name in required,
                checked=granted is None or name in granted,
                is_new=granted is not None and name not in granted and name not in known,
            )
        )
    return choices


def limit_scope(
    requested: Iterable[str], *, default: Iterable[str], registered: Iterable[str]
) -> tuple[str, ...]:
    """Return the scopes that a client can get, each once: those of the request, or else the default.

    Hydra has checked the request by its scope strategy, which its API does not return. So a requested scope
    counts as registered if any strategy matches, and a default scope only by its exact name, which all
    strategies accept.
    """
    names, allowed = tuple(dict.fromkeys(filter(None, requested))), frozenset(registered)
    if not names:
        return tuple(name for name in dict.fromkeys(default) if name in allowed)
    return tuple(
        name
        for name in names
        if name in allowed
        or any(is_scope_granted(allowed, name, strategy=strategy) for strategy in SCOPE_STRATEGIES)
    )
