"""``ory:settings_hook``: the blocking web hook of a changed profile. Off until ``WEBHOOK_SECRETS`` is set."""

from __future__ import annotations

import logging
from typing import Any

from django.http import HttpResponse, JsonResponse

from django_ory.adapter import get_adapter
from django_ory.http.server_posts import ServerPostView
from django_ory.mirror.webhooks.notifications import HOOK_SECRET_HEADER

from .rejections import find_errors
from .submissions import InvalidSubmission, Submission


class SettingsHookView(ServerPostView):
    """Asks ``OryAdapter.validate_settings``. After 204, Kratos stores the profile. Answers have no traits."""

    secrets_settings = ("webhook_secrets",)
    secret_header = HOOK_SECRET_HEADER
    invalid_document = InvalidSubmission
    logger = logging.getLogger("django_ory.validation")
    rejection_log = "Post to ory:settings_hook rejected (project %s, status %d), and the change with it: %s."
    rejection_error = ("settings_rejected", "The change was not accepted.")

    def accept(self, document: Any, *, alias: str) -> HttpResponse:
        submission = Submission.from_json(document, alias=alias)
        errors = find_errors(submission, get_adapter(alias).validate_settings)
        return HttpResponse(status=204) if errors is None else JsonResponse(errors, status=403)
