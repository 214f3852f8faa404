"""The mail with the link that cancels a scheduled deletion, and the token in the link."""

from __future__ import annotations

import logging
from datetime import datetime

from django.core import signing

from django_ory.adapter import get_adapter
from django_ory.client.models import Identity
from django_ory.courier.rendering import build_site_mail, format_day
from django_ory.http.redirects import build_token_link
from django_ory.models import AccountDeletion
from django_ory.traits import is_address_verified

logger = logging.getLogger("django_ory.accounts")

RESTORE_SALT = "django_ory.account_deletion"


def send_deletion_mail(row: AccountDeletion, identity: Identity, *, site_url: str) -> bool:
    """Mail the link that keeps the account to the verified address of the identity, in the active language.

    The templates are in ``ory/mails/account_deletion/``. Returns False if there is no verified address, or if
    the mail could not be sent; the deletion is scheduled all the same.
    """
    email = find_restore_address(identity, alias=row.alias)
    if not email:
        return False
    url = build_token_link("ory:account_restore", build_restore_token(row), site_url=site_url)
    context = {"url": url, "due_on": format_day(row.due_at)}
    mail = build_site_mail("account_deletion", email, context, alias=row.alias, site_url=site_url)
    try:
        mail.send()
    except Exception as error:  # noqa: BLE001 (mail backends raise anything; their texts have the address)
        logger.warning(
            "Mail about the account deletion of identity %s (project %s) not sent: %s.",
            row.identity_id,
            row.alias,
            type(error).__name__,
        )
        return False
    return True


def find_restore_address(identity: Identity, *, alias: str) -> str:
    """Return the verified e-mail address of an identity, or ""."""
    email = get_adapter(alias).get_email(identity)
    return email if is_address_verified(identity, email, via="email") else ""


def build_restore_token(row: AccountDeletion) -> str:
    """Return the token of a request; a later request of the same account has another one."""
    return signing.dumps([row.pk, row.requested_at.isoformat()], salt=RESTORE_SALT)


def find_deletion(token: str) -> AccountDeletion | None:
    """Return the request of a token; None if it is finished, canceled, or has begun."""
    try:
        pk, requested_at = signing.loads(token, salt=RESTORE_SALT)
        moment = datetime.fromisoformat(requested_at)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return AccountDeletion.objects.filter(pk=pk, requested_at=moment, started_at=None).first()
