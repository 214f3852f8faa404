"""``issue_token_for``: an access token for a user, without the user's browser (RFC 7523)."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from django_ory.adapter import get_adapter
from django_ory.client import OryDecodeError
from django_ory.clients import get_client
from django_ory.conf import DEFAULT_ALIAS, OryConfigurationError, get_settings
from django_ory.models import Identity, JobGrant
from django_ory.provider.accounts import find_account
from django_ory.provider.audit import record_event
from django_ory.tokens.grant_types import CLIENT_ASSERTION_TYPE, JWT_BEARER

from .clients import MAX_TOKEN_SECONDS, read_job_client
from .errors import TokenDenied
from .trust import build_issuer_name, ensure_trust, try_to_end_trust

__all__ = ["IssuedToken", "issue_token_for"]

ISSUE_PERMISSION = "django_ory.issue_token_for_user"
#: A job and a reason are codes, because they are in the audit log.
JOB_CODE = re.compile(r"[A-Za-z0-9._:-]{1,100}")
MAX_JOB_TITLE_LENGTH = 200


@dataclass(frozen=True, kw_only=True)
class IssuedToken:
    """An access token for an API. There is no refresh token: call ``issue_token_for`` again."""

    access_token: str = field(repr=False)
    expires_at: datetime
    subject: str
    client_id: str
    scopes: tuple[str, ...]
    audience: tuple[str, ...]


@sensitive_variables("access_token", "answer")
def issue_token_for(
    user: AbstractBaseUser,
    client_id: str,
    scopes: Collection[str],
    audience: Collection[str],
    *,
    job: str,
    reason: str,
    issued_by: AbstractBaseUser,
    title: str = "",
    alias: str = DEFAULT_ALIAS,
) -> IssuedToken:
    """Issue an access token for a user, without the user's browser. Makes about four calls to Ory.

    The user sees the job among the connected apps, and can revoke it. Then it gets no more tokens. Do not
    call this function in a transaction: a rollback would remove the row that the user sees, not the token.

    Args:
        user: The user that the job acts for.
        client_id: A client that ``manage.py ory_trust_issuer`` has prepared.
        scopes: The scopes of the token, at least one.
        audience: The APIs that the token is for, at least one. The ``aud`` of the token also has the URL of
            Hydra's token endpoint.
        job: The name of the job, a code such as ``"nightly-export"``.
        reason: Why the job runs, a code such as ``"ticket:4711"``, for the audit log.
        issued_by: The user that started the job, or a user for jobs, with the permission
            ``django_ory.issue_token_for_user``.
        title: The name of the job for the user. Default: ``job``.
        alias: The key in ``settings.ORY``.

    Raises:
        TokenDenied: The token is not allowed. An event ``token.denied`` was recorded.
        OryError: Kratos or Hydra failed. No token was issued, or the token is lost; repeat the call.
        OryConfigurationError: A setting is invalid, or PyJWT is not installed.
        ValueError: ``job`` or ``reason`` is not a code.
    """
    if not JOB_CODE.fullmatch(job) or not JOB_CODE.fullmatch(reason):
        raise ValueError("job and reason must be of 1 to 100 letters, digits, and . _ : -")
    wanted = _Request(
        user=user,
        client_id=client_id,
        scopes=tuple(dict.fromkeys(scopes)),
        audience=tuple(dict.fromkeys(audience)),
        job=job,
        title=title[:MAX_JOB_TITLE_LENGTH],
        alias=alias,
    )
    details: dict[str, Any] = {
        "alias": alias,
        "client_id": client_id,
        "user": user,
        "scope": wanted.scopes,
        "audience": wanted.audience,
    }
    try:
        issued = _issue(wanted, issued_by=issued_by)
    except TokenDenied as denial:
        record_event("token.denied", reason=f"{denial.reason} {job} {reason}", **details)
        raise
    event_reason = f"{job} {reason} by:{issued_by.pk}"
    record_event("token.issued", subject=issued.subject, reason=event_reason, **details)
    return issued


@dataclass(frozen=True, kw_only=True)
class _Request:
    user: Any
    client_id: str
    scopes: tuple[str, ...]
    audience: tuple[str, ...]
    job: str
    title: str
    alias: str


def _issue(wanted: _Request, *, issued_by: AbstractBaseUser) -> IssuedToken:
    key = _get_key(wanted.alias)
    if not issued_by.is_active or not getattr(issued_by, "has_perm", lambda _: False)(ISSUE_PERMISSION):
        raise TokenDenied("permission_denied")
    subject, user = _find_active_account(wanted.user, alias=wanted.alias)
    client = read_job_client(
        wanted.alias, wanted.client_id, key=key, scopes=wanted.scopes, audience=wanted.audience
    )
    is_allowed = get_adapter(wanted.alias).allow_token_for_user(
        user,
        client=client,
        scopes=frozenset(wanted.scopes),
        audience=frozenset(wanted.audience),
    )
    if is_allowed is not True:
        raise TokenDenied("user_not_allowed")
    row = _write_row(wanted, subject=subject)
    if row.revoked_at is not None:
        raise TokenDenied("job_revoked")
    ensure_trust(row, key=key)
    token_url = f"{get_settings(wanted.alias).hydra_browser_url}/oauth2/token"
    answer = get_client(wanted.alias).perform_o_auth2_token_flow(
        grant_type=JWT_BEARER,
        assertion=key.sign(
            {"iss": build_issuer_name(row), "sub": subject, "aud": [*wanted.audience, token_url]}
        ),
        client_assertion_type=CLIENT_ASSERTION_TYPE,
        client_assertion=key.sign({"iss": wanted.client_id, "sub": wanted.client_id, "aud": [token_url]}),
        scope=" ".join(wanted.scopes),
    )
    now = timezone.now()
    access_token, seconds = answer.access_token, answer.expires_in
    if not access_token or seconds is None or not 0 < seconds <= MAX_TOKEN_SECONDS:
        raise OryDecodeError("the token is missing or lives too long", operation="POST /oauth2/token")
    if not JobGrant.objects.filter(pk=row.pk, revoked_at=None).update(last_used_at=now):
        try_to_end_trust(row)  # revoked or deleted in the meantime: the token is not handed out
        raise TokenDenied("job_revoked")
    return IssuedToken(
        access_token=access_token,
        expires_at=now + timedelta(seconds=seconds),
        subject=subject,
        client_id=wanted.client_id,
        scopes=wanted.scopes,
        audience=wanted.audience,
    )


def _get_key(alias: str) -> Any:
    if not get_settings(alias).job_token_keys:
        raise TokenDenied("turned_off")
    try:
        from .keys import get_signing_keys
    except ImportError as error:
        raise OryConfigurationError(
            'Tokens for users need PyJWT: python -m pip install "django-ory[jwt]"'
        ) from error
    return get_signing_keys(alias)[0]


def _find_active_account(user: Any, *, alias: str) -> tuple[str, AbstractBaseUser]:
    """Return the subject of a user whose account is active now, also in Kratos, and the user as stored."""
    adapter = get_adapter(alias)
    if get_settings(alias).oauth2_accounts == "django":
        subject = adapter.get_user_subject(user)
    else:
        row = Identity.objects.filter(alias=alias, user=user).first()
        if row is None:
            raise TokenDenied("account_inactive")
        subject = adapter.get_subject(str(row.identity_id))
    account = find_account(subject, alias=alias)
    # The user is read again, because the object of the caller may be old.
    if not account.is_active or account.user is None or account.user.pk != user.pk:
        raise TokenDenied("account_inactive")
    return subject, account.user


def _write_row(wanted: _Request, *, subject: str) -> JobGrant:
    """Write the row that the user sees, before the first token."""
    row, is_created = JobGrant.objects.get_or_create(
        alias=wanted.alias,
        subject=subject,
        client_id=wanted.client_id,
        job=wanted.job,
        defaults={
            "user": wanted.user,
            "title": wanted.title,
            "scope": list(wanted.scopes),
            "audience": list(wanted.audience),
        },
    )
    if not is_created:
        row.scope = list(dict.fromkeys([*row.scope, *wanted.scopes]))
        row.audience = list(dict.fromkeys([*row.audience, *wanted.audience]))
        row.title = wanted.title or row.title
        values = {"scope": row.scope, "audience": row.audience, "title": row.title, "user": wanted.user}
        JobGrant.objects.filter(pk=row.pk).update(**values)
    return row
