"""Responses for denied requests: a redirect to the page that helps, a page that explains, or JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.http import HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext_lazy as _

from django_ory.http.json_errors import json_error
from django_ory.http.negotiation import wants_json
from django_ory.http.redirects import login_url, page_to_return_to, page_url
from django_ory.http.responses import unavailable_response
from django_ory.http.return_to import safe_return_to

from .request import get_ory
from .requirements import Verdict

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.utils.functional import _StrPromise

__all__ = ["refusal_response"]


@dataclass(frozen=True)
class Refusal:
    """``id`` as Kratos calls it, where it has a word for it."""

    status: int
    id: str
    message: str | _StrPromise


REFUSALS = {
    Verdict.SIGN_IN: Refusal(401, "session_inactive", _("Sign in to continue.")),
    Verdict.SECOND_FACTOR: Refusal(
        403, "session_aal2_required", _("Confirm with your second factor to continue.")
    ),
    Verdict.SIGN_IN_AGAIN: Refusal(403, "session_refresh_required", _("Sign in again to continue.")),
    Verdict.VERIFY_ADDRESS: Refusal(
        403, "session_verified_address_required", _("Verify your email address to continue.")
    ),
    Verdict.VERIFY_ADDRESS_FOR_USER: Refusal(
        403, "session_verified_address_required", _("Confirm your email first.")
    ),
    Verdict.REFUSE: Refusal(403, "account_refused", _("You cannot use this site with this account.")),
    Verdict.TWO_ACCOUNTS: Refusal(
        403, "two_accounts", _("You are signed in to two accounts. Sign out to continue.")
    ),
}

#: The verdicts that are explained on a page instead of a redirect.
PAGES = {
    Verdict.REFUSE: "ory/refused.html",
    Verdict.TWO_ACCOUNTS: "ory/two_accounts.html",
    Verdict.VERIFY_ADDRESS_FOR_USER: "ory/confirm_email.html",
}


def refusal_response(
    request: HttpRequest, verdict: Verdict, *, api: bool | None = None, page: str | None = None
) -> HttpResponse:
    """The response for a verdict that is not PASS. ``api``: JSON (True), pages (False), as the client prefers
    (None).

    The body of a POST is not kept: the way back leads to the page it came from.
    """
    if verdict is Verdict.UNAVAILABLE:
        return unavailable_response(request, api=api)
    as_json = wants_json(request) if api is None else api
    where = _where_to(request, verdict, page, as_json=as_json)
    response: HttpResponse
    if as_json:
        response = _json(request, REFUSALS[verdict], where)
    elif verdict in PAGES:
        get_ory(request).suppress_unavailable()
        page_text = render_to_string(PAGES[verdict], {"verification_url": where}, request)
        response = HttpResponse(page_text, status=403)
    else:
        response = HttpResponseRedirect(str(where))
        if request.method not in ("GET", "HEAD"):
            response.status_code = 303
    add_never_cache_headers(response)
    return response


def _json(request: HttpRequest, refusal: Refusal, where: str | None) -> HttpResponse:
    more = {} if where is None else {"redirect_browser_to": request.build_absolute_uri(where)}
    response = json_error(refusal.status, refusal.id, refusal.message, **more)
    if refusal.status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="ory"'  # RFC 9110 section 11.6.1 wants one
    return response


def _where_to(request: HttpRequest, verdict: Verdict, page: str | None, *, as_json: bool) -> str | None:
    if verdict in (Verdict.REFUSE, Verdict.TWO_ACCOUNTS):
        return None
    # The URL that a script called is not a page to return to; the page of the script is.
    page = page or (request.META.get("HTTP_REFERER") if as_json else page_to_return_to(request))
    alias = get_ory(request).alias
    return_to = safe_return_to(request, page, alias=alias)
    if return_to is None and not as_json:
        return_to = safe_return_to(request, request.get_full_path(), alias=alias)
    if verdict in (Verdict.VERIFY_ADDRESS, Verdict.VERIFY_ADDRESS_FOR_USER):
        return page_url(request, "ory:verification", {"return_to": return_to})
    return login_url(
        request,
        return_to=return_to,
        aal="aal2" if verdict is Verdict.SECOND_FACTOR else None,
        refresh=verdict is Verdict.SIGN_IN_AGAIN,
    )
