"""Kratos' sessions: list, extend, revoke. No cache accepts a session after it was revoked here."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils.translation import gettext as _

from django_ory.authentication.hydra_sessions import end_recorded_sessions
from django_ory.authentication.invalidation import invalidate_identity
from django_ory.client import OryDecodeError, OryTransportError
from django_ory.client.identifiers import parse_uuid
from django_ory.clients import get_client
from django_ory.conf import get_settings

from .errors import error_text

if TYPE_CHECKING:
    from django_ory.authentication.logout import Failures
    from django_ory.client.models import Session
    from django_ory.client.pagination import ListedPage

__all__ = [
    "SessionChange",
    "extend_session",
    "list_identity_sessions",
    "list_sessions",
    "revoke_session",
]


@dataclass(frozen=True, kw_only=True)
class SessionChange:
    """The result of a change to one session.

    ``identity_id``: the owner; None if the session could not be read. ``problems``: a sentence for each step
    after the change that failed.
    """

    identity_id: UUID | None
    problems: tuple[str, ...] = ()


def list_sessions(
    alias: str,
    *,
    active: bool | None = None,
    page_size: int,
    page_token: str = "",
) -> ListedPage[Session]:
    """Return one page of the sessions of all identities, newest first, with identities and devices.

    Args:
        alias: The key in ``settings.ORY``.
        active: True for active sessions, False for ended ones, None for both.
        page_size: The number of sessions, at most 250.
        page_token: ``next_token`` of the page before.

    Raises:
        OryBadRequest: Kratos rejects the page token.
        OryError: Kratos failed.

    """
    client = get_client(alias)
    return client.read_page(
        client.admin_list_sessions,
        active=active,
        expand=["identity", "devices"],
        page_size=page_size,
        page_token=page_token,
    )


def list_identity_sessions(
    alias: str,
    identity_id: UUID | str,
    *,
    active: bool | None = None,
    page_size: int,
    page_token: str = "",
) -> ListedPage[Session]:
    """Return one page of the sessions of one identity, as ``list_sessions`` does. A missing one has none."""
    client = get_client(alias)
    return client.read_page(
        client.admin_list_identity_sessions,
        str(identity_id),
        active=active,
        page_size=page_size,
        page_token=page_token,
    )


def revoke_session(alias: str, session_id: UUID | str) -> SessionChange:
    """End one session in Kratos. From then on no process accepts it from a cache.

    Raises:
        OryNotFound: Kratos has no such session.
        OryTimeout: It is unknown whether the session has ended. Cached sessions are ignored even so.
        OryError: Kratos failed.

    """
    client, key = get_client(alias), str(session_id)
    identity_id: UUID | None = None
    with suppress(OryDecodeError):  # an unreadable session can be revoked, too
        identity_id = get_owner(client.get_session(key, expand=["identity"]))
    until = 0.0
    try:
        client.disable_session(key)
    except OryTransportError:
        until = time.time() + get_settings(alias).timeout  # Kratos may still end it
        raise
    finally:
        is_stored = identity_id is not None and invalidate_identity(identity_id, alias=alias, until=until)
    failures: Failures = {} if is_stored else {"cache": None}
    if error := end_recorded_sessions(alias=alias, session_ids=[key]):
        failures["hydra_logins"] = error
    return SessionChange(identity_id=identity_id, problems=describe_failures(failures))


def extend_session(alias: str, session_id: UUID | str) -> SessionChange:
    """Extend one session by the lifespan that Kratos has for sessions, from now on.

    A session that has ended stays so. Raises OryNotFound and OryError as ``revoke_session`` does.
    """
    client, key = get_client(alias), str(session_id)
    session = client.get_session(key, expand=["identity"])
    if session.active is False:
        return SessionChange(
            identity_id=get_owner(session), problems=(_("The session has ended, so it stays inactive."),)
        )
    client.admin_extend_session(key)
    return SessionChange(identity_id=get_owner(session))


def drop_cached_sessions(alias: str, identity_id: UUID | str) -> Failures:
    """Let no cache accept a session of an identity. Returns a failure as ``end_sessions`` does."""
    return {} if invalidate_identity(identity_id, alias=alias) else {"cache": None}


def describe_failures(failures: Failures) -> tuple[str, ...]:
    """Return a sentence for each failure of ``end_sessions``."""
    texts = {
        "cache": _("The cache failed, so this site may use the old state for SESSION_CACHE_SECONDS."),
        "kratos": _("Kratos' sessions were not ended. %(why)s"),
        "hydra_logins": _("Hydra's login sessions were not ended. %(why)s"),
        "hydra_consents": _("Hydra's consents were not revoked. %(why)s"),
    }
    return tuple(texts[step] % {"why": error and error_text(error)} for step, error in failures.items())


def get_owner(session: Session) -> UUID | None:
    """Return the id of the identity of a session; None for a session without a valid one."""
    return parse_uuid(session.identity.id) if session.identity else None
