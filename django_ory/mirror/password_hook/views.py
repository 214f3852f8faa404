"""The endpoint of Kratos' password migration hook. Off until ``PASSWORD_MIGRATION_SECRETS`` is set.

Kratos accepts the password after 200 with ``password_match``, and shows "wrong password" after 403. After a
5xx it posts twice more, then the sign-in ends with an error.
"""

from __future__ import annotations

import logging
from typing import Any

from django.http import HttpResponse, JsonResponse

from django_ory.http.server_posts import RejectedPost, ServerPostView

from . import MIGRATION_SECRET_HEADER
from .checking import InvalidPasswordCheck, PasswordAnswer, PasswordCheck, answer_password_check

__all__ = ["PasswordMigrationView"]

MAX_CHECK_BYTES = 64 * 1024


class PasswordMigrationView(ServerPostView):
    """Checks the password of one sign-in. Neither logs nor answers contain the identifier or the password."""

    secrets_settings = ("password_migration_secrets",)
    secret_header = MIGRATION_SECRET_HEADER
    max_bytes = MAX_CHECK_BYTES
    invalid_document = InvalidPasswordCheck
    invalid_status = 403  # Kratos ends the sign-in as after a wrong password
    logger = logging.getLogger("django_ory.import")
    rejection_log = "Post to ory:password_migration rejected (project %s, status %d): %s."
    rejection_error = ("password_check_rejected", "The password was not checked.")

    def accept(self, document: Any, *, alias: str) -> HttpResponse:
        answer = answer_password_check(PasswordCheck.from_json(document, alias=alias))
        if answer is PasswordAnswer.UNAVAILABLE:
            raise RejectedPost(503, "Kratos or a hasher failed, see the log before")
        if answer is PasswordAnswer.MATCH:
            return JsonResponse({"status": "password_match"})
        return JsonResponse({"status": "no_match"}, status=403)
