"""The page that signs out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render

from django_ory.authentication.logout import logout_response
from django_ory.authentication.request import get_ory
from django_ory.http.redirects import read_return_to
from django_ory.http.views import PageView

from .known_user import forget_user

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

__all__ = ["SelfServiceLogoutView"]


class SelfServiceLogoutView(PageView):
    """GET asks for a confirmation. POST ends the session."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return_to = read_return_to(request, alias=get_ory(request).alias)
        return render(request, "ory/selfservice/logout.html", {"return_to": return_to})

    def post(self, request: HttpRequest) -> HttpResponse:
        response = logout_response(request, return_to=read_return_to(request, alias=get_ory(request).alias))
        forget_user(request, response)
        return response
