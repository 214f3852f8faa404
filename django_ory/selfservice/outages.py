"""Kratos does not answer while a page is made: one warning a minute, a signal, and a page with 503."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from django_ory.client import OryClient
from django_ory.sessions.unavailable import RETRY_AFTER, unavailable_response
from django_ory.sessions.windows import once_per_window
from django_ory.signals import ory_unavailable

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from django_ory.client import OryError

__all__ = ["outage_response"]

logger = logging.getLogger("django_ory")


def outage_response(request: HttpRequest, error: OryError, *, alias: str) -> HttpResponse:
    """Report an outage and answer 503. Shares its window in the log with the question who is asking."""
    once_per_window.warn(
        logger, ("kratos", alias), "Kratos (%s) does not answer for a page: %s", alias, error
    )
    ory_unavailable.send_robust(OryClient, request=request, alias=alias, error=error)
    return unavailable_response(request, retry_after=getattr(error, "retry_after", None) or RETRY_AFTER)
