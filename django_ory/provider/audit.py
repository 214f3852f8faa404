"""The audit log: one event per decision of the provider, to the logger ``django_ory.audit`` and a signal.

An event has ids, codes and scopes. It never has a secret, token, challenge, trait or e-mail address.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal

from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest

from django_ory.signals import decision_recorded

logger = logging.getLogger("django_ory.audit")

#: Longer values are cut. The client chooses the scopes and often its own id.
MAX_VALUE_LENGTH = 1_000

EventName = Literal[
    "login.accepted",
    "login.rejected",
    "consent.granted",
    "consent.denied",
    "logout.accepted",
    "logout.denied",
    "device.accepted",
    "device.rejected",
    "grant.revoked",
    "token.issued",
    "token.denied",
    "client.registered",
    "client.rejected",
    "backchannel.received",
    "backchannel.rejected",
    "throttle.exceeded",
    "request.failed",
]


@dataclass(frozen=True, kw_only=True)
class EventType:
    """A kind of event. ``owasp``: its name in OWASP's logging vocabulary, "" if that has none."""

    summary: str
    level: int = logging.INFO
    owasp: str = ""


#: Names are stable. An event is recorded after the server has carried out the decision.
EVENTS: dict[EventName, EventType] = {
    "login.accepted": EventType(summary="The user is signed in to the client.", owasp="authn_login_success"),
    "login.rejected": EventType(
        summary="The client gets an error instead of a login.",
        level=logging.WARNING,
        owasp="authn_login_fail",
    ),
    "consent.granted": EventType(summary="The client gets access.", owasp="privilege_permissions_changed"),
    "consent.denied": EventType(summary="The client gets no access.", owasp="authz_fail"),
    "logout.accepted": EventType(summary="The user is signed out.", owasp="session_expired"),
    "logout.denied": EventType(summary="The user stays signed in."),
    "device.accepted": EventType(
        summary="The user entered the code of a device.", owasp="authn_login_success"
    ),
    "device.rejected": EventType(
        summary="The code of a device is wrong, used or expired.",
        level=logging.WARNING,
        owasp="authn_login_fail",
    ),
    "grant.revoked": EventType(summary="The access of a client ended.", owasp="authn_token_revoked"),
    "token.issued": EventType(
        summary="A token was issued, refreshed, or issued on behalf of a user.", owasp="authn_token_created"
    ),
    "token.denied": EventType(
        summary="A token was not issued or not refreshed.", level=logging.WARNING, owasp="authz_fail"
    ),
    "client.registered": EventType(summary="A client registered itself."),
    "client.rejected": EventType(
        summary="The registration of a client was rejected.",
        level=logging.WARNING,
        owasp="input_validation_fail",
    ),
    "backchannel.received": EventType(
        summary="The provider ended sessions of this site.", owasp="session_expired"
    ),
    "backchannel.rejected": EventType(
        summary="A logout token is not valid.", level=logging.WARNING, owasp="input_validation_fail"
    ),
    "throttle.exceeded": EventType(
        summary="Too many attempts.", level=logging.WARNING, owasp="excess_rate_limit_exceeded"
    ),
    "request.failed": EventType(
        summary="The browser got an error page instead of a decision.", level=logging.WARNING
    ),
}


@dataclass(frozen=True, kw_only=True)
class AuditEvent:
    """One decision. All values are printable and cut; "" if unknown. Lists are separated by spaces."""

    event: EventName
    owasp: str
    alias: str  #: the key in ``settings.ORY``
    client_id: str
    subject: str  #: the OAuth2 subject
    user_pk: str  #: the primary key of the Django user
    acr: str
    scope: str
    audience: str
    reason: str  #: a code, never a message


def record_event(
    event: EventName,
    *,
    alias: str,
    request: HttpRequest | None = None,
    client_id: str | None = "",
    subject: str | None = "",
    user: AbstractBaseUser | None = None,
    acr: str | None = "",
    scope: Iterable[str] = (),
    audience: Iterable[str] = (),
    reason: str = "",
) -> AuditEvent:
    """Record a decision that the server has carried out. Receivers that raise are logged and ignored.

    Args:
        event: A name in ``EVENTS``.
        alias: The key in ``settings.ORY``.
        request: The request of the user, for receivers only: it is not logged.
        client_id: The OAuth2 client.
        subject: The OAuth2 subject.
        user: The Django user of the subject. Only the primary key is recorded.
        acr: The level of the login.
        scope: The granted scopes, or the rejected ones.
        audience: The granted audience, or the rejected one.
        reason: A code such as ``access_denied``. Never a message, which can contain secrets.
    """
    known = EVENTS[event]
    recorded = AuditEvent(
        event=event,
        owasp=known.owasp,
        alias=alias,
        client_id=_escape(client_id),
        subject=_escape(subject),
        user_pk=_escape(user.pk if user is not None else ""),
        acr=_escape(acr),
        scope=_escape(" ".join(scope)),
        audience=_escape(" ".join(audience)),
        reason=_escape(reason),
    )
    values: dict[str, Any] = asdict(recorded)
    shown = {name: value for name, value in values.items() if value and name not in ("event", "owasp")}
    logger.log(known.level, "%s %s", event, json.dumps(shown), extra=values)
    decision_recorded.send_robust(AuditEvent, event=recorded, request=request)
    return recorded


def _escape(value: object) -> str:
    """Cut a value and escape what is not printable: a line break would forge a line of the log."""
    text = "" if value is None else str(value)[:MAX_VALUE_LENGTH]
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode("ascii") for each in text
    )
