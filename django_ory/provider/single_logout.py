"""Single logout: a logout of Django ends the login sessions that Hydra remembers for the browser.

Hydra notifies the clients. Otherwise the next user of the browser would be signed in to other sites as the
previous one. A browser has several sessions at Hydra if a client has required a new login (``prompt=login``).
"""

from __future__ import annotations

import logging
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.signals import user_logged_out
from django.db import transaction
from django.db.models.signals import post_save, pre_delete
from django.dispatch import receiver
from django.http import HttpRequest

from django_ory.adapter import get_adapter
from django_ory.authentication.hydra_sessions import (
    end_recorded_sessions,
    mark_as_ended,
    record_hydra_session,
)
from django_ory.authentication.logout import end_hydra_sessions
from django_ory.authentication.request import OryRequest, get_ory
from django_ory.client import OryError, OryNotFound
from django_ory.conf import OryConfigurationError, aliases, get_settings
from django_ory.mirror.sessions import revoke_session
from django_ory.models import HydraSession, Identity
from django_ory.users.new_passwords import has_new_password

from .openid.assurance import BrowserSession

logger = logging.getLogger("django_ory.provider")

#: In the Django session: the ids of Hydra's sessions.
SIDS_KEY = "_django_ory_oauth2_sids"
MAX_SIDS = 20


def store_hydra_session(
    request: HttpRequest, sid: str | None, *, session: BrowserSession, alias: str
) -> None:
    """Record Hydra's session with the session of the browser, in the database and in the Django session.

    The row finds Hydra's session by the Kratos session, also if the Django session has been lost. The Django
    session finds it for accounts without a Kratos session.
    """
    if not sid:
        return
    record_hydra_session(
        sid,
        subject=session.subject,
        alias=alias,
        session_id=session.session_id,
        expires_at=session.expires_at,
    )
    if not hasattr(request, "session"):
        return
    # Load the user first: that empties a session of another user.
    getattr(getattr(request, "user", None), "is_authenticated", False)
    sids = _read_sids(request)
    if sid not in sids:
        request.session[SIDS_KEY] = [*sids, sid][-MAX_SIDS:]


def leave_session_to_hydra(request: HttpRequest, sid: str, *, alias: str) -> str:
    """Exclude a session from the logout of this request: Hydra ends it when the browser arrives.

    Returns the id of the Kratos session that it began with, "" if unknown.
    """
    sids = _read_sids(request)
    if sid in sids:
        request.session[SIDS_KEY] = [each for each in sids if each != sid]
    session_id = mark_as_ended(sid, alias=alias)
    return str(session_id or "")


def end_kratos_session(session_id: str, *, alias: str) -> None:
    """End a Kratos session that this browser does not have. A failure is logged."""
    if not session_id or not get_settings(alias).kratos_admin_url:
        return
    try:
        revoke_session(alias, session_id)
    except OryNotFound:
        pass  # ended before
    except OryError as error:
        logger.warning("Could not end a Kratos session after a logout (project %s): %s", alias, error)


@receiver(user_logged_out, dispatch_uid="django_ory.provider.single_logout")
def end_sessions_of_browser(*, request: HttpRequest | None, **_: Any) -> None:
    """End Hydra's sessions with Django's. A failure is only logged: a logout must work without Hydra."""
    if request is None:
        return
    loaded: OryRequest | None = getattr(request, "ory", None)
    sids, session_id = _read_sids(request), loaded.session_id_if_loaded if loaded else ""
    if not sids and not session_id:
        return
    ory = get_ory(request)
    error = end_recorded_sessions(
        alias=ory.alias, sids=sids, session_ids=[session_id] if session_id else [], client=ory.client
    )
    if error is not None:
        logger.warning(
            "Could not end Hydra's session after a logout (project %s): %s. Other sites stay signed in until "
            "ory_end_hydra_sessions runs.",
            ory.alias,
            type(error).__name__,
        )


# With a sender: a receiver for all models would slow down every deletion of the site.
@receiver(post_save, sender=settings.AUTH_USER_MODEL, dispatch_uid="django_ory.provider.changed_user")
def end_sessions_of_changed_user(
    *, instance: AbstractBaseUser, created: bool = False, raw: bool = False, **_: Any
) -> None:
    """End the sessions at Hydra of a user that was disabled, or that has a new password.

    A new password ends the sessions of Django in other browsers. Hydra would still remember their logins.
    """
    if raw:
        return
    if not instance.is_active:
        _end_sessions_of_user(instance)
    elif not created and has_new_password(instance):
        _end_sessions_of_user(instance, is_disabled=False)


@receiver(pre_delete, sender=settings.AUTH_USER_MODEL, dispatch_uid="django_ory.provider.deleted_user")
def end_sessions_of_deleted_user(*, instance: AbstractBaseUser, **_: Any) -> None:
    """End the sessions at Hydra of a user that is deleted."""
    _end_sessions_of_user(instance)


def _end_sessions_of_user(user: AbstractBaseUser, *, is_disabled: bool = True) -> None:
    """End all logins and consents; of a user that is not disabled, the logins with Django's password."""
    try:
        projects = [get_settings(alias) for alias in aliases()]
    except OryConfigurationError:  # reported by a system check; users must stay editable
        return
    for project in projects:
        if not project.hydra_admin_url or not (is_disabled or project.oauth2_accounts == "django"):
            continue
        alias = project.alias
        subjects = _list_subjects(user, alias=alias)
        known = HydraSession.objects.filter(alias=alias, subject__in=subjects).order_by()
        for subject in known.values_list("subject", flat=True).distinct():
            transaction.on_commit(partial(_end_subject, subject, alias=alias, consents=is_disabled))


def _end_subject(subject: str, *, alias: str, consents: bool) -> None:
    for step, error in end_hydra_sessions(subject, alias=alias, consents=consents).items():
        logger.warning(
            "Could not end the sessions of a user at Hydra (project %s, %s): %s. Other sites stay signed in "
            "until ory_end_hydra_sessions runs.",
            alias,
            step,
            type(error).__name__,
        )


def _list_subjects(user: AbstractBaseUser, *, alias: str) -> list[str]:
    adapter = get_adapter(alias)
    if get_settings(alias).oauth2_accounts == "django":
        try:
            return [adapter.get_user_subject(user)]
        except OryConfigurationError:  # no subject was ever issued
            return []
    rows = Identity.objects.filter(alias=alias, user_id=user.pk)
    return [adapter.get_subject(str(each)) for each in rows.values_list("identity_id", flat=True)]


def _read_sids(request: HttpRequest) -> list[str]:
    stored = request.session.get(SIDS_KEY) if hasattr(request, "session") else None
    return [each for each in stored if isinstance(each, str)] if isinstance(stored, list) else []
