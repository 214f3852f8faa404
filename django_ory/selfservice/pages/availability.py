"""Whether registration, recovery and verification are enabled in the configuration of Kratos.

A flow is looked up by an id that does not exist, which creates nothing. Kratos returns 404 for an enabled
flow and 400 for a disabled one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django_ory.client import OryAPIError, OryError
from django_ory.clients import get_client
from django_ory.conf import get_settings
from django_ory.resilience.fail_safe_cache import Store
from django_ory.selfservice.decisions.errors import is_disabled

if TYPE_CHECKING:
    from django_ory.selfservice.flow_types import FlowType

__all__ = ["OFFERED_SECONDS", "is_offered"]

#: How long a result is cached, and how long Kratos is not called again after a failure.
OFFERED_SECONDS = 60
FAILURE_SECONDS = 10

NO_FLOW = str(UUID(int=0))
KEY = "django_ory:offered:{alias}:{name}"


def is_offered(kind: FlowType, *, alias: str) -> bool:
    """Whether this flow is enabled; True if Kratos is unavailable. At most one call per minute and flow."""
    store = Store(get_settings(alias).session_cache_alias)
    key = KEY.format(alias=alias, name=kind.name)
    known = store.get(key)
    if isinstance(known, bool):
        return known
    offered, seconds = True, OFFERED_SECONDS
    try:
        getattr(get_client(alias), kind.operation)(id=NO_FLOW)
    except OryAPIError as error:
        offered = not is_disabled(error.id, error.reason)
    except OryError:
        seconds = FAILURE_SECONDS
    store.set(key, offered, seconds)
    return offered
