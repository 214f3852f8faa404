"""Posts of Kratos to this site: a shared secret in a header, and a JSON document of limited size."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest
from django.http.request import UnreadablePostError
from django.utils.crypto import constant_time_compare

#: The size limit of a post, which may contain an identity. Kratos accepts 5 MB of traits at registration.
MAX_POST_BYTES = 6 * 1024 * 1024


class RejectedPost(Exception):
    """A post that is not one of Kratos. The text has no value of the post."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


def check_secret(request: HttpRequest, *, header: str, secrets: Sequence[str]) -> None:
    """Raise RejectedPost unless the header has one of the secrets.

    Several secrets are valid at once, so that a secret can be replaced without an outage.
    """
    given = request.headers.get(header, "")
    # Every secret is compared, so that the time does not depend on the position of the right one.
    matches = [constant_time_compare(given, secret) for secret in secrets if secret]
    if not any(matches):
        raise RejectedPost(403, f"the secret in {header} is missing or wrong")


def read_json(request: HttpRequest) -> Any:
    """Return the JSON document of a post of at most ``MAX_POST_BYTES``. Raises RejectedPost."""
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
