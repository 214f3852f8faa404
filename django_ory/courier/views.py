"""``ory:courier``: the endpoint of Kratos' HTTP courier. Off until ``COURIER_SECRETS`` is set.

Every 2xx makes Kratos count the message as sent. A 503 is tried again three times per
delivery, a 4xx once. After ``courier.message_retries`` deliveries the message is abandoned.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse, JsonResponse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_variables

from django_ory.conf import aliases, get_settings
from django_ory.http.responses import json_error
from django_ory.http.server_posts import RejectedPost, check_secret, read_json
from django_ory.resilience.log_throttle import throttled_log

from .delivery import Delivery, deliver
from .messages import SECRET_HEADER, CourierMessage, InvalidMessage

if TYPE_CHECKING:
    from django.http import HttpRequest

__all__ = ["CourierView"]

logger = logging.getLogger("django_ory.courier")

#: Seconds until Kratos tries again after a 503. Later messages wait, because Kratos sends one at a time.
RETRY_POST_SECONDS = 5

DELIVERY_STATUSES = {
    Delivery.SENT: 200,
    Delivery.REPEATED: 200,
    Delivery.NOT_ALLOWED: 200,
    Delivery.REFUSED: 422,
    Delivery.SENDING: 503,
    Delivery.FAILED: 503,
}


@method_decorator([never_cache, login_not_required, csrf_exempt, sensitive_variables()], name="dispatch")
class CourierView(View):
    """Sends one mail or SMS of Kratos. Answers contain neither recipient nor code."""

    http_method_names = ["post"]  # noqa: RUF012 (as Django declares it)

    def post(self, request: HttpRequest, alias: str) -> HttpResponse:
        secrets = get_settings(alias).courier_secrets if alias in aliases() else []
        if not secrets:
            raise Http404
        try:
            check_secret(request, header=SECRET_HEADER, secrets=secrets)
            message = CourierMessage.from_json(read_json(request), alias=alias)
            outcome = deliver(message)
        except RejectedPost as error:
            return _reject(alias, error.status, str(error))
        except InvalidMessage as error:
            return _reject(alias, 422, str(error))
        response = JsonResponse({"outcome": outcome.value}, status=DELIVERY_STATUSES[outcome])
        if response.status_code == 503:
            response["Retry-After"] = str(RETRY_POST_SECONDS)
        return response


def _reject(alias: str, status: int, reason: str) -> HttpResponse:
    throttled_log.warn(
        logger,
        ("courier", alias, status, reason),
        "Post to ory:courier rejected (project %s, status %d): %s.",
        alias,
        status,
        reason,
    )
    return json_error(status, "courier_rejected", "The message was not accepted.")
