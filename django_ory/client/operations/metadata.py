"""Health and version of any service, and the configuration of Ory Elements."""

from __future__ import annotations

from django_ory.client import models
from django_ory.client.errors import OryUsageError
from django_ory.client.services import KRATOS_ADMIN, NETWORK_PUBLIC, SERVICES, Service

from .operation import Operations, operation

__all__ = ["MetadataOperations"]


class MetadataOperations(Operations):
    """``service`` is the name of a URL argument without "_url": kratos_public, hydra_admin, ..."""

    @operation
    def is_alive(self, *, service: str = "kratos_public") -> models.HealthStatus:
        """Whether a service answers HTTP at all.

        Source: Kratos and Hydra, GET /health/alive; first in v0.10.1 and v2.0.3.
        """
        return self._send(_route("/health/alive", service), _service(service), models.HealthStatus)

    @operation
    def is_ready(self, *, service: str = "kratos_public") -> models.HealthStatus:
        """Whether a service answers and reaches its database.

        Raises OryServerError (503) where it does not; ``body["errors"]`` says what is missing.
        Source: Kratos and Hydra, GET /health/ready; first in v0.10.1 and v2.0.3.
        """
        return self._send(_route("/health/ready", service), _service(service), models.HealthStatus)

    @operation
    def get_version(self, *, service: str = "kratos_admin") -> models.Version:
        """The version of a service. Kratos tells on its admin API only.

        Source: Kratos and Hydra, GET /version; first in v0.10.1 and v2.0.3.
        """
        return self._send(_route("/version", service), _service(service), models.Version)

    @operation
    def get_configuration(self) -> models.ElementsConfiguration:
        """How Ory Elements should look and where its pages are.

        Source: Ory Network, GET /elements/configuration.
        """
        return self._send("GET /elements/configuration", NETWORK_PUBLIC, models.ElementsConfiguration)


def _route(path: str, service: str) -> str:
    # Kratos' admin port has these under /admin, and answers the documented path with a redirect to there.
    return f"GET /admin{path}" if service == KRATOS_ADMIN.name else f"GET {path}"


def _service(name: str) -> Service:
    try:
        return SERVICES[name]
    except KeyError:
        raise OryUsageError(f"service must be one of {', '.join(SERVICES)}.") from None
