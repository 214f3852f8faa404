"""Ory does not answer while a page is made: one warning a minute, a signal, and a page with 503."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from django_ory.client import OryCircuitOpen, OryClient
from django_ory.signals import ory_unavailable

from .developer_hints import advice_for, server_url
from .unavailable import RETRY_AFTER, unavailable_response
from .windows import once_per_window

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from django_ory.client import OryError

__all__ = ["outage_response", "service_of"]

logger = logging.getLogger("django_ory")

#: How the paths begin that pages ask Hydra for.
HYDRA = ("/admin/oauth2/", "/admin/clients")


def service_of(error: OryError) -> str:
    """Whose answer it was: "Hydra" or "Kratos"."""
    path = error.operation.partition(" ")[2]
    return "Hydra" if path.startswith(HYDRA) else "Kratos"


def outage_response(request: HttpRequest, error: OryError, *, alias: str) -> HttpResponse:
    """Report an outage and answer 503, with ``Retry-After`` as Ory said if it did.

    One of Kratos shares its window in the log with the question who is asking.
    """
    if not isinstance(error, OryCircuitOpen):  # the failure behind that was reported
        service = service_of(error)
        once_per_window.warn(
            logger,
            (service.lower(), alias),
            "%s is unavailable for a page (project %s, %s): %s%s",
            service,
            alias,
            server_url(alias, error),
            error,
            advice_for(alias, error),
        )
        ory_unavailable.send_robust(OryClient, request=request, alias=alias, error=error)
    return unavailable_response(
        request, retry_after=getattr(error, "retry_after", None) or RETRY_AFTER, error=error
    )
