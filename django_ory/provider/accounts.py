"""Accounts of OAuth2 subjects: an identity in Kratos and its Django user, or a Django user alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django_ory.adapter import get_adapter
from django_ory.client import OryBadRequest, OryNotFound
from django_ory.client.identifiers import parse_uuid
from django_ory.client.models import Identity
from django_ory.clients import get_client
from django_ory.conf import get_settings
from django_ory.mirror.errors import is_missing_row
from django_ory.users.lookup import fetch_linked_user


@dataclass(frozen=True, kw_only=True)
class Account:
    """The account of a subject.

    ``identity`` is None for a deleted identity, and with ``OAUTH2_ACCOUNTS`` ``"django"``. ``user`` is None
    for a deleted user, and for an identity that has not signed in to this site.
    """

    subject: str
    identity: Identity | None = None
    user: Any = None
    is_active: bool = False


def find_account(subject: str, *, alias: str, identity: Identity | None = None) -> Account:
    """Return the account of a subject. The user in the browser may be another one.

    Args:
        subject: The OAuth2 subject.
        alias: The key in ``settings.ORY``.
        identity: The identity, if Kratos has just returned it.

    Raises:
        OryError: Kratos returned no usable response. An outage never makes an account inactive.
        OryConfigurationError: The subjects of Django users need a setting.
    """
    if get_settings(alias).oauth2_accounts == "django":
        user = get_adapter(alias).find_user_by_subject(subject)
        return Account(subject=subject, user=user, is_active=user is not None and user.is_active)
    identity = identity or _fetch_identity(subject, alias=alias)
    if identity is None:
        return Account(subject=subject)
    key = parse_uuid(identity.id)
    linked = fetch_linked_user(str(key), alias=alias) if key else None
    user = linked.user if linked else None
    # Kratos before 0.11 has no state. An identity without one is active.
    is_active = identity.state in (None, "active") and (user is None or user.is_active)
    return Account(subject=subject, identity=identity, user=user, is_active=is_active)


def get_identity_key(subject: str, *, alias: str) -> UUID | None:
    """Return the identity id of a subject, by the adapter; None if there is no valid one."""
    return parse_uuid(get_adapter(alias).get_identity_id(subject))


def has_second_factor(account: Account, *, alias: str) -> bool:
    """Return whether the account has a second factor, so that stepping up can succeed.

    Codes do not count: only Kratos' configuration decides whether they are a second factor. Raises OryError.
    """
    if account.identity is None:
        return account.user is not None and bool(get_adapter(alias).get_second_factor_url(account.user))
    client, identity_id = get_client(alias), account.identity.id
    try:
        identity = client.admin_get_identity(identity_id, include_credential=["webauthn"])
    except OryBadRequest:  # Kratos before 1.0 only returns the configuration of oidc
        identity = client.admin_get_identity(identity_id)
    credentials = identity.credentials or {}
    if "totp" in credentials or "lookup_secret" in credentials:
        return True
    # Every identity has a webauthn credential. Only a key in its configuration counts.
    webauthn = credentials.get("webauthn")
    keys = ((webauthn and webauthn.config) or {}).get("credentials") or ()
    return any(isinstance(key, dict) and not key.get("is_passwordless") for key in keys)


def _fetch_identity(subject: str, *, alias: str) -> Identity | None:
    identity_id = get_identity_key(subject, alias=alias)
    if identity_id is None:
        return None
    try:
        return get_client(alias).admin_get_identity(str(identity_id))
    except OryNotFound as error:
        if is_missing_row(error):
            return None
        raise
