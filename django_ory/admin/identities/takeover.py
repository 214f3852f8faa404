"""Keeps staff from getting the rights of others through an identity.

The owner of an identity is signed in as its Django user. Staff who set a password, create a recovery link,
change an e-mail address or verify one can sign in as the owner. The adapter's ``grant`` may give rights by
the metadata of an identity.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from django_ory.adapter import OryAdapter, get_adapter
from django_ory.mirror.identities import fetch_identity

if TYPE_CHECKING:
    from django.http import HttpRequest

    from django_ory.client.models import Identity as OryIdentity
    from django_ory.models import Identity


def has_more_rights(request: HttpRequest, user: Any) -> bool:
    """Return whether a user has rights that the staff user of the request lacks. Superusers lack none."""
    actor: Any = request.user
    if user is None or actor.is_superuser:
        return False
    is_staff = getattr(user, "is_staff", False) or getattr(user, "is_superuser", False)
    return is_staff or not actor.has_perms(getattr(user, "get_all_permissions", set)())


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
        identity: The identity from Kratos, if it was read before. Else it is read if necessary.

    Raises:
        OryError: Kratos failed.
    """
    user: Any = row.user
    actor: Any = request.user
    is_denied = False
    if user is None and not actor.is_superuser:
        identity = (identity or fetch_identity(row.alias, row.identity_id)).model_copy(deep=True)
        for address in identity.verifiable_addresses:
            address.verified = True
        user = get_adapter(row.alias).find_user(identity)
        may_get_rights = user is None and bool(identity.metadata_public or identity.metadata_admin)
        is_denied = may_get_rights and has_grants(row.alias)
    if not (is_denied or has_more_rights(request, user)):
        return ""
    return _(
        "Only superusers can do this to the identities of staff, and of users with permissions that you do "
        "not have."
    )
