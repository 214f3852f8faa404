"""The admin, and views with and without the user."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt

from django_ory.decorators import ory_session_required

from .models import Note


def plain(request: HttpRequest) -> HttpResponse:
    return HttpResponse("plain")


@csrf_exempt
def write(request: HttpRequest) -> HttpResponse:
    Note._default_manager.create(text="written")
    return HttpResponse("written")


def name(request: HttpRequest) -> HttpResponse:
    return HttpResponse(str(request.user.pk))


urlpatterns = [
    path("plain/", plain),
    path("write/", write),
    path("name/", login_required(name)),
    path("session/", ory_session_required(name)),
    path("hijack/", include("hijack.urls")),
    path("auth/", include("django_ory.urls")),
    path("admin/", admin.site.urls),
]
