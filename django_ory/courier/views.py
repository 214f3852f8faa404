"""``ory:courier``: the endpoint of Kratos' HTTP courier. Off until ``COURIER_SECRETS`` is set.

Every 2xx makes Kratos count the message as sent. A 503 is tried again three times per
delivery, a 4xx once. After ``courier.message_retries`` deliveries the message is abandoned.
"""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse, JsonResponse
from django.http.request import UnreadablePostError
from django.utils.crypto import constant_time_compare
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_variables

from django_ory.conf import aliases, get_settings
from django_ory.http.responses import json_error
from django_ory.resilience.log_throttle import throttled_log

from .delivery import Delivery, deliver
from .messages import SECRET_HEADER, CourierMessage, InvalidMessage

if TYPE_CHECKING:
    from django.http import HttpRequest

__all__ = ["CourierView"]

logger = logging.getLogger("django_ory.courier")

#: The size limit of a post: a message with an identity. Kratos accepts 5 MB of traits at registration.
MAX_POST_BYTES = 6 * 1024 * 1024

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


class RejectedPost(Exception):
    """A post that is not a message of Kratos."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


@method_decorator([never_cache, login_not_required, csrf_exempt, sensitive_variables()], name="dispatch")
class CourierView(View):
    """Sends one mail or SMS of Kratos. Answers contain neither recipient nor code."""

    http_method_names = ["post"]  # noqa: RUF012 (as Django declares it)

    def post(self, request: HttpRequest, alias: str) -> HttpResponse:
        secrets = get_settings(alias).courier_secrets if alias in aliases() else []
        if not secrets:
            raise Http404
        try:
            _check_secret(request, secrets)
            message = CourierMessage.from_json(_read_json(request), alias=alias)
            outcome = deliver(message)
        except RejectedPost as error:
            return _reject(alias, error.status, str(error))
        except InvalidMessage as error:
            return _reject(alias, 422, str(error))
        response = JsonResponse({"outcome": outcome.value}, status=DELIVERY_STATUSES[outcome])
        if response.status_code == 503:
            response["Retry-After"] = str(RETRY_POST_SECONDS)
        return response


def _check_secret(request: HttpRequest, secrets: list[str]) -> None:
    given = request.headers.get(SECRET_HEADER, "")
    # Every secret is compared, so that the time does not depend on the position of the right one.
    matches = [constant_time_compare(given, secret) for secret in secrets if secret]
    if not any(matches):
        raise RejectedPost(403, f"the secret in {SECRET_HEADER} is missing or wrong")


def _read_json(request: HttpRequest) -> Any:
    if request.content_type != "application/json":
        raise RejectedPost(415, "the content type is not application/json")
    try:
        # Not request.body: DATA_UPLOAD_MAX_MEMORY_SIZE is for forms, and smaller than an identity may be.
        body = request.read(MAX_POST_BYTES + 1)
    except UnreadablePostError:
        raise RejectedPost(400, "the connection was closed before the end of the body") from None
    if len(body) > MAX_POST_BYTES:
        raise RejectedPost(413, f"the body is larger than {MAX_POST_BYTES} bytes")
    try:
        document = json.loads(body)
        json.dumps(document, ensure_ascii=False).encode()  # no mail can contain half a surrogate pair
        return document
    except (ValueError, RecursionError):
        raise RejectedPost(400, "the body is not JSON") from None


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
