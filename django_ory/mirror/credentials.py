"""Credentials of identities: list, remove, reset the second factor, set a password.

Only types and identifiers are read. The configuration of a credential, with hashes and seeds, is never
requested from Kratos. JSON Patch is no alternative: Kratos loses credentials below a patched path.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.utils import timezone

from django_ory.authentication.logout import end_sessions
from django_ory.client import OryDecodeError, OryNotFound
from django_ory.client import models as ory
from django_ory.client.json_values import clean_json
from django_ory.clients import get_client

from .errors import error_text
from .identities import IdentityChange, build_change, fetch_identity
from .identity_rows import IDENTITY_MIRROR, require_identity
from .sessions import drop_cached_sessions

if TYPE_CHECKING:
    from datetime import datetime

__all__ = [
    "SECOND_FACTOR_TYPES",
    "StoredCredential",
    "list_credentials",
    "remove_credential",
    "reset_second_factor",
    "set_password",
]

#: The types that a reset removes. Of ``webauthn``, Kratos removes only the keys of the second factor.
SECOND_FACTOR_TYPES: Final = ("totp", "lookup_secret", "webauthn")
#: Types with one credential per identifier ``provider:subject``.
PROVIDER_TYPES: Final = ("oidc", "saml")
#: The members of an identity that PUT would reset. ``external_id`` exists since Kratos v25.4.
KEPT_MEMBERS: Final = ("schema_id", "state", "traits", "metadata_public", "metadata_admin", "external_id")


@dataclass(frozen=True, kw_only=True)
class StoredCredential:
    """A credential of an identity, without its configuration.

    ``type``: such as ``"password"``. ``identifiers``: user names, addresses, or one ``provider:subject``.
    Kratos returns ``password``, ``code`` and ``webauthn`` with the identifiers of the traits, also for a
    user without a password or key.
    """

    type: str
    identifiers: tuple[str, ...] = ()
    created_at: datetime | None = None
    updated_at: datetime | None = None


def list_credentials(identity: ory.Identity) -> list[StoredCredential]:
    """Return the credentials of an identity from ``fetch_identity``, in the order of their types.

    Social sign-in has one entry per linked account, and no entry without one.
    """
    stored: list[StoredCredential] = []
    for kind, credential in sorted((identity.credentials or {}).items()):
        each = [(identifier,) for identifier in credential.identifiers]
        stored += [
            StoredCredential(
                type=kind,
                identifiers=identifiers,
                created_at=credential.created_at,
                updated_at=credential.updated_at,
            )
            for identifiers in (each if kind in PROVIDER_TYPES else [tuple(credential.identifiers)])
        ]
    return stored


def remove_credential(
    alias: str, identity_id: UUID | str, kind: str, *, identifier: str = ""
) -> IdentityChange:
    """Remove the credential of one type, or unlink one account of social sign-in.

    Args:
        alias: The key in ``settings.ORY``.
        identity_id: The id of the identity.
        kind: The type, such as ``"totp"``.
        identifier: ``provider:subject``, for the types ``oidc`` and ``saml``.

    Raises:
        OryNotFound: The identity or the credential does not exist.
        OryBadRequest: Kratos does not remove this type. Kratos v1.3.1 removes ``oidc``, ``totp``,
            ``lookup_secret`` and the ``webauthn`` keys of the second factor; newer versions all types except
            ``code``, but not the last first factor.
    """
    key = UUID(str(identity_id))
    get_client(alias).delete_identity_credentials(str(key), kind, identifier=identifier or None)
    return build_change(None, drop_cached_sessions(alias, key))


def reset_second_factor(alias: str, identity_id: UUID | str) -> IdentityChange:
    """Remove all credentials of the second factor, so that the first factor is enough to sign in.

    Codes by mail belong to the addresses, so they stay a second factor if Kratos uses them as one.

    Raises:
        OryNotFound: Kratos does not have the identity.
        OryError: Kratos failed. Credentials that were removed before are not restored; repeat the call.
    """
    key, client = UUID(str(identity_id)), get_client(alias)
    present = fetch_identity(alias, key).credentials or {}
    try:
        for kind in SECOND_FACTOR_TYPES:
            if kind in present:
                with suppress(OryNotFound):  # removed in the meantime
                    client.delete_identity_credentials(str(key), kind)
    finally:
        failures = drop_cached_sessions(alias, key)
    return build_change(None, failures)


def set_password(
    alias: str, identity_id: UUID | str, password: str, *, ends_sessions: bool = True
) -> IdentityChange:
    """Set the password of an identity. Its traits, metadata, state and other credentials do not change.

    The identity is replaced (PUT) by the values that were read just before: a change by others in between is
    lost. Kratos does not check its own password policy; validate the password before.

    Args:
        alias: The key in ``settings.ORY``.
        identity_id: The id of the identity.
        password: The new password in plain text. Kratos hashes the value.
        ends_sessions: Also end all sessions in Kratos and in Hydra.

    Raises:
        OryNotFound: Kratos does not have the identity.
        OryError: Kratos rejected the password, for example as too long, or the traits, if they violate the
            present schema. Nothing was changed.
        OryDecodeError: The identity has values that cannot be sent back unchanged. Nothing was changed.
    """
    key, client = UUID(str(identity_id)), get_client(alias)
    body = _build_body(fetch_identity(alias, key))
    body["credentials"] = {"password": {"config": {"password": password}}}
    identity: ory.Identity | None = None
    unreadable: tuple[str, ...] = ()
    requested_at = timezone.now()
    try:
        identity = require_identity(client.admin_update_identity(str(key), body=body), key)
    except OryDecodeError as error:
        if not 200 <= error.status < 300:
            raise
        unreadable = (error_text(error),)  # the password was set, so end the sessions
    failures = drop_cached_sessions(alias, key)
    row = IDENTITY_MIRROR.write_row(alias, identity, requested_at=requested_at) if identity else None
    if ends_sessions:
        failures |= end_sessions(key, alias=alias)
    return build_change(row, failures, unreadable)


def _build_body(identity: ory.Identity) -> dict[str, Any]:
    """Build the body of PUT from all members that PUT would reset."""
    data = identity.model_dump(mode="json", by_alias=True, include={*KEPT_MEMBERS})
    # A replacement character may be the repair of JSON that strict parsers reject.
    if clean_json(data) != data or "\ufffd" in json.dumps(data, ensure_ascii=False):
        raise OryDecodeError("the identity cannot be sent back unchanged", status=200)
    return {name: value for name, value in data.items() if value is not None}
