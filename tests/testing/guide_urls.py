"""Views for the tests of ``FakeOry``, with and without a session, and an API."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.urls import include, path

from django_ory.decorators import oauth2_required, ory_session_required

if TYPE_CHECKING:
    from django.http import HttpRequest


@ory_session_required
def profile(request: HttpRequest) -> HttpResponse:
    """For signed-in users."""
    return HttpResponse("profile")


@ory_session_required(aal="aal2", max_age=timedelta(minutes=10))
def payout(request: HttpRequest) -> HttpResponse:
    """For users with a second factor and a recent sign-in."""
    return HttpResponse("payout")


@oauth2_required(scopes=["loans.read"])
def loans(request: HttpRequest) -> HttpResponse:
    return HttpResponse(str(request.user))


urlpatterns = [
    path("api/loans/", loans),
    path("profile/", profile),
    path("payout/", payout),
    path("auth/", include("django_ory.urls")),
]
