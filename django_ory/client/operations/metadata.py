"""Health and version of any service, and the configuration of Ory Elements."""

from __future__ import annotations

from typing import TypeVar

from django_ory.client import models
from django_ory.client.errors import OryUsageError
from django_ory.client.services import KRATOS_ADMIN, NETWORK_PUBLIC, SERVICES
from django_ory.client.transport import Call

from .operation import Operations, endpoint, operation

T = TypeVar("T")


class MetadataOperations(Operations):
    """``service`` is the name of a URL argument without "_url": kratos_public, hydra_admin, ..."""

    @operation
    def is_alive(self, *, service: str = "kratos_public") -> models.HealthStatus:
        """Check whether a service answers HTTP requests.

        Source: Kratos and Hydra, GET /health/alive; first in v0.10.1 and v2.0.3.
        """
        return self._ask("/health/alive", service, models.HealthStatus)

    @operation
    def is_ready(self, *, service: str = "kratos_public") -> models.HealthStatus:
        """Check whether a service answers and reaches its database.

        Raises OryServerError (503) if not; ``body["errors"]`` has the reasons.
        Source: Kratos and Hydra, GET /health/ready; first in v0.10.1 and v2.0.3.
        """
        return self._ask("/health/ready", service, models.HealthStatus)

    @operation
    def get_version(self, *, service: str = "kratos_admin") -> models.Version:
        """Get the version of a service. A self-hosted Kratos has it on the admin API only.

        Source: Kratos and Hydra, GET /version; first in v0.10.1 and v2.0.3.
        """
        return self._ask("/version", service, models.Version)

    @endpoint("GET /elements/configuration", NETWORK_PUBLIC)
    def get_configuration(self) -> models.ElementsConfiguration:
        """Theme and page URLs of Ory Elements.

        Raises OryBadRequest, OryUnauthorized, OryForbidden.
        """

    def _ask(self, path: str, name: str, returns: type[T]) -> T:
        try:
            service = SERVICES[name]
        except (KeyError, TypeError):
            raise OryUsageError(f"service must be one of {', '.join(SERVICES)}.") from None
        if service is KRATOS_ADMIN and not self._transport.shares_project_url(service):
            # That port has these under /admin, and answers the documented path with a redirect to there.
            path = f"/admin{path}"
        return self._send(Call(f"GET {path}", service, "GET", path, {}, None, allow_repeat=True), returns)
