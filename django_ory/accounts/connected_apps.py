"""The apps with access to a user's data, from the consents of the user at Hydra, and the jobs.

Hydra has a row for each grant. The latest one of a client counts, as for the question of the consent page.
Tokens of earlier grants stay valid, so their other scopes are listed, too.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from django_ory.adapter import OryAdapter, get_adapter
from django_ory.client import models as ory
from django_ory.clients import get_client
from django_ory.models import JobGrant, OAuth2Client
from django_ory.provider.client_profile import ClientProfile
from django_ory.provider.openid.scopes import ScopeChoice, build_scope_choices
from django_ory.provider.views.consent import MAX_CONSENTS

__all__ = ["ConnectedApp", "ConnectedJob", "find_apps", "find_jobs", "group_consents"]

#: Scopes with which Hydra issues a refresh token.
OFFLINE_SCOPES = frozenset({"offline", "offline_access"})
#: Jobs of one user that are shown.
MAX_JOBS = 100
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class ConnectedApp:
    """A client with consents of the user.

    ``scopes`` and ``audience`` are of the latest grant, ``earlier_scopes`` of earlier ones.
    ``is_first_party``: the client gets access without asking. ``is_offline``: the client can act while the
    user is away.
    """

    client: ClientProfile
    scopes: tuple[ScopeChoice, ...]
    earlier_scopes: tuple[ScopeChoice, ...] = ()
    audience: tuple[str, ...] = ()
    first_granted_at: datetime | None = None
    last_granted_at: datetime | None = None
    is_first_party: bool = False
    is_offline: bool = False


@dataclass(frozen=True, kw_only=True)
class ConnectedJob:
    """A job that acts for the user. ``id``: for its button."""

    id: str
    title: str
    client: ClientProfile
    scopes: tuple[ScopeChoice, ...]
    audience: tuple[str, ...]
    created_at: datetime
    last_used_at: datetime | None


def find_apps(subject: str, *, alias: str) -> tuple[list[ConnectedApp], bool]:
    """Return the apps of a subject, the latest grant first, and whether there are more grants than read.

    At most ``MAX_CONSENTS`` are read, in one call: Hydra 2.3 links the pages of this list wrongly.

    Raises OryError if Hydra failed.
    """
    client = get_client(alias)
    consents = client.admin_list_o_auth2_subject_consent_sessions(subject=subject, page_size=MAX_CONSENTS)
    return group_consents(consents, adapter=get_adapter(alias)), len(consents) >= MAX_CONSENTS


def group_consents(
    consents: Iterable[ory.OAuth2ConsentSession], *, adapter: OryAdapter
) -> list[ConnectedApp]:
    """Return one app for each client, the latest grant first. A consent without a client is left out."""
    groups: dict[str, list[ory.OAuth2ConsentSession]] = {}
    for consent in consents:
        request = consent.consent_request
        if request is not None and request.client.client_id:
            groups.setdefault(request.client.client_id, []).append(consent)
    apps = [_build_app(group, adapter=adapter) for group in groups.values()]
    return sorted(apps, key=lambda app: app.last_granted_at or _LONG_AGO, reverse=True)


def find_jobs(subject: str, *, alias: str) -> list[ConnectedJob]:
    """Return the jobs that act for a subject, except revoked ones. Does not call Ory."""
    rows = list(JobGrant.objects.filter(alias=alias, subject=subject, revoked_at=None)[:MAX_JOBS])
    names = OAuth2Client.objects.filter(alias=alias, client_id__in={row.client_id for row in rows})
    clients = {each.client_id: each.name for each in names}
    adapter = get_adapter(alias)
    return [
        ConnectedJob(
            id=str(row.issuer_id),
            title=row.title or row.job,
            client=ClientProfile.from_client(
                ory.OAuth2Client(client_id=row.client_id, client_name=clients.get(row.client_id)),
                adapter=adapter,
            ),
            scopes=_describe(row.scope, adapter=adapter),
            audience=tuple(row.audience),
            created_at=row.created_at,
            last_used_at=row.last_used_at,
        )
        for row in rows
    ]


def _build_app(group: list[ory.OAuth2ConsentSession], *, adapter: OryAdapter) -> ConnectedApp:
    ordered = sorted(group, key=lambda each: each.handled_at or _LONG_AGO)
    latest = ordered[-1]
    client = latest.consent_request.client if latest.consent_request else ory.OAuth2Client()
    granted = dict.fromkeys(name for each in ordered for name in each.grant_scope)
    earlier = [name for name in granted if name not in latest.grant_scope]
    profile = ClientProfile.from_client(client, adapter=adapter)
    return ConnectedApp(
        client=profile,
        scopes=_describe(latest.grant_scope, adapter=adapter),
        earlier_scopes=_describe(earlier, adapter=adapter),
        audience=tuple(dict.fromkeys(latest.grant_access_token_audience)),
        first_granted_at=ordered[0].handled_at,
        last_granted_at=latest.handled_at,
        is_first_party=profile.is_verified and adapter.get_consent_policy(client).is_first_party,
        is_offline=not OFFLINE_SCOPES.isdisjoint(granted),
    )


def _describe(scopes: Iterable[str], *, adapter: OryAdapter) -> tuple[ScopeChoice, ...]:
    """Return the texts of scopes. ``offline_access`` is shown as a state instead."""
    return tuple(
        build_scope_choices([name for name in scopes if name not in OFFLINE_SCOPES], adapter=adapter)
    )
