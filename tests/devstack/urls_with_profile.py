"""The URLs of a project that has the page which Django's LOGIN_REDIRECT_URL names by default."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path

from tests import urls


def profile(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("profile")


urlpatterns = [*urls.urlpatterns, path("accounts/profile/", profile)]
