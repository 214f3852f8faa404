"""The session as JSON, for scripts of the site's own pages."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views import View

from django_ory.authentication.request import get_ory
from django_ory.authentication.results import SessionState
from django_ory.client.models import Session
from django_ory.http.responses import service_unavailable

__all__ = ["SessionView"]

#: Pages that a script links to.
LINKED_PAGES = ("login", "registration", "recovery", "verification", "settings", "logout")


@method_decorator(login_not_required, name="dispatch")
class SessionView(View):
    """``GET``: whether a user is signed in, the public part of the identity, and links to the pages.

    503 with ``Retry-After`` while Kratos is unavailable. Only for pages of this site: no CORS header is sent.
    """

    http_method_names = ["get", "head"]  # noqa: RUF012 (as Django declares it)

    def get(self, request: HttpRequest) -> HttpResponse:
        """The session."""
        ory = get_ory(request)
        state, session = ory.whoami.state, ory.whoami.session
        if state is SessionState.UNAVAILABLE:
            return service_unavailable(request, api=True)
        response = JsonResponse(
            {
                "authenticated": session is not None,
                "aal2_required": state is SessionState.AAL2_REQUIRED,
                "session": None if session is None else _get_public_part(session),
                "csrf_token": get_token(request),
                "links": {name: request.build_absolute_uri(reverse(f"ory:{name}")) for name in LINKED_PAGES},
            }
        )
        response["Cache-Control"] = "private, no-store"
        return response


def _get_public_part(session: Session) -> dict[str, Any]:
    """Without credentials, addresses and the administrators' metadata of the identity."""
    content = session.model_dump(
        mode="json",
        include={
            "id": True,
            "authenticator_assurance_level": True,
            "authenticated_at": True,
            "expires_at": True,
            "identity": {"id", "schema_id", "traits", "metadata_public"},
        },
    )
    content["aal"] = content.pop("authenticator_assurance_level")
    return content
