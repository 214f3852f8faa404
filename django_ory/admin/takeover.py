"""Keeps staff from getting the rights of others through an identity.

The owner of an identity is signed in as its Django user. Staff who set a password, create a recovery link,
change an e-mail address, verify one, read a message with a code, or trust an issuer of tokens can sign in as
the owner. The adapter's ``grant`` may give rights by the metadata of an identity.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.utils.translation import gettext as _

from django_ory.adapter import OryAdapter, get_adapter
from django_ory.client import OryNotFound
from django_ory.client.identifiers import parse_uuid
from django_ory.conf import get_settings
from django_ory.mirror.identities import fetch_identity
from django_ory.mirror.lookup import search_identities
from django_ory.models import Identity

if TYPE_CHECKING:
    from django.http import HttpRequest

    from django_ory.client.models import Identity as OryIdentity


def has_more_rights(request: HttpRequest, user: Any) -> bool:
    """Return whether a user has rights that the staff user of the request lacks. Superusers lack none."""
    actor: Any = request.user
    if user is None or actor.is_superuser:
        return False
    is_staff = getattr(user, "is_staff", False) or getattr(user, "is_superuser", False)
    return is_staff or not actor.has_perms(getattr(user, "get_all_permissions", set)())


def is_own_account(request: HttpRequest, row: Identity) -> bool:
    """Return whether the staff user of the request is linked to an identity."""
    return row.user_id is not None and row.user_id == request.user.pk


def has_grants(alias: str) -> bool:
    """Return whether the adapter of a project has a ``grant`` of its own, which may read metadata."""
    return type(get_adapter(alias)).grant is not OryAdapter.grant


def get_takeover_denial(request: HttpRequest, row: Identity, identity: OryIdentity | None = None) -> str:
    """Return the reason if the staff user may not get access to the account of an identity; "" if allowed.

    An identity without a user counts as the user that it would be linked to if its addresses were verified.
    If ``grant`` may give rights to its new user, by its metadata, access is denied.

    Args:
        request: The request.
        row: The row of the identity.
        identity: The identity from Kratos, if it was read before. Then the user that it would be linked to
            counts also if it has another one, because staff may unlink it. Else it is read if necessary.

    Raises:
        OryError: Kratos failed.
    """
    users: list[Any] = [row.user]
    actor: Any = request.user
    is_denied = False
    if (row.user is None or identity is not None) and not actor.is_superuser:
        identity = (identity or fetch_identity(row.alias, row.identity_id)).model_copy(deep=True)
        for address in identity.verifiable_addresses:
            address.verified = True
        users.append(get_adapter(row.alias).find_user(identity))
        may_get_rights = not any(users) and bool(identity.metadata_public or identity.metadata_admin)
        is_denied = may_get_rights and has_grants(row.alias)
    has_more = is_denied or any(has_more_rights(request, user) for user in users)
    return _describe_denial() if has_more else ""


def get_grant_denial(request: HttpRequest, row: Identity) -> str:
    """Return the reason if the staff user may not link an identity to another user; "" if allowed.

    At the next sign-in ``grant`` gives the new user the rights of the identity's metadata.

    Raises:
        OryError: Kratos failed.
    """
    actor: Any = request.user
    if actor.is_superuser or not has_grants(row.alias):
        return ""
    identity = fetch_identity(row.alias, row.identity_id)
    return _describe_denial() if identity.metadata_public or identity.metadata_admin else ""


def get_message_denial(request: HttpRequest, row: Identity | None, *, alias: str, recipient: str) -> str:
    """Return the reason if the staff user may not read the text of a message; "" if allowed.

    A code signs in as the owner of the address, or verifies the address for another identity. So every
    identity and every user with the address counts. If no identity has the address, access is denied: the
    owner is unknown.

    Args:
        request: The request.
        row: The row of an identity that has the address. None: identities are searched in Kratos.
        alias: The key in ``settings.ORY``.
        recipient: The address.

    Raises:
        OryError: Kratos failed.
    """
    actor: Any = request.user
    if actor.is_superuser:
        return ""
    if any(has_more_rights(request, user) for user in _list_users(recipient)):
        return _describe_denial()
    if row is not None:
        return get_takeover_denial(request, row)
    owners = _find_owners(alias, recipient)
    reasons = [get_takeover_denial(request, _get_row(alias, each.id), each) for each in owners]
    return next(filter(None, reasons), "") if owners else _describe_denial()


def get_subject_denial(request: HttpRequest, *, alias: str, subject: str) -> str:
    """Return the reason if the staff user may not let others get tokens of an OAuth2 subject; "" if allowed.

    Args:
        request: The request.
        alias: The key in ``settings.ORY``.
        subject: The subject; "" for every one.

    Raises:
        OryError: Kratos failed.
        OryConfigurationError: The subjects of Django users need a setting.
    """
    actor: Any = request.user
    if actor.is_superuser:
        return ""
    if not subject:
        return _describe_denial()
    adapter = get_adapter(alias)
    if get_settings(alias).oauth2_accounts == "django":
        return _describe_denial() if has_more_rights(request, adapter.find_user_by_subject(subject)) else ""
    identity_id = parse_uuid(adapter.get_identity_id(subject))
    if identity_id is None:
        return ""
    try:
        return get_takeover_denial(request, _get_row(alias, identity_id))
    except OryNotFound:  # a subject without an identity
        return ""


def _list_users(address: str) -> list[Any]:
    model = get_user_model()
    name = model.get_email_field_name()
    if name not in {field.name for field in model._meta.get_fields()}:  # a custom user without addresses
        return []
    return list(model._default_manager.filter(**{f"{name}__iexact": address}))


def _find_owners(alias: str, address: str) -> list[OryIdentity]:
    """Return the identities with an address; none if one of the found identities only signs in with it."""
    found = search_identities(alias, address) or []
    for each in found:
        known = [item.value for item in each.verifiable_addresses]
        known += [item.value for item in each.recovery_addresses]
        if address.lower() not in {text.lower() for text in known if text}:
            return []
    return found


def _get_row(alias: str, identity_id: Any) -> Identity:
    rows = Identity.objects.filter(alias=alias, identity_id=identity_id).select_related("user")
    return rows.first() or Identity(alias=alias, identity_id=identity_id)


def _describe_denial() -> str:
    return _(
        "Only superusers can do this to the identities of staff, and of users with permissions that you do "
        "not have."
    )
