"""The page on which a signed-in Django user signs in again, for ``prompt=login`` and ``max_age``.

It has a form of its own, because sign-in pages of other apps redirect users who are signed in. A user without
a password or with a second factor signs out and uses the site's sign-in page, so both ways end with a new
login that has all factors.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth import authenticate, login, logout
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import get_script_prefix
from django.utils.translation import gettext as _

from django_ory.adapter import get_adapter
from django_ory.authentication.request import get_ory
from django_ory.conf import PerAlias, get_settings
from django_ory.http.redirects import read_return_to
from django_ory.http.responses import HttpResponseSeeOther
from django_ory.http.views import PageView
from django_ory.provider.audit import record_event
from django_ory.provider.browser_login import get_django_user
from django_ory.resilience.attempt_throttle import AttemptThrottle
from django_ory.resilience.fail_safe_cache import FailSafeCache

MAX_PASSWORD_LENGTH = 4_096
MAX_ATTEMPTS_PER_USER = 10
CONFIRM_ATTEMPT_SECONDS = 10 * 60


@PerAlias
def get_throttle(alias: str) -> AttemptThrottle:
    """Return the throttle of the passwords for one user."""
    cache = FailSafeCache(get_settings(alias).session_cache_alias)
    return AttemptThrottle(
        cache, name="confirm login", limit=MAX_ATTEMPTS_PER_USER, seconds=CONFIRM_ATTEMPT_SECONDS
    )


class ConfirmLoginView(PageView):
    """A form for the password. ``next``: the page of the provider to return to."""

    http_method_names = ["get", "post"]  # noqa: RUF012 (as Django declares it)

    def handle(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Let anonymous users sign in at the site's sign-in page instead."""
        self.alias = get_ory(request).alias
        if get_settings(self.alias).oauth2_accounts != "django":
            raise Http404('OAUTH2_ACCOUNTS is not "django": users sign in with Kratos.')
        self.return_to = read_return_to(request, alias=self.alias) or get_script_prefix()
        self.user = get_django_user(request)
        if self.user is None:
            return redirect_to_login(self.return_to)
        aal, _methods = get_adapter(self.alias).get_user_assurance(request, self.user)
        self.accepts_password = aal == "aal1" and self.user.has_usable_password()
        return super().handle(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the form."""
        return self._render_form()

    def post(self, request: HttpRequest) -> HttpResponse:
        """Sign the user in again, or sign the user out for another sign-in."""
        if "other" in request.POST:
            logout(request)
            return redirect_to_login(self.return_to)
        if not self.accepts_password:
            return self._render_form()
        password = request.POST.get("password", "")
        if not password or len(password) > MAX_PASSWORD_LENGTH or "\0" in password:  # old bcrypt raises
            return self._render_form(error=_("Enter your password."))
        if not get_throttle(self.alias).take(self.alias, str(self.user.pk)):
            record_event("throttle.exceeded", alias=self.alias, request=request, user=self.user)
            return self._render_form(error=_("Too many attempts. Wait a few minutes, then try again."))
        user = authenticate(request, username=self.user.get_username(), password=password)
        if user is None or user.pk != self.user.pk:
            return self._render_form(error=_("The password is wrong. Try again."))
        request.session.cycle_key()  # login() keeps the key, which another browser may know
        login(request, user)
        return HttpResponseSeeOther(self.return_to)

    def _render_form(self, *, error: str = "") -> HttpResponse:
        attrs = {"autocomplete": "current-password", "required": True}
        context = {
            "account": self.user.get_username(),
            "has_password": self.accepts_password,
            "errors": [{"text": error, "target": "ory-password"}] if error else [],
            "messages": [{"text": error, "level": "error"}] if error else [],
            "attrs": attrs if error else {**attrs, "autofocus": True},  # an error summary takes the focus
            "return_to": self.return_to,
        }
        page = "ory/provider/confirm_login.html"
        return render(self.request, page, context, status=400 if error else 200)
