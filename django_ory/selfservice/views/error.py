"""The error page, and the explanations that other pages render.

Nothing from a URL is shown, because visitors would read it as a text of the site. Kratos' reason of an error
is not shown either, because Kratos repeats parts of a URL there.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from django.conf import settings as django_settings
from django.shortcuts import render

from django_ory.authentication.request import get_ory
from django_ory.client import OryError, OryNotFound
from django_ory.client.identifiers import parse_uuid
from django_ory.clients import get_client
from django_ory.http.responses import outage_response
from django_ory.http.views import PageView
from django_ory.selfservice.decisions.errors import classify_error, is_outage
from django_ory.selfservice.texts.explanations import EXPLANATIONS

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

__all__ = ["FlowErrorView", "render_explanation"]

logger = logging.getLogger("django_ory.selfservice")


class FlowErrorView(PageView):
    """Explains an error that Kratos stored under the ``id`` of the query."""

    http_method_names = ["get", "head"]  # noqa: RUF012 (as Django declares it)

    def get(self, request: HttpRequest) -> HttpResponse:
        error_id = request.GET.get("id", "")
        if not parse_uuid(error_id):  # no other id is sent to Kratos
            return render_explanation(request, "error")
        alias = get_ory(request).alias
        try:
            stored = get_client(alias).get_self_service_error(id=error_id)
        except OryNotFound:
            return render_explanation(request, "expired", reference=error_id)
        except OryError as error:
            if is_outage(error):
                return outage_response(request, error, alias=alias)
            return render_explanation(request, "error", reference=error_id)
        details = stored.error or {}
        reason = classify_error(details)
        if reason == "return_to":
            logger.warning("Kratos rejected a return_to. Check selfservice.allowed_return_urls of Kratos.")
        hint = str(details.get("reason") or "") if django_settings.DEBUG else ""
        return render_explanation(request, reason, hint=hint, reference=error_id)


def render_explanation(request: HttpRequest, reason: str, *, again: str = "", **context: Any) -> HttpResponse:
    """Render the page for a reason: a key of ``EXPLANATIONS``.

    Args:
        request: The request.
        reason: A key of ``EXPLANATIONS``.
        again: The URL that starts again.
        **context: ``hint`` for developers, ``reference`` for support.
    """
    explanation = EXPLANATIONS[reason]
    variables = {"reason": reason, "explanation": explanation, "again": again, **context}
    return render(request, "ory/selfservice/explain.html", variables, status=explanation.status)
