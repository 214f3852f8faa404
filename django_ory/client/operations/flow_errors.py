"""Errors of Kratos' self-service flows."""

from __future__ import annotations

from django_ory.client import models

from .operation import FlowOperations, operation


class FlowErrorOperations(FlowOperations):
    """Stored errors, for the error page."""

    @operation
    def get_self_service_error(self, *, id: str) -> models.FlowError:
        """Get the error with the ``id`` from the URL of the error page.

        Raises OryNotFound, OryForbidden.
        Source: Kratos, GET /self-service/errors; first in v0.10.1.
        """
        return self._send_flow("GET /self-service/errors", models.FlowError, id=id)

    get_flow_error = get_self_service_error
