"""Creates, sends, renews and revokes invitations, and finds them by token or grant.

The *token* is the secret in the link. The *grant* is the signed number of the row. The sign-up page and
Kratos keep the grant, because Kratos stores and logs URLs. A grant is valid for a day and for one token.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any, cast

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.core import signing
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac

from django_ory.conf import DEFAULT_ALIAS, get_settings
from django_ory.courier.rendering import build_site_mail, format_day
from django_ory.http.redirects import build_token_link
from django_ory.models import Invitation

from .refusals import Refusal

__all__ = [
    "DEFAULT_LIFETIME",
    "build_link",
    "create_invitation",
    "renew_invitation",
    "revoke_invitation",
    "send_invitation",
]

DEFAULT_LIFETIME = timedelta(days=7)

#: Longer than a flow of Kratos; its lifetime is an hour by default.
GRANT_SECONDS = 24 * 60 * 60
GRANT_SALT = "django_ory.invitation.grant"
TOKEN_SALT = "django_ory.invitation.token"
#: Longer values are never from this site.
MAX_INVITATION_TOKEN_LENGTH = 200


def is_signup_closed(alias: str) -> bool:
    """Return whether only people with an invitation can sign up."""
    return bool(get_settings(alias).invitation_secrets)


def create_invitation(
    *,
    email: str = "",
    lifetime: timedelta = DEFAULT_LIFETIME,
    created_by: AbstractBaseUser | None = None,
    alias: str = DEFAULT_ALIAS,
) -> tuple[Invitation, str]:
    """Create an invitation for one account.

    Args:
        email: the only address that can sign up; "" for any address.
        lifetime: how long the invitation is valid.
        created_by: the sender of the invitation.
        alias: the key in ``settings.ORY``.

    Returns:
        The row, and the token for ``build_link`` and ``send_invitation``, which is not stored.
    """
    token = secrets.token_urlsafe(32)
    row = Invitation.objects.create(
        alias=alias,
        email=email.strip(),
        token_hash=_hash_token(token),
        expires_at=timezone.now() + lifetime,
        created_by=cast("Any", created_by),
    )
    return row, token


def renew_invitation(invitation: Invitation, *, lifetime: timedelta = DEFAULT_LIFETIME) -> str | None:
    """Give an open or expired invitation a new token and a new lifetime. Links with the old token end.

    Returns the new token; None if the invitation is used or revoked.
    """
    token, expires_at = secrets.token_urlsafe(32), timezone.now() + lifetime
    if not _filter_unused(invitation).update(token_hash=_hash_token(token), expires_at=expires_at):
        return None
    invitation.refresh_from_db()
    return token


def revoke_invitation(invitation: Invitation) -> bool:
    """Revoke an invitation. Returns False if it is used or revoked already."""
    is_revoked = bool(_filter_unused(invitation).update(revoked_at=timezone.now()))
    invitation.refresh_from_db()
    return is_revoked


def build_link(token: str, *, site_url: str) -> str:
    """Return the link of an invitation. ``site_url``: such as ``request.build_absolute_uri("/")``."""
    return build_token_link("ory:invitation", token, site_url=site_url)


def send_invitation(invitation: Invitation, token: str, *, site_url: str) -> None:
    """Mail the link to ``invitation.email``, in the active language, by Django's mail.

    The templates are in ``ory/mails/invitation/``. Raises ValueError without an address, and the errors of
    the mail backend; the invitation is valid even then.
    """
    if not invitation.email:
        raise ValueError("The invitation has no email address.")
    inviter = invitation.created_by
    context = {
        "url": build_link(token, site_url=site_url),
        "inviter": inviter.get_full_name()
        if inviter is not None and hasattr(inviter, "get_full_name")
        else "",
        "expires_on": format_day(invitation.expires_at),
    }
    mail = build_site_mail("invitation", invitation.email, context, alias=invitation.alias, site_url=site_url)
    mail.send()
    invitation.sent_at = timezone.now()
    Invitation.objects.filter(pk=invitation.pk).update(sent_at=invitation.sent_at)


def build_grant(invitation: Invitation) -> str:
    """Return the signed value for ``INVITATION_PARAMETER``."""
    return signing.dumps([invitation.pk, invitation.token_hash[:16]], salt=GRANT_SALT)


def find_by_token(token: str, *, alias: str) -> Invitation | None:
    """Return the invitation of a link."""
    if len(token) > MAX_INVITATION_TOKEN_LENGTH:
        return None
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    hashes = [_hash_token(token, key=key) for key in keys]
    return Invitation.objects.filter(alias=alias, token_hash__in=hashes).first()


def find_by_grant(grant: str, *, alias: str) -> Invitation | None:
    """Return the invitation of a grant; None if the grant is invalid, expired, or of an older token."""
    try:
        pk, start = signing.loads(grant, salt=GRANT_SALT, max_age=GRANT_SECONDS)
    except (signing.BadSignature, ValueError):
        return None
    return Invitation.objects.filter(alias=alias, pk=pk, token_hash__startswith=start).first()


def find_refusal(invitation: Invitation | None) -> Refusal | None:
    """Return the reason why an invitation cannot be used, or None."""
    if invitation is None:
        return Refusal.INVALID
    return {
        Invitation.Status.REVOKED: Refusal.REVOKED,
        Invitation.Status.USED: Refusal.USED,
        Invitation.Status.EXPIRED: Refusal.EXPIRED,
    }.get(invitation.status)


def _filter_unused(invitation: Invitation) -> QuerySet[Invitation]:
    return Invitation.objects.filter(pk=invitation.pk, revoked_at=None, signup_digest="")


def _hash_token(token: str, *, key: str | bytes | None = None) -> str:
    return salted_hmac(TOKEN_SALT, token, secret=key, algorithm="sha256").hexdigest()
