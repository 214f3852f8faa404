"""The views of the small site."""

from __future__ import annotations

import asyncio
import gc
import os
import threading
from typing import TYPE_CHECKING, Any

from asgiref.sync import iscoroutinefunction
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import include, path
from django.utils.decorators import sync_and_async_middleware
from django.views.decorators.csrf import csrf_exempt

from django_ory.adapter import OryAdapter
from django_ory.decorators import ory_session_required, ory_user_required
from django_ory.mirror.identities import delete_identity, set_identity_state
from django_ory.models import Identity

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from django_ory.client import models

WORKER = "X-Worker"


@sync_and_async_middleware
def worker_middleware(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Add the id of the process to the response."""
    if iscoroutinefunction(get_response):

        async def middleware(request: HttpRequest) -> HttpResponse:
            response: HttpResponse = await get_response(request)
            response[WORKER] = str(os.getpid())
            return response

    else:

        def middleware(request: HttpRequest) -> HttpResponse:  # type: ignore[misc]
            response: HttpResponse = get_response(request)
            response[WORKER] = str(os.getpid())
            return response

    return middleware


class IdentityIdAdapter(OryAdapter):
    """Names users by the id of their identity, so that a mix-up is visible."""

    def get_identity_label(self, identity: models.Identity) -> str:
        return identity.id


def home(request: HttpRequest) -> HttpResponse:
    """A page that does not use the session."""
    return HttpResponse("welcome")


def session(request: HttpRequest) -> HttpResponse:
    """Return the identity of the session."""
    identity = request.ory.identity  # type: ignore[attr-defined]
    return JsonResponse({"name": identity and identity.id})


async def session_async(request: HttpRequest) -> HttpResponse:
    """Async variant."""
    identity = (await request.ory).identity  # type: ignore[attr-defined]
    return JsonResponse({"name": identity and identity.id})


def user(request: HttpRequest) -> HttpResponse:
    """Return the name of the Django user, which is the identity id."""
    return JsonResponse({"name": request.user.get_username() or None})


async def user_async(request: HttpRequest) -> HttpResponse:
    """Async variant."""
    return JsonResponse({"name": (await request.auser()).get_username() or None})


async def slow(request: HttpRequest) -> HttpResponse:
    """A slow page: clients may close the connection before the response."""
    person = await request.auser()
    await asyncio.sleep(0.5)
    return JsonResponse({"name": person.get_username() or None})


def state(request: HttpRequest) -> HttpResponse:
    """Return threads and open files of this process, after a garbage collection."""
    gc.collect()
    names = [thread.name for thread in threading.enumerate()]
    pool = sum(name.startswith("django_ory") for name in names)  # idle threads, kept for later requests
    files = len(os.listdir("/proc/self/fd"))
    return JsonResponse({"pool": pool, "threads": len(names) - pool, "files": files})


def staff(request: HttpRequest, action: str, identity_id: UUID) -> HttpResponse:
    """Change or delete an identity, like staff in the admin."""
    if action == "delete":
        delete_identity("default", str(identity_id))
    else:
        set_identity_state("default", str(identity_id), Identity.State(action))
    return HttpResponse("done")


urlpatterns = [
    path("", home),
    path("session/", session),
    path("session/async/", session_async),
    path("user/", user),
    path("user/async/", user_async),
    path("login-required/", login_required(user)),
    path("login-required/async/", login_required(user_async)),
    path("members/", ory_session_required(user)),
    path("members/async/", ory_session_required(user_async)),
    path("aal2/", ory_session_required(aal="aal2")(session)),
    path("aal2/async/", ory_session_required(aal="aal2")(session_async)),
    path("api/", ory_user_required(api=True)(user)),
    path("api/async/", ory_user_required(api=True)(user_async)),
    path("post/", csrf_exempt(user)),
    path("post/async/", csrf_exempt(user_async)),
    path("slow/", slow),
    path("state/", state),
    path("staff/<str:action>/<uuid:identity_id>/", csrf_exempt(staff)),
    path("auth/", include("django_ory.urls")),
]
