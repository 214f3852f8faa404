"""The pages of the app, and views that use the session and the user in all ways."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from asgiref.sync import markcoroutinefunction
from django.contrib import admin
from django.contrib.auth.decorators import login_not_required, login_required, permission_required
from django.contrib.auth.mixins import LoginRequiredMixin, UserPassesTestMixin
from django.http import Http404, HttpResponse, JsonResponse, StreamingHttpResponse
from django.urls import include, path
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from django_ory.decorators import ory_session_required, ory_user_required
from django_ory.mixins import OrySessionRequiredMixin, OryUserRequiredMixin

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase


@login_not_required
def public(request: HttpRequest) -> HttpResponse:
    """Use neither the session nor the user."""
    return HttpResponse("public")


@csrf_exempt
@login_not_required
def report(request: HttpRequest) -> JsonResponse:
    """Return the state of request.ory and request.user."""
    ory = request.ory  # type: ignore[attr-defined]
    return JsonResponse(
        {
            "user": str(request.user.pk) if request.user.is_authenticated else None,
            "identity": ory.identity.id if ory.identity else None,
            "is_authenticated": ory.is_authenticated,
            "aal": ory.aal,
            "aal2_required": ory.aal2_required,
            "authenticated_at": ory.authenticated_at,
            "unavailable": ory.unavailable,
            "stale": ory.whoami.stale,
            "alias": ory.alias,
        }
    )


@csrf_exempt
@login_not_required
def user_id(request: HttpRequest) -> HttpResponse:
    """Return the key of the user. Does not use request.ory."""
    return HttpResponse(str(request.user.pk))


@login_not_required
def greeting(request: HttpRequest) -> HttpResponse:
    """Use ``is_authenticated``, like templates."""
    return HttpResponse(str(request.user.is_authenticated))


async def members_async(request: HttpRequest) -> HttpResponse:
    return HttpResponse("in")


def members(request: HttpRequest) -> HttpResponse:
    return HttpResponse("in")


class UserMiddleware:
    """Async middleware that uses the user."""

    async_capable = True
    sync_capable = False

    def __init__(self, get_response: Callable[[HttpRequest], Awaitable[HttpResponseBase]]) -> None:
        self.get_response = get_response
        markcoroutinefunction(self)

    async def __call__(self, request: HttpRequest) -> HttpResponseBase:
        await request.auser()
        return await self.get_response(request)


@login_not_required
async def areport(request: HttpRequest) -> JsonResponse:
    """Async variant of ``report``."""
    ory = await request.ory  # type: ignore[attr-defined]
    user = await request.auser()
    return JsonResponse(
        {
            "user": str(user.pk) if user.is_authenticated else None,
            "same": user == request.user,
            "identity": ory.identity.id if ory.identity else None,
            "aal": ory.aal,
            "unavailable": ory.unavailable,
        }
    )


@login_not_required
async def writes_async(request: HttpRequest) -> HttpResponse:
    """Mark the session as modified without reading it."""
    ory = await request.ory  # type: ignore[attr-defined]
    request.session.modified = True
    return HttpResponse(str(ory.is_authenticated))


@login_not_required
def stream(request: HttpRequest) -> StreamingHttpResponse:
    content = str(request.ory.is_authenticated)  # type: ignore[attr-defined]
    return StreamingHttpResponse(iter([content.encode()]))


@login_not_required
def crash(request: HttpRequest) -> HttpResponse:
    raise RuntimeError(request.ory.is_authenticated)  # type: ignore[attr-defined]


@login_not_required
def missing(request: HttpRequest) -> HttpResponse:
    raise Http404(request.ory.is_authenticated)  # type: ignore[attr-defined]


@login_not_required
def guarded(request: HttpRequest) -> HttpResponse:
    return HttpResponse("in")


@login_not_required
async def aguarded(request: HttpRequest) -> HttpResponse:
    return HttpResponse("in")


class Guarded(OrySessionRequiredMixin, View):
    ory_aal = "aal2"

    def get(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse("in")

    post = get


class AsyncGuarded(OryUserRequiredMixin, View):
    async def get(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse("in")


class Members(LoginRequiredMixin, View):
    def get(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse("in")


class Staff(UserPassesTestMixin, View):
    def test_func(self) -> bool:
        return bool(self.request.user.is_authenticated and self.request.user.is_staff)

    def get(self, request: HttpRequest) -> HttpResponseBase:
        return HttpResponse("in")


TEN_MINUTES = timedelta(minutes=10)

#: path -> view with a requirement. The response of each view is "in".
PROTECTED_ROUTES: dict[str, Callable[..., Any]] = {
    "session/": ory_session_required(guarded),
    "session-empty/": ory_session_required()(guarded),
    "session-async/": ory_session_required(aguarded),
    "api/": ory_session_required(api=True)(guarded),
    "pages/": ory_session_required(api=False)(guarded),
    "user/": ory_user_required(guarded),
    "user-async/": ory_user_required(aguarded),
    "aal2/": ory_session_required(aal="aal2")(guarded),
    "aal2-async/": ory_session_required(aal="aal2")(aguarded),
    "fresh/": ory_session_required(max_age=TEN_MINUTES)(guarded),
    "verified/": ory_session_required(verified=True)(guarded),
    "everything/": ory_user_required(aal="aal2", max_age=TEN_MINUTES, verified=True)(guarded),
    "mixin/": login_not_required(Guarded.as_view()),
    "mixin-async/": login_not_required(AsyncGuarded.as_view()),
    "django-login/": login_required(guarded),
    "django-permission/": permission_required("auth.add_group")(guarded),
    "django-mixin/": Members.as_view(),
    "django-test/": Staff.as_view(),
}

urlpatterns = [
    path("auth/", include("django_ory.urls")),
    path("admin/", admin.site.urls),
    path("public/", public),
    path("report/", report),
    path("user-id/", user_id),
    path("public-greeting/", greeting),
    path("members/", members),
    path("members-async/", members_async),
    path("report-async/", areport),
    path("writes-async/", writes_async),
    path("stream/", stream),
    path("crash/", crash),
    path("missing/", missing),
    *(path(route, view) for route, view in PROTECTED_ROUTES.items()),
]
