"""Errors of Kratos' self-service flows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django_ory.client.services import KRATOS_PUBLIC

from .operation import Operations, endpoint

if TYPE_CHECKING:
    from django_ory.client import models


class FlowErrorOperations(Operations):
    """Stored errors, for the error page."""

    @endpoint("GET /self-service/errors", KRATOS_PUBLIC, has_user_data=True, since="v0.10.1")
    def get_self_service_error(self, *, id: str) -> models.FlowError:
        """Get the error with the ``id`` from the URL of the error page.

        Raises OryNotFound, OryForbidden.
        """

    get_flow_error = get_self_service_error
