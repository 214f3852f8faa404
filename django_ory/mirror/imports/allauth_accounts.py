"""Reads the accounts of django-allauth, if installed: verified addresses, social accounts, second factors."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from django.apps import apps

__all__ = ["has_verified_addresses", "read_second_factors", "read_social_accounts", "read_verified_addresses"]

#: The app and the model for each kind of data.
EMAIL_ADDRESSES = ("allauth.account", "account.EmailAddress")
SOCIAL_ACCOUNTS = ("allauth.socialaccount", "socialaccount.SocialAccount")
AUTHENTICATORS = ("allauth.mfa", "mfa.Authenticator")


class ProviderAccount(NamedTuple):
    """An account at another provider: allauth's name of the provider, and the provider's id of the user."""

    provider: str
    subject: str


def has_verified_addresses() -> bool:
    """Whether allauth knows which addresses are verified."""
    return apps.is_installed(EMAIL_ADDRESSES[0])


def read_verified_addresses(user_ids: Iterable[Any]) -> Mapping[Any, set[str]]:
    """Return the verified e-mail addresses of users in lower case, by the id of the user."""
    found: dict[Any, set[str]] = defaultdict(set)
    for user_id, email in _read(EMAIL_ADDRESSES, user_ids, "email", verified=True):
        found[user_id].add(email.lower())
    return found


def read_social_accounts(user_ids: Iterable[Any]) -> Mapping[Any, list[ProviderAccount]]:
    """Return the accounts at other providers, by the id of the user."""
    found: dict[Any, list[ProviderAccount]] = defaultdict(list)
    for user_id, provider, subject in _read(SOCIAL_ACCOUNTS, user_ids, "provider", "uid"):
        found[user_id].append(ProviderAccount(provider, subject))
    return found


def read_second_factors(user_ids: Iterable[Any]) -> Mapping[Any, set[str]]:
    """Return the types of second factors (``totp``, ``webauthn``, ``recovery_codes``), by user id."""
    found: dict[Any, set[str]] = defaultdict(set)
    for user_id, kind in _read(AUTHENTICATORS, user_ids, "type"):
        found[user_id].add(kind)
    return found


def _read(
    source: tuple[str, str], user_ids: Iterable[Any], *fields: str, **conditions: Any
) -> Iterable[tuple[Any, ...]]:
    app, model = source
    if not apps.is_installed(app):
        return ()
    rows = apps.get_model(model)._default_manager.filter(user_id__in=list(user_ids), **conditions)
    values: Iterable[tuple[Any, ...]] = rows.order_by("pk").values_list("user_id", *fields)
    return values
