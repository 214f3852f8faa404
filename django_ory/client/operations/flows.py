"""Kratos' self-service flows: make one, fetch it, submit it."""

from __future__ import annotations

from django_ory.client import models
from django_ory.client.services import KRATOS_PUBLIC
from .operation import Operations, operation

__all__ = ["LoginOperations"]


class LoginOperations(Operations):
    """Login."""

    @operation
    def get_self_service_login_flow(self, *, id: str, cookie: str | None = None) -> models.LoginFlow:
        """Fetch a login flow.

        ``cookie`` must hold the browser's CSRF cookie. Raises OryNotFound, FlowGone, CSRFViolation.
        Source: Kratos, GET /self-service/login/flows; first in v0.10.1.
        """
        return self._send(
            "GET /self-service/login/flows",
            KRATOS_PUBLIC,
            models.LoginFlow,
            query={"id": id},
            headers={"Cookie": cookie},
        )

    get_login_flow = get_self_service_login_flow
