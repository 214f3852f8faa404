"""The limits for requests of unknown clients, per address and for the whole project."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest

from django_ory.conf import PerAlias, get_settings
from django_ory.http.addresses import get_address_key
from django_ory.provider.audit import record_event
from django_ory.resilience.attempt_throttle import AttemptThrottle
from django_ory.resilience.fail_safe_cache import FailSafeCache

#: The length of the windows. Also the time after which a client is told to try again.
THROTTLE_SECONDS = 600
MAX_REGISTRATIONS_PER_ADDRESS = 20
MAX_REGISTRATIONS = 100
MAX_DOCUMENTS_PER_ADDRESS = 20
MAX_DOCUMENTS = 100
MAX_NEW_PORTS_PER_ADDRESS = 20


@dataclass(frozen=True, kw_only=True)
class AgentThrottles:
    """The throttles of one project."""

    registrations: AttemptThrottle
    all_registrations: AttemptThrottle
    documents: AttemptThrottle
    all_documents: AttemptThrottle
    ports: AttemptThrottle


@PerAlias
def get_throttles(alias: str) -> AgentThrottles:
    """Return the throttles of one project."""
    cache = FailSafeCache(get_settings(alias).session_cache_alias)

    def build(name: str, limit: int) -> AttemptThrottle:
        return AttemptThrottle(cache, name=name, limit=limit, seconds=THROTTLE_SECONDS)

    return AgentThrottles(
        registrations=build("client registration", MAX_REGISTRATIONS_PER_ADDRESS),
        all_registrations=build("client registrations", MAX_REGISTRATIONS),
        documents=build("client document", MAX_DOCUMENTS_PER_ADDRESS),
        all_documents=build("client documents", MAX_DOCUMENTS),
        ports=build("loopback port", MAX_NEW_PORTS_PER_ADDRESS),
    )


def take_attempt(
    request: HttpRequest,
    throttle: AttemptThrottle,
    *,
    alias: str,
    reason: str,
    total: AttemptThrottle | None = None,
) -> bool:
    """Count a request for its address, and then for the project. Returns False after too many.

    ``reason``: the code for the audit log.
    """
    allowed = throttle.take(alias, get_address_key(request)) and (total is None or total.take(alias))
    if not allowed:
        record_event("throttle.exceeded", alias=alias, request=request, reason=reason)
    return allowed
