"""The pages on which a Django user signs in, signs in again or gives a second factor."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.shortcuts import resolve_url
from django.urls import reverse

from django_ory.adapter import OryAdapter
from django_ory.http.redirects import LOGIN_HINT_PARAMETER

from .decisions.outcomes import RequireLogin


def build_django_login_url(
    step: RequireLogin, *, return_path: str, user: Any, adapter: OryAdapter, login_hint: str = ""
) -> str:
    """Build the URL of the page for a step, with the way back as ``next``.

    Args:
        step: The step. Django has no page of its own for a sign-up.
        return_path: The path and the query of the page to return to.
        user: The signed-in user, or None.
        adapter: The adapter of the Ory project.
        login_hint: The identifier with which the user may sign in, for pages that know this parameter.
    """
    if user is not None and step.aal:
        url = adapter.get_second_factor_url(user)
    elif user is not None and step.refresh:
        url = reverse("ory:oauth2_confirm_login")
    else:
        url = resolve_url(settings.LOGIN_URL)
        if login_hint:
            url += ("&" if "?" in url else "?") + urlencode({LOGIN_HINT_PARAMETER: login_hint})
    return redirect_to_login(return_path, url).url
