"""Everything that Kratos, Hydra and this site store about a user, as JSON without secrets."""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import islice
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone

from django_ory.adapter import get_adapter
from django_ory.client import models as ory
from django_ory.client.json_values import clean_json
from django_ory.clients import get_client
from django_ory.conf import get_settings
from django_ory.models import JobGrant
from django_ory.users.rows import without_identity_secrets

#: The limit of sessions, of consents, and of jobs. The file is marked as incomplete if there are more.
MAX_EXPORTED_ROWS = 1_000

CREDENTIAL_FIELDS = frozenset({"type", "identifiers", "created_at", "updated_at"})
CLIENT_FIELDS = frozenset({"client_id", "client_name", "client_uri", "policy_uri", "tos_uri"})
JOB_FIELDS = ("job", "title", "client_id", "scope", "audience", "created_at", "last_used_at", "revoked_at")


class ExportEncoder(DjangoJSONEncoder):
    """Writes values of other types, such as files and addresses of model fields, as texts."""

    def default(self, o: Any) -> Any:
        try:
            return super().default(o)
        except TypeError:
            return str(o)


def build_export(identity: ory.Identity, user: AbstractBaseUser | None, *, alias: str) -> str:
    """Return the JSON. Makes calls for the sessions and the consents.

    Args:
        identity: as the admin API returns it.
        user: the Django user, if any.
        alias: the key in ``settings.ORY``.

    Raises OryError if a service fails: the file is complete, or there is none.
    """
    sessions, has_more_sessions = _list_sessions(identity.id, alias=alias)
    consents, has_more_consents = _list_consents(identity.id, alias=alias)
    jobs, has_more_jobs = _list_jobs(identity.id, alias=alias)
    content = {
        "exported_at": timezone.now(),
        "account": {
            **without_identity_secrets(identity),
            "credentials": [
                each.model_dump(mode="json", include=set(CREDENTIAL_FIELDS), exclude_unset=True)
                for each in (identity.credentials or {}).values()
            ],
        },
        "sessions": sessions,
        "apps": consents,
        "jobs": jobs,
        "site": get_adapter(alias).export_user(user) if user is not None else {},
        "is_complete": not (has_more_sessions or has_more_consents or has_more_jobs),
    }
    return json.dumps(clean_json(content), cls=ExportEncoder, ensure_ascii=False, indent=2)


def _list_sessions(identity_id: str, *, alias: str) -> tuple[list[Any], bool]:
    client = get_client(alias)
    found = client.iterate(client.admin_list_identity_sessions, identity_id)
    rows, has_more = _take(found)
    return [each.model_dump(mode="json", exclude={"identity", "tokenized"}) for each in rows], has_more


def _list_consents(identity_id: str, *, alias: str) -> tuple[list[Any], bool]:
    """Return the apps that the user has given access to."""
    if not get_settings(alias).hydra_admin_url:
        return [], False
    client = get_client(alias)
    subject = get_adapter(alias).get_subject(identity_id)
    rows, has_more = _take(
        client.iterate(client.admin_list_o_auth2_subject_consent_sessions, subject=subject)
    )
    return [_describe_consent(each) for each in rows], has_more


def _list_jobs(identity_id: str, *, alias: str) -> tuple[list[Any], bool]:
    """Return the jobs that act for the user, or did."""
    rows = JobGrant.objects.filter(alias=alias, subject=get_adapter(alias).get_subject(identity_id))
    return _take(rows.values(*JOB_FIELDS)[: MAX_EXPORTED_ROWS + 1])


def _describe_consent(consent: ory.OAuth2ConsentSession) -> dict[str, Any]:
    request = consent.consent_request
    client = request.client if request is not None else None
    session = consent.session
    return {
        "app": client.model_dump(mode="json", include=set(CLIENT_FIELDS)) if client is not None else None,
        "scopes": consent.grant_scope,
        "audience": consent.grant_access_token_audience,
        "claims": session.id_token if session is not None else None,
        "granted_at": consent.handled_at,
        "is_remembered": consent.remember,
    }


def _take(found: Iterable[Any]) -> tuple[list[Any], bool]:
    rows = list(islice(found, MAX_EXPORTED_ROWS + 1))
    return rows[:MAX_EXPORTED_ROWS], len(rows) > MAX_EXPORTED_ROWS
