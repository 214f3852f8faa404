"""Hydra's login sessions, ended by their ``sid``: only then Hydra notifies the clients (back-channel).

A session that Hydra could not end stays recorded, for ``ory_end_hydra_sessions``.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from django_ory.client import OryClient, OryError, OryUsageError
from django_ory.client.identifiers import parse_uuid
from django_ory.clients import get_client
from django_ory.conf import get_settings
from django_ory.models import HydraSession
from django_ory.models.rows import store_row

MAX_SID_LENGTH = 128
MAX_SUBJECT_LENGTH = 255
#: Sessions that one request ends itself. The others wait for the command.
MAX_ENDED_PER_REQUEST = 20


def record_hydra_session(
    sid: str,
    *,
    subject: str,
    alias: str,
    session_id: str = "",
    expires_at: datetime | None = None,
) -> None:
    """Record a login session of Hydra.

    Args:
        sid: its id at Hydra.
        subject: the OAuth2 subject.
        alias: the key in ``settings.ORY``.
        session_id: the Kratos session; "" if unknown, which keeps a known one.
        expires_at: when the session of the site expires.
    """
    if not sid or len(sid) > MAX_SID_LENGTH or len(subject) > MAX_SUBJECT_LENGTH:
        return
    values = {"subject": subject, "session_id": parse_uuid(session_id), "expires_at": expires_at}
    known = {name: value for name, value in values.items() if value is not None}
    changes = {**known, "ended_at": None, "checked_at": timezone.now()}
    store_row(HydraSession.objects.all(), {"alias": alias, "sid": sid}, changes)


def end_recorded_sessions(
    *,
    alias: str,
    sids: Collection[str] = (),
    session_ids: Collection[UUID | str] = (),
    subject: str = "",
    except_session: UUID | str | None = None,
    client: OryClient | None = None,
) -> OryError | OryUsageError | None:
    """End sessions at Hydra, and let Hydra notify their clients.

    Args:
        alias: the key in ``settings.ORY``.
        sids: ids at Hydra, recorded or not.
        session_ids: Kratos sessions that the sessions began with.
        subject: only recorded sessions of this subject; all of them without ids.
        except_session: a Kratos session that continues.
        client: the client for the calls, such as one with a shorter timeout.

    Returns:
        The error of Hydra, or None. After an error the sessions stay recorded as ended.

    """
    if not get_settings(alias).hydra_admin_url or not (sids or session_ids or subject):
        return None
    rows = HydraSession.objects.filter(alias=alias)
    if sids or session_ids:
        # Other ended sessions wait for the browser to arrive at Hydra.
        keys = [key for each in session_ids if (key := parse_uuid(str(each)))]
        rows = rows.filter(Q(sid__in=[*sids]) | Q(session_id__in=keys, ended_at=None))
    if subject:
        rows = rows.filter(subject=subject)
    if except_session:
        rows = rows.exclude(session_id=parse_uuid(str(except_session)))
    recorded = list(rows.order_by("-checked_at").values_list("sid", flat=True))
    HydraSession.objects.filter(alias=alias, sid__in=recorded).update(ended_at=timezone.now())
    wanted = list(dict.fromkeys([*sids, *recorded]))[:MAX_ENDED_PER_REQUEST]
    timeout = get_settings(alias).timeout
    return end_at_hydra(wanted, alias=alias, client=client or get_client(alias), stop_after=timeout)


def end_at_hydra(
    sids: Iterable[str], *, alias: str, client: OryClient, stop_after: float = float("inf")
) -> OryError | OryUsageError | None:
    """End sessions at Hydra and delete their rows, up to the first error, which is returned.

    Hydra returns 204 for a session that has ended before. A 404 is of another server.

    ``stop_after``: no further call starts after these seconds.
    """
    started = time.monotonic()
    for sid in sids:
        if time.monotonic() - started > stop_after:
            break
        try:
            client.admin_revoke_o_auth2_login_sessions(sid=sid)
        except (OryError, OryUsageError) as error:
            return error
        HydraSession.objects.filter(alias=alias, sid=sid).delete()
    return None


def mark_as_ended(sid: str, *, alias: str) -> UUID | None:
    """Record that Hydra ends a session when the browser arrives there, and return its Kratos session.

    If the browser does not arrive, ``ory_end_hydra_sessions`` ends the session, without a second notice.
    """
    row = HydraSession.objects.filter(alias=alias, sid=sid).first()
    if row is None:
        return None
    HydraSession.objects.filter(pk=row.pk).update(ended_at=timezone.now())
    return row.session_id
