"""The account behind an OAuth2 subject: the identity as Ory has it now, and whether it may still sign in."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django_ory.adapter import get_adapter
from django_ory.client import OryBadRequest, OryNotFound
from django_ory.clients import get_client
from django_ory.models import Identity as IdentityRow

if TYPE_CHECKING:
    from django_ory.client.models import Identity

__all__ = ["Account", "find_account", "has_second_factor"]

#: Kratos' words for it (ory/x, sqlcon.ErrNoRows), the same in all versions.
NO_SUCH_ROW = "Unable to locate the resource"


@dataclass(frozen=True, kw_only=True)
class Account:
    """``identity`` is None when there is none (any more); then the account is not active either."""

    identity: Identity | None
    user: Any = None
    active: bool = False


def find_account(subject: str, *, alias: str, identity: Identity | None = None) -> Account:
    """Look the subject up, in Kratos' admin API unless ``identity`` is at hand, and its Django user.

    The subject alone counts, never who is signed in: on skipped pages there may be no cookie at all.
    Raises OryError if Kratos gives no usable answer: nobody is taken for gone because of an outage.
    """
    identity = identity or _fetch(subject, alias=alias)
    if identity is None:
        return Account(identity=None)
    user = _user(identity.id, alias=alias)
    # Kratos before 0.11 knew no state; an identity without one is active.
    active = identity.state in (None, "active") and (user is None or user.is_active)
    return Account(identity=identity, user=user, active=active)


def has_second_factor(identity_id: str, *, alias: str) -> bool:
    """Whether stepping up to aal2 can succeed, so that nobody is sent to a page without a way on.

    Codes do not count: whether they may be a second factor is in Kratos' configuration, which is not to be
    asked for. Raises OryError.
    """
    client = get_client(alias)
    try:
        identity = client.admin_get_identity(identity_id, include_credential=["webauthn"])
    except OryBadRequest:  # Kratos before 1.0 shows no configuration but oidc's
        identity = client.admin_get_identity(identity_id)
    credentials = identity.credentials or {}
    if "totp" in credentials or "lookup_secret" in credentials:
        return True
    # Everybody has this credential; what counts is a key in its configuration (public keys only).
    webauthn = credentials.get("webauthn")
    keys = ((webauthn and webauthn.config) or {}).get("credentials") or ()
    return any(isinstance(key, dict) and not key.get("is_passwordless") for key in keys)


def _fetch(subject: str, *, alias: str) -> Identity | None:
    identity_id = _uuid(get_adapter(alias).get_identity_id(subject))
    if identity_id is None:
        return None
    try:
        return get_client(alias).admin_get_identity(str(identity_id))
    except OryNotFound as error:
        if _is_kratos_own(error):
            return None
        raise


def _is_kratos_own(error: OryNotFound) -> bool:
    """Whether Kratos says that there is no such row. A proxy, or another server at this address, knows
    nothing of anybody; one of Ory's says 404 in nearly the same shape for a path that it does not have.
    """
    said = error.body.get("error") if isinstance(error.body, dict) else None
    return isinstance(said, dict) and said.get("message") == NO_SUCH_ROW


def _user(identity_id: str, *, alias: str) -> Any:
    wanted = _uuid(identity_id)
    row = (
        wanted and IdentityRow.objects.select_related("user").filter(alias=alias, identity_id=wanted).first()
    )
    return row.user if row else None


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
