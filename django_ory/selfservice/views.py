"""HTTP in, HTTP out: each view asks ``flows`` what to do and turns the answer into a response."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponseRedirect
from django.views.decorators.cache import never_cache

from ..conf import get_settings

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


def _start(kind: str) -> HttpResponse:
    response = HttpResponseRedirect(f"{get_settings().kratos_browser_url}/self-service/{kind}/browser")
    response.status_code = 303
    return response


@never_cache
@login_not_required
def login(request: HttpRequest) -> HttpResponse:
    return _start("login")


@never_cache
@login_not_required
def registration(request: HttpRequest) -> HttpResponse:
    return _start("registration")


@never_cache
@login_not_required
def recovery(request: HttpRequest) -> HttpResponse:
    return _start("recovery")


@never_cache
@login_not_required
def verification(request: HttpRequest) -> HttpResponse:
    return _start("verification")


@never_cache
@login_not_required
def settings(request: HttpRequest) -> HttpResponse:
    return _start("settings")


@never_cache
@login_not_required
def error(request: HttpRequest) -> HttpResponse:
    return _start("login")


@never_cache
@login_not_required
def logout(request: HttpRequest) -> HttpResponse:
    return _start("login")
