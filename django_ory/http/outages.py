"""Failed calls to Ory: one warning a minute, a signal, and for pages a 503."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from django_ory.client import OryCircuitOpen, OryClient
from django_ory.resilience.log_throttle import once_per_window
from django_ory.signals import ory_unavailable

from .developer_hints import build_advice, get_server_url, get_service_name
from .responses import RETRY_AFTER, unavailable_response

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from django_ory.client import OryError

__all__ = ["outage_response", "report_outage"]

logger = logging.getLogger("django_ory")


def report_outage(request: HttpRequest, error: OryError, *, alias: str, what: str) -> None:
    """Log a failed call and send ``ory_unavailable``.

    ``what``: the start of the log line. Pages and the session lookup share the window of a service in the
    log. OryCircuitOpen is not reported: the failure that opened the circuit was.
    """
    if isinstance(error, OryCircuitOpen):
        return
    once_per_window.warn(
        logger,
        (get_service_name(error).lower(), alias),
        "%s (project %s, %s): %s%s",
        what,
        alias,
        get_server_url(alias, error),
        error,
        build_advice(alias, error),
    )
    ory_unavailable.send_robust(OryClient, request=request, alias=alias, error=error)


def outage_response(request: HttpRequest, error: OryError, *, alias: str) -> HttpResponse:
    """Report an outage and return a 503, with the ``Retry-After`` of Ory's response if it has one."""
    report_outage(request, error, alias=alias, what=f"{get_service_name(error)} is unavailable for a page")
    return unavailable_response(
        request, retry_after=getattr(error, "retry_after", None) or RETRY_AFTER, error=error
    )
