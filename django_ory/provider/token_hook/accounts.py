"""The account of a token's subject: from its row in the mirror while that is recent, else from Kratos."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.utils import timezone
from pydantic import ValidationError

from django_ory.client import OryError, OryNotFound, RouteNotFound
from django_ory.client import models as ory
from django_ory.clients import get_client
from django_ory.conf import get_settings
from django_ory.mirror.identity_rows import IDENTITY_MIRROR
from django_ory.models import Identity, OAuth2Client
from django_ory.provider.accounts import Account, find_account, get_identity_key

__all__ = ["find_token_account", "is_account_subject", "read_token_client"]

logger = logging.getLogger("django_ory.provider")


def find_token_account(subject: str, *, alias: str) -> Account:
    """Return the account of a subject.

    Raises:
        OryError: Kratos returned no usable response, and ``TOKEN_HOOK_WHEN_UNAVAILABLE`` is "error", or the
            identity has no row.
    """
    settings = get_settings(alias)
    allow_stale = settings.token_hook_when_unavailable == "stale"
    uses_rows = settings.oauth2_accounts != "django" and (allow_stale or settings.token_hook_row_seconds > 0)
    row = _find_row(subject, alias=alias) if uses_rows else None
    oldest = timezone.now() - timedelta(seconds=settings.token_hook_row_seconds)
    if row is not None and row.synced_at is not None and row.synced_at > oldest:
        account = _build_account(row, subject=subject)
        if account is not None:
            return account
    requested_at = timezone.now()
    try:
        account = find_account(subject, alias=alias)
    except OryError as error:
        stored = _build_account(row, subject=subject) if allow_stale and row is not None else None
        if stored is None:
            raise
        logger.warning(
            "Kratos is unavailable (project %s): %s. The token hook uses the row of the identity.",
            alias,
            error,
        )
        return stored
    if account.identity is not None and settings.token_hook_row_seconds:
        IDENTITY_MIRROR.write_row(alias, account.identity, requested_at=requested_at)
    return account


def is_account_subject(subject: str, *, alias: str) -> bool:
    """Return whether the subject has the form of one of this site.

    Those of Django users have no form of their own: the result is True for every subject.
    """
    if get_settings(alias).oauth2_accounts == "django":
        return True
    return get_identity_key(subject, alias=alias) is not None


def read_token_client(client_id: str, *, alias: str) -> ory.OAuth2Client:
    """Return the client of a token, from its row if there is one. Raises OryError.

    Only the id is known of a client that Hydra does not return, such as one with a slash in its id before
    Hydra 25.4.
    """
    row = OAuth2Client.objects.filter(alias=alias, client_id=client_id, missing_since=None).first()
    if row is not None:
        try:
            return ory.OAuth2Client.model_validate(row.data)
        except ValidationError:  # of another version of this package
            pass
    try:
        return get_client(alias).admin_get_o_auth2_client(client_id)
    except (OryNotFound, RouteNotFound):
        return ory.OAuth2Client(client_id=client_id)


def _find_row(subject: str, *, alias: str) -> Identity | None:
    """Return the row of the identity of a subject, unless Kratos did not have the identity any more."""
    key = get_identity_key(subject, alias=alias)
    if key is None:
        return None
    rows = Identity.objects.select_related("user").filter(alias=alias, missing_since=None)
    return rows.filter(identity_id=key).first()


def _build_account(row: Identity, *, subject: str) -> Account | None:
    """Return the account of a row; None if the row has no traits, as without MIRROR_PERSONAL_DATA."""
    if "traits" not in row.data:
        return None
    try:
        identity = ory.Identity.model_validate(row.data)
    except ValidationError:  # of another version of this package
        return None
    is_active = row.state == Identity.State.ACTIVE and (row.user is None or row.user.is_active)
    return Account(subject=subject, identity=identity, user=row.user, is_active=is_active)
