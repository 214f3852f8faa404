"""Ends the sessions at Hydra whose Kratos sessions were revoked elsewhere, and those that wait to be ended.

Kratos has no web hook for the end of a session.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from django_ory.authentication.hydra_sessions import end_at_hydra
from django_ory.client import OryError, OryNotFound, OryUsageError
from django_ory.clients import get_client
from django_ory.conf import get_settings
from django_ory.models import HydraSession

from .errors import OtherResourceReturned, is_missing_row

#: Time for a browser to arrive at Hydra with an accepted logout, where it can notify more clients.
ARRIVAL = timedelta(minutes=2)
#: Rows without a known end are kept for this time, the longest that Hydra remembers a login by default.
UNKNOWN_LIFETIME = timedelta(days=30)


@dataclass(frozen=True, kw_only=True)
class EndedReport:
    """The result of one run. ``error``: of the call that stopped it, or None."""

    checked: int = 0
    ended: int = 0
    error: OryError | OryUsageError | None = None


def end_finished_sessions(alias: str, *, limit: int) -> EndedReport:
    """End the sessions at Hydra that are recorded as ended or whose Kratos session was revoked.

    Args:
        alias: the key in ``settings.ORY``.
        limit: sessions to check at Kratos, those first that were not checked for the longest time.

    """
    _delete_expired(alias)
    checked, error = _check_at_kratos(alias, limit=limit)
    rows = HydraSession.objects.filter(alias=alias, ended_at__isnull=False)
    before = rows.count()
    due = rows.exclude(ended_at__gt=timezone.now() - ARRIVAL).order_by("ended_at")
    client = get_client(alias)
    failure = end_at_hydra(due.values_list("sid", flat=True), alias=alias, client=client)
    return EndedReport(checked=checked, ended=before - rows.count(), error=failure or error)


def _delete_expired(alias: str) -> None:
    """Delete the rows of sessions without a Kratos session that have expired."""
    now = timezone.now()
    rows = HydraSession.objects.filter(alias=alias, session_id=None, ended_at=None)
    rows.filter(expires_at__lt=now).delete()
    rows.filter(expires_at=None, checked_at__lt=now - UNKNOWN_LIFETIME).delete()


def _check_at_kratos(alias: str, *, limit: int) -> tuple[int, OryError | None]:
    """Mark the sessions whose Kratos session was revoked, and delete the expired ones."""
    if not get_settings(alias).kratos_admin_url:
        return 0, None
    rows = HydraSession.objects.filter(alias=alias, ended_at=None).exclude(session_id=None)
    checked = 0
    for row in rows.order_by("checked_at")[:limit]:
        now, expires_at, is_active = timezone.now(), row.expires_at, False
        try:
            session = get_client(alias).get_session(str(row.session_id))
            # Another server at this URL must not sign users out.
            if session.id.lower() != str(row.session_id):
                raise OtherResourceReturned
            expires_at, is_active = session.expires_at or expires_at, session.active is not False
        except OryNotFound as error:
            if not is_missing_row(error):
                return checked, error
        except OryError as error:
            return checked, error
        checked += 1
        unchanged = rows.filter(pk=row.pk)  # unless the user has signed out meanwhile
        if expires_at is not None and expires_at <= now:
            unchanged.delete()
        else:
            ended_at = None if is_active else now - ARRIVAL
            unchanged.update(expires_at=expires_at, checked_at=now, ended_at=ended_at)
    return checked, None
