"""``ory:courier``: the endpoint of Kratos' HTTP courier. Off until ``COURIER_SECRETS`` is set.

Every 2xx makes Kratos count the message as sent. A 503 is tried again three times per
delivery, a 4xx once. After ``courier.message_retries`` deliveries the message is abandoned.
"""

from __future__ import annotations

import logging
from typing import Any

from django.http import HttpResponse, JsonResponse

from django_ory.http.server_posts import ServerPostView

from .delivery import Delivery, deliver
from .messages import SECRET_HEADER, CourierMessage, InvalidMessage

__all__ = ["CourierView"]

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


class CourierView(ServerPostView):
    """Sends one mail or SMS of Kratos. Answers contain neither recipient nor code."""

    secrets_settings = ("courier_secrets",)
    secret_header = SECRET_HEADER
    invalid_document = InvalidMessage
    logger = logging.getLogger("django_ory.courier")
    rejection_log = "Post to ory:courier rejected (project %s, status %d): %s."
    rejection_error = ("courier_rejected", "The message was not accepted.")

    def accept(self, document: Any, *, alias: str) -> HttpResponse:
        outcome = deliver(CourierMessage.from_json(document, alias=alias))
        response = JsonResponse({"outcome": outcome.value}, status=DELIVERY_STATUSES[outcome])
        if response.status_code == 503:
            response["Retry-After"] = str(RETRY_POST_SECONDS)
        return response
