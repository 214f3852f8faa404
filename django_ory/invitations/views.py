"""``ory:invitation_hook``: the blocking web hook of a sign-up. Off until ``INVITATION_SECRETS`` is set.

After 204, Kratos creates the identity. A 4xx with messages is an error of the form. Everything else, and no
answer, ends the sign-up with an error page of Kratos, so sign-up is closed while this site is down.
"""

from __future__ import annotations

import logging
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.utils import translation

from django_ory.http.server_posts import RejectedPost, ServerPostView
from django_ory.mirror.webhooks.notifications import HOOK_SECRET_HEADER

from .claims import claim_invitation
from .refusals import REFUSAL_TEXTS, Refusal
from .signups import InvalidSignUp, SignUp


class InvitationHookView(ServerPostView):
    """Claims the invitation of one sign-up. Answers contain no traits."""

    secrets_setting = "invitation_secrets"
    secret_header = HOOK_SECRET_HEADER
    logger = logging.getLogger("django_ory.invitations")
    rejection_log = (
        "Post to ory:invitation_hook rejected (project %s, status %d), and the sign-up with it: %s."
    )
    rejection_error = ("signup_rejected", "The sign-up was not accepted.")

    def accept(self, document: Any, *, alias: str) -> HttpResponse:
        try:
            signup = SignUp.from_json(document, alias=alias)
        except InvalidSignUp as error:
            raise RejectedPost(422, str(error)) from error
        refusal = claim_invitation(signup)
        if refusal is None:
            return HttpResponse(status=204)
        self.logger.info("Sign-up refused (project %s): %s.", alias, refusal.name.lower())
        return JsonResponse(_build_messages(refusal), status=403)


def _build_messages(refusal: Refusal) -> dict[str, object]:
    """Return the error in the format of Kratos, about the whole form."""
    with translation.override("en"):
        text = str(REFUSAL_TEXTS[refusal.value])
    message: dict[str, object] = {"id": refusal.value, "text": text, "type": "error", "context": {}}
    return {"messages": [{"instance_ptr": "#/", "messages": [message]}]}
