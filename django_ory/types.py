"""Types for the annotations of a project's own views."""

from __future__ import annotations

from django.http import HttpRequest

from .authentication.request import OryRequest
from .authentication.requirements import Requirement

__all__ = ["OryHttpRequest", "OryRequest", "Requirement"]


class OryHttpRequest(HttpRequest):
    """A request that passed ``OryMiddleware``: Django's, with ``request.ory``. For annotations only.

    The type of ``request.user`` is the one of ``HttpRequest`` in django-stubs.
    """

    ory: OryRequest
