"""Django sessions that began with a sign-in at Hydra, and the logouts that end them.

A Django session contains the ``sid`` and ``sub`` of its sign-in, and each accepted logout is a row. Both are
compared at the next request. This works with every session engine, also with signed cookies, which
cannot be deleted on the server, and for a logout that arrives before the sign-in is complete.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone

from django_ory.conf import OryConfigurationError, aliases, get_settings
from django_ory.tokens.logout_token import LogoutToken

from .models import EndedSession

__all__ = ["delete_expired_rows", "end_provider_session", "has_ended", "remember_provider_session"]

#: In the Django session: alias, sid, sub and iat of the ID token.
PROVIDER_SESSION_KEY = "_ory_provider_session"
#: On the request, because login() empties the session of another user.
REQUEST_ATTRIBUTE = "_ory_provider_session"
#: Browsers delete cookies after 400 days without a request. Older sign-ins are ended, because the row of
#: their logout may have been deleted.
MAX_SIGN_IN_AGE = timedelta(days=400)


def remember_provider_session(request: HttpRequest, id_token_claims: Mapping[str, Any]) -> None:
    """Bind the Django session to the session at Hydra that its user signed in with.

    Call it where the site signs the user in, before or after ``login()``.

    Args:
        request: the request with the Django session.
        id_token_claims: the claims of the ID token, which the library has verified: ``iss``, ``aud``, ``sub``
            and, if Hydra sends it, ``sid``, the session that a logout ends.

    Raises:
        OryConfigurationError: ``settings.ORY`` has no project with this issuer and client. Its logouts would
            not be accepted, so the user would stay signed in.
    """
    hold_provider_session(request, id_token_claims)
    store_held_session(request)


def hold_provider_session(request: HttpRequest, id_token_claims: Mapping[str, Any]) -> None:
    """``remember_provider_session``, which takes effect when ``login()`` succeeds in this request."""
    alias = find_alias(id_token_claims.get("iss"), id_token_claims.get("aud"))
    if alias is None:
        raise OryConfigurationError(
            "The ID token is of an issuer or a client that settings.ORY does not have. Set OAUTH2_ISSUER to "
            "its iss and add its aud to LOGOUT_CLIENT_IDS, character by character."
        )
    sid, subject, issued_at = (id_token_claims.get(name) for name in ("sid", "sub", "iat"))
    entry = [
        alias,
        sid if isinstance(sid, str) else "",
        subject if isinstance(subject, str) else "",
        issued_at if isinstance(issued_at, int | float) else time.time(),
    ]
    setattr(request, REQUEST_ATTRIBUTE, entry)


def store_held_session(request: HttpRequest) -> None:
    """Write the entry of this request to the Django session. ``login()`` may have emptied the session."""
    entry = getattr(request, REQUEST_ATTRIBUTE, None)
    if entry is not None and hasattr(request, "session"):
        request.session[PROVIDER_SESSION_KEY] = entry


def has_ended(entry: Any) -> bool:
    """Whether a logout has ended the session with this entry, or the entry is invalid or too old."""
    if not isinstance(entry, list | tuple) or len(entry) != 4:
        return True
    alias, sid, subject, issued_at = entry
    if not isinstance(issued_at, int | float) or time.time() - issued_at > MAX_SIGN_IN_AGE.total_seconds():
        return True
    by_subject = Q(target_digest=_hash(alias, "sub", subject), issued_at__gte=issued_at)
    by_sid = Q(target_digest=_hash(alias, "sid", sid))
    return EndedSession.objects.filter(by_sid | by_subject if sid else by_subject).exists()


def end_provider_session(token: LogoutToken) -> bool:
    """End the Django sessions that a logout token names. Returns False if the token was accepted before.

    A token with ``sid`` ends the sessions of this sign-in; one with ``sub`` alone ends the sessions of all
    sign-ins of the user until then.
    """
    kind, value = ("sid", token.sid) if token.sid else ("sub", token.subject)
    try:
        with transaction.atomic():
            EndedSession.objects.create(
                token_digest=_hash(token.alias, "jti", token.token_id),
                target_digest=_hash(token.alias, kind, value),
                issued_at=token.issued_at,
                expires_at=timezone.now() + MAX_SIGN_IN_AGE,
            )
    except IntegrityError:
        return False
    return True


def delete_expired_rows() -> int:
    """Delete the rows of logouts after 400 days. Returns their number."""
    return EndedSession.objects.filter(expires_at__lt=timezone.now()).delete()[0]


def find_alias(issuer: object, audience: object) -> str | None:
    """Return the project with an issuer (``iss``) and one of its clients (``aud``); None if there is none."""
    clients = {audience} if isinstance(audience, str) else set()
    if isinstance(audience, list | tuple):
        clients = {each for each in audience if isinstance(each, str)}
    for alias in aliases():
        settings = get_settings(alias)
        if issuer and settings.oauth2_issuer == issuer and clients & set(settings.logout_client_ids):
            return alias
    return None


def _hash(*parts: str) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
