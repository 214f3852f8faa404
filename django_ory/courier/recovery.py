"""The mail with a recovery link or code that staff created for the owner of an identity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone, translation
from django.utils.formats import date_format

from .language import choose_identity_language
from .rendering import build_site_mail

if TYPE_CHECKING:
    from django_ory.client.models import Identity
    from django_ory.mirror.recovery import Recovery

__all__ = ["list_mail_addresses", "send_recovery"]


def list_mail_addresses(identity: Identity) -> list[str]:
    """Return the e-mail addresses of an identity to which recovery may be sent, as Kratos would."""
    addresses = [each.value for each in identity.recovery_addresses if each.via == "email"]
    return list(dict.fromkeys(address for address in addresses if address))


def send_recovery(recovery: Recovery, identity: Identity, address: str, *, alias: str, site_url: str) -> None:
    """Mail a recovery link or code by Django's mail, in the language of the identity.

    The templates are in ``ory/mails/account_access/``.

    Args:
        recovery: The link or code. Its values are neither stored nor logged.
        identity: The owner, for the language.
        address: One of ``list_mail_addresses``.
        alias: The key in ``settings.ORY``.
        site_url: The absolute URL of this site, for its name.

    Raises:
        ValueError: The address is not one of the identity.
        Exception: The errors of the mail backend and of templates.
    """
    if address not in list_mail_addresses(identity):
        raise ValueError("The address is not a recovery address of the identity.")
    with translation.override(choose_identity_language(identity, alias=alias)):
        expires_at = recovery.expires_at
        context = {
            "url": recovery.link,
            "code": recovery.code,
            "expires_at": date_format(timezone.localtime(expires_at), "DATETIME_FORMAT")
            if expires_at
            else "",
        }
        mail = build_site_mail("account_access", address, context, alias=alias, site_url=site_url)
    mail.send()
