"""``ory:kratos_hook``: the endpoint of Kratos' web hooks. Off until ``WEBHOOK_SECRETS`` is set.

Kratos does not wait for the response (``response.ignore: true``). After a 5xx, or no response within 30
seconds, Kratos repeats a post twice. Then the post is lost.
"""

from __future__ import annotations

import logging
from typing import Any

from django.db import Error as DatabaseFailure
from django.http import HttpResponse

from django_ory.authentication.invalidation import invalidate_identity
from django_ory.http.server_posts import RejectedPost, ServerPostView

from .deliveries import record_notification
from .notifications import HOOK_SECRET_HEADER, InvalidNotification, Notification
from .processing import process_deliveries, process_elsewhere

logger = logging.getLogger("django_ory.webhooks")

MAX_NOTIFICATION_BYTES = 64 * 1024
#: A process starts no further call after this time, so that it is soon free for requests.
INLINE_SECONDS = 3.0


class RecordedResponse(HttpResponse):
    """The response to a recorded post. Servers close a response after sending it; then the work is done."""

    status_code = 202

    def __init__(self, alias: str) -> None:
        # Without a length, a client would wait until the connection is closed.
        super().__init__(headers={"Content-Length": "0"})
        self._alias = alias

    def close(self) -> None:
        """Process the deliveries of the project that are due, for some seconds at most."""
        try:
            if not self.closed:
                process_deliveries(aliases=[self._alias], stop_after=INLINE_SECONDS)
        except Exception as error:  # noqa: BLE001 (the client has its response, and the delivery is recorded)
            logger.error("Web hooks not processed: %s. They stay recorded.", type(error).__name__)
        finally:
            super().close()


class KratosHookView(ServerPostView):
    """Records that an identity may have changed."""

    secrets_settings = ("webhook_secrets",)
    secret_header = HOOK_SECRET_HEADER
    max_bytes = MAX_NOTIFICATION_BYTES
    invalid_document = InvalidNotification
    logger = logger
    rejection_log = "Post to ory:kratos_hook rejected (project %s, status %d): %s."
    rejection_error = ("webhook_rejected", "The web hook was not accepted.")

    def accept(self, document: Any, *, alias: str) -> HttpResponse:
        notification = Notification.from_json(document, alias=alias)
        try:
            record_notification(notification)
        except DatabaseFailure as error:
            raise RejectedPost(503, f"the database failed ({type(error).__name__})") from error
        # The row may take until a worker runs. Sessions with the former identity must not be used until then.
        invalidate_identity(notification.identity_id, alias=alias)
        return HttpResponse(status=202) if process_elsewhere(alias) else RecordedResponse(alias)
