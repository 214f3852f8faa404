"""Sign-out: Kratos' session, cached sessions, the Django session, and Hydra's sessions.

Everything is finished on the server. The browser has nothing to visit.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from contextlib import suppress
from uuid import UUID

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import get_script_prefix

from django_ory.adapter import get_adapter
from django_ory.client import (
    OryDecodeError,
    OryError,
    OryForbidden,
    OryNotFound,
    OryUnauthorized,
    OryUsageError,
)
from django_ory.clients import get_client
from django_ory.conf import DEFAULT_ALIAS, get_settings
from django_ory.http.redirects import safe_return_to
from django_ory.http.responses import HttpResponseSeeOther, outage_response
from django_ory.tokens.introspection_cache import invalidate_tokens

from .hydra_sessions import end_recorded_sessions
from .invalidation import invalidate_current_session, invalidate_identity
from .request import OryRequest, get_ory

__all__ = ["end_hydra_sessions", "end_session", "end_sessions", "logout_response"]

SUBMIT = "GET /self-service/logout"

Failures = dict[str, OryError | OryUsageError | None]


def end_session(request: HttpRequest) -> None:
    """End the session of this request: in Kratos, in the cache, and in Django.

    Kratos' session cookie is deleted by the response, to which ``OryMiddleware`` adds the line of Kratos. All
    calls together take at most one ``TIMEOUT``.

    Raises OryError if Kratos did not end its session, so that the user is still signed in on this device. The
    cached session and the Django session have ended even then.
    """
    ory = get_ory(request)
    ory.suppress_unavailable()
    # Load the user for the signal user_logged_out. An ended session does not have one any more.
    getattr(getattr(request, "user", None), "is_authenticated", False)
    try:
        _end_kratos_session(ory)
    finally:
        invalidate_current_session(request)
        if hasattr(request, "session"):
            logout(request)
    ory.set_anonymous()


def logout_response(request: HttpRequest, *, return_to: str | None = None) -> HttpResponse:
    """End the session of this request and redirect.

    Args:
        request: a POST with a valid CSRF token.
        return_to: must have passed ``safe_return_to``. By default the page of the adapter, then the site's
            root.

    Returns:
        A redirect, or a 503 with a form to try again if Kratos did not end its session.

    """
    ory = get_ory(request)
    try:
        end_session(request)
    except OryError as error:
        response = outage_response(request, error, alias=ory.alias)
        if response.headers["Content-Type"].startswith("text/html"):
            page = "ory/selfservice/not_signed_out.html"
            response.content = render_to_string(page, {"return_to": return_to}, request)
        return response
    if return_to is None:
        url = get_adapter(ory.alias).get_success_url(request, flow_name="logout")
        return_to = safe_return_to(request, url, alias=ory.alias)
    return HttpResponseSeeOther(return_to or get_script_prefix())


def end_sessions(identity_id: UUID | str, *, alias: str = DEFAULT_ALIAS, kratos: bool = True) -> Failures:
    """End every session of an identity: in Kratos, in Hydra with its consents and tokens, and in the cache.

    Args:
        identity_id: the id in Kratos.
        alias: the key in ``settings.ORY``.
        kratos: False if the identity was deleted, which ends its sessions in Kratos.

    Returns:
        The steps that failed with their errors: ``"kratos"``, ``"hydra_logins"``, ``"hydra_consents"``, and
        ``"cache"`` with None. Each step is tried, also after another one failed.

    """
    key = str(identity_id)
    failures: Failures = {}
    if kratos:
        failures |= _try({"kratos": lambda: get_client(alias).admin_delete_identity_sessions(key)})
    if get_settings(alias).hydra_admin_url:
        failures |= end_hydra_sessions(get_adapter(alias).get_subject(key), alias=alias)
    if not invalidate_identity(key, alias=alias):
        failures["cache"] = None
    return failures


def end_hydra_sessions(subject: str, *, alias: str = DEFAULT_ALIAS, consents: bool = True) -> Failures:
    """End Hydra's login sessions and consents of a subject, and revoke the tokens issued from them.

    ``consents``: False to end only the login sessions.

    Returns the steps that failed, as ``end_sessions`` does.
    """
    client = get_client(alias)
    error = end_recorded_sessions(alias=alias, subject=subject)  # first: Hydra notifies the clients by sid
    failures: Failures = {} if error is None else {"hydra_logins": error}
    failures |= _try({"hydra_logins": lambda: client.admin_revoke_o_auth2_login_sessions(subject=subject)})
    if not consents:
        return failures
    revoke = client.admin_revoke_o_auth2_consent_sessions
    failures |= _try({"hydra_consents": lambda: revoke(subject=subject, all=True)})
    invalidate_tokens(alias=alias, subject=subject)
    return failures


def _try(steps: dict[str, Callable[[], object]]) -> Failures:
    failures: Failures = {}
    for step, call in steps.items():
        try:
            call()
        except OryNotFound:
            continue  # there was nothing to end
        except (OryError, OryUsageError) as error:
            failures[step] = error
    return failures


def _end_kratos_session(ory: OryRequest) -> None:
    credential, settings = ory.credential, get_settings(ory.alias)
    if credential is None or not settings.kratos_public_url:
        return
    started, spent = time.perf_counter(), ory.seconds
    try:
        if credential.kind == "token":
            with suppress(OryForbidden):  # the session has ended already
                body = {"session_token": credential.value}
                ory.client.submit_self_service_logout_flow_without_browser(body=body)
            return
        cookie = credential.value
        with suppress(OryUnauthorized):  # the session has ended already
            flow = ory.client.create_self_service_logout_flow_url_for_browsers(cookie=cookie)
            ory.seconds = spent + time.perf_counter() - started
            info = ory.client.with_http_info.submit_self_service_logout_flow(
                token=flow.logout_token, cookie=cookie
            )
            # A new CSRF cookie is not relayed: it would break the forms that are open in the browser.
            names = re.compile(settings.session_cookie_pattern)
            ory.set_cookies = tuple(
                line for line in info.set_cookies if names.fullmatch(line.partition("=")[0])
            )
            if not ory.set_cookies:  # a page of another server, or a redirect to Kratos' error page
                raise OryDecodeError("the session cookie was not deleted", operation=SUBMIT)
    finally:
        ory.seconds = spent + time.perf_counter() - started
