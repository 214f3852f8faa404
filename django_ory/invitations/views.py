"""``ory:invitation_hook``: the blocking web hook of a sign-up. Off until ``INVITATION_SECRETS`` is set.

After 204, Kratos creates the identity. A 4xx with messages is an error of the form. Everything else, and no
answer, ends the sign-up with an error page of Kratos, so sign-up is closed while this site is down.
"""

from __future__ import annotations

import logging

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import translation
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_variables

from django_ory.conf import aliases, get_settings
from django_ory.http.responses import json_error
from django_ory.http.server_posts import RejectedPost, check_secret, read_json
from django_ory.resilience.log_throttle import throttled_log

from .claims import claim_invitation
from .refusals import REFUSAL_TEXTS, Refusal
from .signups import HOOK_SECRET_HEADER, InvalidSignUp, SignUp

logger = logging.getLogger("django_ory.invitations")


@method_decorator([never_cache, login_not_required, csrf_exempt, sensitive_variables()], name="dispatch")
class InvitationHookView(View):
    """Claims the invitation of one sign-up. Answers contain no traits."""

    http_method_names = ["post"]  # noqa: RUF012 (as Django declares it)

    def post(self, request: HttpRequest, alias: str) -> HttpResponse:
        accepted = get_settings(alias).invitation_secrets if alias in aliases() else []
        if not accepted:
            raise Http404
        try:
            check_secret(request, header=HOOK_SECRET_HEADER, secrets=accepted)
            signup = SignUp.from_json(read_json(request), alias=alias)
        except RejectedPost as error:
            return _reject(alias, error.status, str(error))
        except InvalidSignUp as error:
            return _reject(alias, 422, str(error))
        refusal = claim_invitation(signup)
        if refusal is None:
            return HttpResponse(status=204)
        logger.info("Sign-up refused (project %s): %s.", alias, refusal.name.lower())
        return JsonResponse(_build_messages(refusal), status=403)


def _build_messages(refusal: Refusal) -> dict[str, object]:
    """Return the error in the format of Kratos, about the whole form."""
    with translation.override("en"):
        text = str(REFUSAL_TEXTS[refusal.value])
    message: dict[str, object] = {"id": refusal.value, "text": text, "type": "error", "context": {}}
    return {"messages": [{"instance_ptr": "#/", "messages": [message]}]}


def _reject(alias: str, status: int, reason: str) -> HttpResponse:
    throttled_log.warn(
        logger,
        ("invitation hook", alias, status, reason),
        "Post to ory:invitation_hook rejected (project %s, status %d), and the sign-up with it: %s.",
        alias,
        status,
        reason,
    )
    return json_error(status, "signup_rejected", "The sign-up was not accepted.")
