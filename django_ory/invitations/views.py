"""``ory:invitation_hook``: the blocking web hook of a sign-up, for invitations and for the adapter.

Off until ``INVITATION_SECRETS`` or ``WEBHOOK_SECRETS`` is set. Only the former closes the sign-up.

After 204, Kratos creates the identity. A 4xx with messages is an error of the form. Everything else, and no
answer, ends the sign-up with an error page of Kratos, so sign-up is closed while this site is down.
"""

from __future__ import annotations

import logging
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.utils import translation

from django_ory.adapter import get_adapter
from django_ory.http.server_posts import ServerPostView
from django_ory.mirror.webhooks.notifications import HOOK_SECRET_HEADER
from django_ory.validation.rejections import build_messages, find_errors
from django_ory.validation.submissions import InvalidSubmission, Submission

from .claims import claim_invitation
from .invitations import is_signup_closed
from .refusals import REFUSAL_TEXTS, Refusal


class InvitationHookView(ServerPostView):
    """Asks the adapter about a sign-up, then claims its invitation. Answers contain no traits.

    The adapter is asked first, so that a rejected sign-up does not use the invitation up.
    """

    secrets_settings = ("invitation_secrets", "webhook_secrets")
    secret_header = HOOK_SECRET_HEADER
    invalid_document = InvalidSubmission
    logger = logging.getLogger("django_ory.invitations")
    rejection_log = (
        "Post to ory:invitation_hook rejected (project %s, status %d), and the sign-up with it: %s."
    )
    rejection_error = ("signup_rejected", "The sign-up was not accepted.")

    def accept(self, document: Any, *, alias: str) -> HttpResponse:
        signup = Submission.from_json(document, alias=alias)
        errors = find_errors(signup, get_adapter(alias).validate_registration)
        if errors is not None:
            return JsonResponse(errors, status=403)
        refusal = claim_invitation(signup) if is_signup_closed(alias) else None
        if refusal is None:
            return HttpResponse(status=204)
        self.logger.info("Sign-up refused (project %s): %s.", alias, refusal.name.lower())
        return JsonResponse(_build_refusal(refusal), status=403)


def _build_refusal(refusal: Refusal) -> dict[str, Any]:
    """Return the error in the format of Kratos, about the whole form."""
    with translation.override("en"):
        return build_messages([("", str(REFUSAL_TEXTS[refusal.value]))], message_id=refusal.value)
