"""One client per alias, shared by the process: ``get_client().to_session(...)``.

Its calls to Kratos and Hydra pass the circuit breakers of ``fail_fast``.
"""

from __future__ import annotations

from typing import Any, TypeVar

from .client import OryClient, Timeout
from .conf import PerAlias, get_settings
from .fail_fast import FailFast
from .resilience.fork import call_in_child

__all__ = ["get_client", "new_client"]

Client = TypeVar("Client", bound=OryClient)


@PerAlias
def get_client(alias: str) -> OryClient:
    """The client for ``settings.ORY[alias]``. Thread-safe and fork-safe, so one per process."""
    return OryClient(**_arguments(alias), interceptor=lambda call, send: get_fail_fast(alias)(call, send))


@PerAlias
def get_fail_fast(alias: str) -> FailFast:
    """The circuit breakers of an alias in this process, as an interceptor."""
    return FailFast(get_settings(alias), new_client(OryClient, alias))


# In a child the threads whose calls were counted do not exist, and a lock may never be free.
call_in_child(get_fail_fast.clear)


def new_client(kind: type[Client], alias: str) -> Client:
    """Another client with the same settings, of a subclass of OryClient. It has no circuit breaker."""
    return kind(**_arguments(alias))


def _arguments(alias: str) -> dict[str, Any]:
    s = get_settings(alias)
    return {
        "kratos_public_url": s.kratos_public_url,
        "kratos_admin_url": s.kratos_admin_url,
        "hydra_public_url": s.hydra_public_url,
        "hydra_admin_url": s.hydra_admin_url,
        "keto_read_url": s.keto_read_url,
        "keto_write_url": s.keto_write_url,
        "console_url": s.console_url,
        "sdk_url": s.sdk_url,
        "api_key": s.api_key,
        "timeout": Timeout(connect=s.connect_timeout, total=s.timeout),
        "max_response_bytes": s.max_response_bytes,
        "pool_size": s.pool_size,
        "ca_bundle": s.ca_bundle or None,
        "proxy": s.proxy,
    }
